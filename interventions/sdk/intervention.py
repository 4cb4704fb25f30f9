"""The base class of every intervention, and how the engine finds out what one can do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Literal

from interventions.sdk.actions import Action, Answer
from interventions.sdk.flow import Flow
from interventions.sdk.models import Judge
from interventions.sdk.params import Parameter, ParameterError, param
from interventions.sdk.scene import App, Line, Match, Region, Scene, Scroll, Widget

Reaction = Iterable[Action] | None

HANDLERS: Mapping[str, str] = {
    "on_app": "the app in the foreground changed",
    "on_text": "the lines of text on the screen",
    "on_region": "the pictures on the screen",
    "on_widget": "the nodes of the UI tree",
    "on_mask": "where the intervention's `masks` were seen",
    "on_scroll": "how the content moved",
    "on_tick": "about once a second, whether or not the screen changed",
    "on_answer": "the participant answered, dismissed or left",
    "on_flow": "one request, response or web socket message",
}


@dataclass(frozen=True)
class Mask:
    """One crop of the thing to be found. `path` is relative to the intervention's folder, or absolute.

    `score` is the normalised correlation from which it counts as found; `scales` are tried around the screen's own
    scale.
    """

    path: str
    name: str = ""
    score: float = 0.72
    scales: tuple[float, ...] = (0.75, 0.87, 1.0, 1.15, 1.33)
    any_theme: bool = False
    """Also found with light and dark exchanged."""


class Intervention:
    """Reads scenes, yields actions. Subclass it, name the handlers you need, and forget the rest::

        class Quiet(Intervention):
            \"\"\"Cover shouting.\"\"\"
            apps = ["org.example.*"]
            length = param(12, ge=1, help="shortest text that counts")

            def on_text(self, lines):
                for line in lines:
                    if len(line.text) >= self.length and line.text.isupper():
                        yield Cover(line.box, why="all capitals")

    `apps` are package names, ``*`` and ``?`` allowed. Within a handler, `scene` is the scene at hand and `now` its
    time in seconds. Handlers of one intervention never run at the same time. State kept on `self` lives until the
    intervention is switched off.
    """

    apps: ClassVar[list[str]] = ["*"]
    masks: ClassVar[list[Mask]] = []
    priority: ClassVar[int] = 0
    """Where two interventions ask for conflicting things of one place, the higher priority is heard."""
    until_judged: ClassVar[Literal["hide", "show"]] = "hide"
    """What happens to text and pictures that appear while this intervention is late with its verdict."""

    scene: Scene
    now: float = 0.0

    def __init__(self, **values: Any) -> None:
        self._models: dict[str, Judge] = {}
        declared = {parameter.name for parameter in self.parameters()}
        for name, value in values.items():
            if name not in declared:
                takes = ", ".join(sorted(declared)) or "none"
                raise ParameterError(f"{type(self).__name__} has no parameter {name!r}; it takes: {takes}")
            setattr(self, name, value)

    # -- what the engine asks ----------------------------------------------------------------------

    @classmethod
    def parameters(cls) -> list[Parameter]:
        """The declared parameters, base classes first, in the order they were written."""
        found: dict[str, Parameter] = {}
        for base in reversed(cls.__mro__):
            found |= {n: v.declared() for n, v in vars(base).items() if isinstance(v, param)}
        return list(found.values())

    @classmethod
    def handlers(cls) -> tuple[str, ...]:
        """The names of the handlers this intervention implements."""
        return tuple(name for name in HANDLERS if getattr(cls, name, None) is not getattr(Intervention, name))

    def wanted_masks(self) -> Sequence[Mask]:
        """The crops to look for: `masks`, unless its parameters say otherwise. Asked anew when they change."""
        return type(self).masks

    @classmethod
    def covers_app(cls, app: App) -> bool:
        return any(fnmatchcase(app.package, pattern) for pattern in cls.apps)

    def values(self) -> dict[str, Any]:
        """Parameter values as plain data; a model appears by name."""
        stored = self.__dict__.get("_values", {})
        return {p.name: stored.get(p.name, p.default) for p in self.parameters()}

    def bind(self, load: Callable[[str], Judge]) -> None:
        """Load the models that the parameters name. Raises what `load` raises."""
        values = self.values()
        self._models = {p.name: load(values[p.name]) for p in self.parameters() if p.kind == "model" and values[p.name]}

    def model(self, parameter: str) -> Any:
        """The model bound to `parameter`; None where the parameter is empty text."""
        if not self.values()[parameter]:
            return None
        try:
            return self._models[parameter]
        except KeyError:
            raise ParameterError(
                f"{type(self).__name__}.{parameter} is not loaded yet; models are there from the first handler on"
            ) from None

    # -- handlers; each may yield actions, return a list of them, or return None -------------------

    def on_app(self, app: App) -> Reaction:
        return None

    def on_text(self, lines: tuple[Line, ...]) -> Reaction:
        return None

    def on_region(self, regions: tuple[Region, ...]) -> Reaction:
        return None

    def on_widget(self, widgets: tuple[Widget, ...]) -> Reaction:
        return None

    def on_mask(self, matches: tuple[Match, ...]) -> Reaction:
        return None

    def on_scroll(self, scroll: Scroll) -> Reaction:
        return None

    def on_tick(self, now: float) -> Reaction:
        return None

    def on_answer(self, answer: Answer) -> Reaction:
        return None

    def on_flow(self, flow: Flow) -> Reaction:
        return None
