"""From the `model` parameter to an open language model; classifiers that name the same one share it."""

from __future__ import annotations

from threading import Lock
from typing import Any
from weakref import WeakValueDictionary

from interventions.models.bloom.language_model import LanguageModel

_open: WeakValueDictionary[tuple[Any, ...], LanguageModel] = WeakValueDictionary()
_opening = Lock()


def is_remote(model: str) -> bool:
    """Whether `model` is the address of an endpoint, not a path."""
    return model.startswith(("http://", "https://"))


def open_language_model(model: str, dtype: str = "float32", device_map: Any = None, context: int = 0) -> LanguageModel:
    """The language model at the address or path `model`; the one already open, while anybody still holds it.

    Raises:
        ModelFault: it cannot be opened.
    """
    key = (model, dtype, repr(device_map), context)
    with _opening:
        opened = _open.get(key)
        if opened is None:
            opened = _open[key] = _opened(model, dtype, device_map, context)
        return opened


def _opened(model: str, dtype: str, device_map: Any, context: int) -> LanguageModel:
    # Not above: an endpoint needs no torch here, and a model of this machine needs no client.
    if is_remote(model):
        from interventions.models.bloom.remote import RemoteLanguageModel

        return RemoteLanguageModel(model)
    from interventions.models.bloom.local import LocalLanguageModel

    return LocalLanguageModel(model, dtype, device_map, context=context)
