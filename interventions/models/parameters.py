"""Constructor parameters as scikit-learn reads and writes them, without importing it."""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from interventions.models.errors import WrongInput


class Parameters:
    """`get_params`, `set_params` and a readable `repr`, from the signature of the constructor.

    The constructor stores each parameter under its own name and does nothing else; what an estimator learns or opens
    later lives in other attributes. scikit-learn's ``clone``, pipelines and searches work by that alone.
    """

    _indecisive: ClassVar[tuple[str, ...]] = ("threads", "n_jobs", "verbose", "device")
    """Parameters that change no verdict, only where and how fast it is reached."""

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters. `deep` is there for scikit-learn; no parameter is an estimator."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Change parameters.

        Raises:
            WrongInput: for a name the constructor does not take; nothing is changed then.
        """
        names = self._parameter_names()
        for name in params:
            if name not in names:
                takes = ", ".join(names) or "none"
                raise WrongInput(f"{type(self).__name__} has no parameter {name!r}; it takes: {takes}")
        for name, value in params.items():
            setattr(self, name, value)
        self._parameters_changed()
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self)).parameters
        changed = [f"{n}={v!r}" for n, v in self.get_params().items() if v is not defaults[n].default]
        return f"{type(self).__name__}({', '.join(changed)})"

    @classmethod
    def _parameter_names(cls) -> tuple[str, ...]:
        return tuple(inspect.signature(cls).parameters)

    def _parameters_changed(self) -> None:
        """Called after `set_params`; for estimators that keep something open which depends on them."""

    def _saved_parameters(self) -> dict[str, Any]:
        """The parameters as ``model.json`` holds them.

        Raises:
            WrongInput: when one is not plain data.
        """
        try:
            saved: dict[str, Any] = json.loads(json.dumps(self.get_params(), allow_nan=False))
        except (TypeError, ValueError) as error:
            raise WrongInput(f"a parameter of {self!r} cannot be saved: {error}", "use plain values") from error
        return saved

    def _decisive_parameters(self) -> dict[str, Any]:
        return {name: value for name, value in self._saved_parameters().items() if name not in self._indecisive}

    @classmethod
    def _with_saved(cls, saved: Mapping[str, Any]) -> Self:
        """A new estimator with parameters from ``model.json``, where tuples have become lists.

        Raises:
            WrongInput: for a name the constructor does not take.
        """
        params = inspect.signature(cls).parameters
        fresh = cls()
        return fresh.set_params(
            **{
                name: tuple(value) if isinstance(value, list) and _prefers_tuple(params.get(name)) else value
                for name, value in saved.items()
            }
        )


def _prefers_tuple(parameter: inspect.Parameter | None) -> bool:
    return parameter is not None and isinstance(parameter.default, tuple)
