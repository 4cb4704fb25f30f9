"""Typed parameters of an intervention: declared once, checked on every set, drawn as a form by the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar, cast

T = TypeVar("T")
Kind = Literal["number", "integer", "flag", "text", "choice", "list", "model"]


class ParameterError(ValueError):
    """A parameter was given a value it does not take. The message says which, and what it takes."""


@dataclass(frozen=True)
class Parameter:
    """A parameter as a form needs it."""

    name: str
    kind: Kind
    default: Any
    help: str = ""
    ge: float | None = None
    le: float | None = None
    choices: tuple[str, ...] = ()

    def check(self, value: Any) -> Any:
        """`value` in this parameter's type.

        Raises:
            ParameterError: when it is of another type, out of range, or not one of the choices.
        """
        match self.kind:
            case "flag":
                if not isinstance(value, bool):
                    raise self._wrong(value, "true or false")
            case "number" | "integer":
                value = self._number(value)
            case "text" | "model":
                if not isinstance(value, str):
                    raise self._wrong(value, "text")
            case "choice":
                if value not in self.choices:
                    raise self._wrong(value, "one of " + ", ".join(self.choices))
            case "list":
                value = self._list(value)
        return value

    def _number(self, value: Any) -> int | float:
        whole = self.kind == "integer"
        if isinstance(value, bool) or not isinstance(value, int | float) or (whole and value != int(value)):
            raise self._wrong(value, "a whole number" if whole else "a number")
        if (self.ge is not None and value < self.ge) or (self.le is not None and value > self.le):
            raise self._wrong(value, f"a number {self._range()}")
        return int(value) if whole else float(value)

    def _range(self) -> str:
        if self.ge is not None and self.le is not None:
            return f"from {self.ge:g} to {self.le:g}"
        return f"of at least {self.ge:g}" if self.ge is not None else f"of at most {self.le:g}"

    def _list(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, Sequence):
            raise self._wrong(value, "a list of texts")
        unknown = [item for item in value if not isinstance(item, str) or (self.choices and item not in self.choices)]
        if unknown:
            raise self._wrong(unknown, "a list drawn from " + (", ".join(self.choices) or "texts"))
        return tuple(value)

    def _wrong(self, value: Any, wanted: str) -> ParameterError:
        return ParameterError(f"parameter {self.name!r} takes {wanted}, not {value!r}")


class param(Generic[T]):
    """Declares a parameter in the body of an Intervention::

        threshold = param(0.5, ge=0, le=1, help="cover from this score on")
        style = param("solid", choices=("solid", "blur"))
        judge = param("hatesonar", kind="model")

    Reading it on an instance gives the current value; for ``kind="model"`` it gives the loaded model.
    """

    def __init__(
        self,
        default: T,
        *,
        kind: Kind | None = None,
        ge: float | None = None,
        le: float | None = None,
        choices: Sequence[str] = (),
        help: str = "",
    ) -> None:
        self.default = tuple(default) if isinstance(default, list) else default
        self.kind = kind or _kind_of(default, choices)
        self.ge, self.le, self.choices, self.help = ge, le, tuple(choices), help
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name
        self.declared().check(self.default)

    def declared(self) -> Parameter:
        return Parameter(self.name, self.kind, self.default, self.help, self.ge, self.le, self.choices)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        if self.kind == "model":
            return instance.model(self.name)
        return instance.__dict__.get("_values", {}).get(self.name, self.default)

    def __set__(self, instance: Any, value: T) -> None:
        values = cast("dict[str, Any]", instance.__dict__.setdefault("_values", {}))
        values[self.name] = self.declared().check(value)


def _kind_of(default: Any, choices: Sequence[str]) -> Kind:
    if isinstance(default, bool):
        return "flag"
    if isinstance(default, int):
        return "integer"
    if isinstance(default, float):
        return "number"
    if isinstance(default, list | tuple):
        return "list"
    return "choice" if choices else "text"
