"""Arrays as safetensors: numbers with names, shapes and types, and nothing that could run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interventions.models.errors import WeightsBroken, WeightsMissing


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """`arrays` as the content of a ``.safetensors`` file; equal bytes for equal arrays."""
    from safetensors.numpy import save

    packed: bytes = save({name: np.ascontiguousarray(array) for name, array in arrays.items()})
    return packed


def unpack(path: Path, *names: str) -> dict[str, NDArray[Any]]:
    """The arrays in the file `path`; with `names`, it must hold those.

    Raises:
        WeightsMissing, WeightsBroken
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        arrays: dict[str, NDArray[Any]] = load(path.read_bytes())
    except OSError as error:
        raise WeightsMissing(
            f"cannot read the model file {path}: {error.strerror or error}", "save the model again"
        ) from error
    except SafetensorError as error:
        raise WeightsBroken(f"the model file {path} is not safetensors: {error}", "save the model again") from error
    absent = [name for name in names if name not in arrays]
    if absent:
        raise WeightsBroken(f"the model file {path} has no array {absent[0]!r}", "save the model again")
    return arrays
