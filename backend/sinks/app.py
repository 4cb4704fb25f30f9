"""Inside the app: standing actions become effects on its own views, on the phone's own screen.

What a text or a picture is, the agent has been told already by a verdict on its content; those places are left to it.
The rest goes to views by the numbers that the agent gave them, and what is no view's (a part of a canvas, a darkened
corner) is left to the overlay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Literal, Protocol

from backend.engine.decision import Decided
from backend.phones.agent.messages import Effect, Effects, ToAgent, ViewEffect
from backend.sinks.effects import effect_of, hides
from backend.sinks.places import Place, place_of
from interventions.sdk import Block, Box, Cover, Dim, Greyscale, Replace, Scene, Widget

Where = Literal["content", "view", "views", "enclosing view", "window", "overlay", "nowhere"]
"""Where an action took effect on the phone; ``content``: by the verdict on what the view shows."""

_PARTLY = 0.3
"""Share of a box on a view whose content is hidden, from which the box is meant for that content."""
_WHOLE = 0.9
"""Share of the screen from which a box is the whole window."""


class Agents(Protocol):
    """What sinks need of `AgentHost`."""

    def effects(self, package: str, effects: Effects) -> None: ...

    def send(self, package: str, message: ToAgent) -> bool: ...


@dataclass(frozen=True, slots=True)
class LiveView:
    """What the agent calls a widget: the number of its view, and the key of what it shows, if it has one."""

    number: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Carried:
    """An action and where it took effect."""

    decided: Decided
    where: Where


@dataclass
class Plan:
    """What a decision means for one app. `left` are the actions that its views cannot carry out."""

    views: dict[int, list[ViewEffect]] = field(default_factory=dict)
    dim: float = 0.0
    grey: float = 0.0
    block: bool = False
    carried: list[Carried] = field(default_factory=list)
    left: list[Decided] = field(default_factory=list)
    drawn: list[Box] = field(default_factory=list)

    def effects(self, seq: int) -> Effects:
        views = [one for effects in self.views.values() for one in effects]
        return Effects(seq=seq, views=views, dim=self.dim, grey=self.grey, block=self.block)


EffectOn = Callable[[str], Effect | None]
"""The verdict on a content by its key, None where there is none."""


def plan(
    scene: Scene, standing: Iterable[Decided], views: Mapping[str, LiveView], verdict: EffectOn, content: bool = True
) -> Plan:
    """How the app in `scene` carries out `standing`.

    Args:
        views: by the ids of the scene's widgets; a widget without one is none of the app's.
        verdict: what has been decided on a content.
        content: whether contents are judged by themselves; a cover that only holds a place until its intervention has
            answered is left to the agent then.
    """
    made = Plan()
    widgets = [widget for widget in scene.widgets if widget.id in views]
    for decided in standing:
        match decided.action:
            case Cover() | Replace():
                _hide(made, decided, scene, widgets, views, verdict, content)
            case Dim(amount=amount, box=box) if _is_whole(box, scene):
                made.dim = max(made.dim, amount)
                made.carried.append(Carried(decided, "window"))
            case Greyscale(amount=amount, box=box) if _is_whole(box, scene):
                made.grey = max(made.grey, amount)
                made.carried.append(Carried(decided, "window"))
            case Block(box=box) if _is_whole(box, scene):
                made.block = True
                made.carried.append(Carried(decided, "window"))
            case Block(box=Box() as box):
                _block(made, decided, box, scene, widgets, views)
            case _:
                made.left.append(decided)
    return made


def _hide(
    made: Plan,
    decided: Decided,
    scene: Scene,
    widgets: list[Widget],
    views: Mapping[str, LiveView],
    verdict: EffectOn,
    content: bool,
) -> None:
    action = decided.action
    assert isinstance(action, Cover | Replace)
    named = _named(action.box, scene, views)
    place = Place("view", (named,)) if named is not None else place_of(action.box, widgets, scene.size)
    if place.fit == "none":
        seen_to = any(
            hides(verdict(views[widget.id].key)) and action.box.overlap(widget.box) > _PARTLY for widget in widgets
        )
        if seen_to:  # measured in pixels while the text moved: its box is half beside its view
            made.carried.append(Carried(decided, "content"))
        else:
            made.left.append(decided)
        return
    open_ = [
        (widget, views[widget.id])
        for widget in place.widgets
        if not hides(verdict(views[widget.id].key)) and not (content and decided.late and views[widget.id].key)
    ]
    for widget, view in open_:
        effect = effect_of(action, _shows_picture(widget))
        if place.fit == "views" and effect.kind in ("replace", "placeholder"):
            effect = Effect(kind="cover")  # one text, or one picture, is not said by several views
        known = made.views.setdefault(view.number, [])
        if not any(hides(one.effect) for one in known):  # the first has the highest rank
            known.append(ViewEffect(view=view.number, effect=effect, key=view.key))
        made.drawn.append(widget.box.clipped(scene.size))
    where: Where = "enclosing view" if place.fit == "enclosing" else place.fit
    made.carried.append(Carried(decided, where if open_ else "content"))


def _named(box: Box, scene: Scene, views: Mapping[str, LiveView]) -> Widget | None:
    """The widget whose text or picture has this very box; a line's may be larger, while its place is not certain."""
    places = [(line.box, line.widget) for line in scene.lines]
    places += [(region.box, region.widget) for region in scene.regions]
    own = next((widget for place, widget in places if place == box and widget is not None), None)
    return scene.widgets[own] if own is not None and scene.widgets[own].id in views else None


def _block(
    made: Plan, decided: Decided, box: Box, scene: Scene, widgets: list[Widget], views: Mapping[str, LiveView]
) -> None:
    place = place_of(box, widgets, scene.size)
    if place.fit == "none" or place.fit == "enclosing":
        made.left.append(decided)  # touches beside what was meant must go through
        return
    for widget in place.widgets:
        known = made.views.setdefault(views[widget.id].number, [])
        if not any(one.effect.kind in ("block", "hide", "remove") for one in known):  # a touch finds nothing there
            known.insert(0, ViewEffect(view=views[widget.id].number, effect=Effect(kind="block")))
    made.carried.append(Carried(decided, place.fit))


def _is_whole(box: Box | None, scene: Scene) -> bool:
    return box is None or scene.bounds.overlap(box) >= _WHOLE


def _shows_picture(widget: Widget) -> bool:
    return not widget.text and widget.short_class.endswith(("ImageView", "ImageButton", "VideoView", "TextureView"))


class AppSink:
    """Sends each app what is new for it. Not for several threads at once."""

    def __init__(self, agents: Agents, verdict: EffectOn) -> None:
        self._agents, self._verdict = agents, verdict
        self._numbers = count(1)
        self._sent: dict[str, Effects] = {}
        self.drawn: tuple[Box, ...] = ()
        """Where views do not show what the app drew, for reasons other than their content."""

    def show(self, scene: Scene, standing: Iterable[Decided], views: Mapping[str, LiveView]) -> Plan:
        """Have the app in front carry out `standing`, and nothing else from now on."""
        made = plan(scene, standing, views, self._verdict)
        effects = made.effects(seq=0)
        if self._sent.get(scene.app.package, Effects(seq=0)) != effects:
            self._sent[scene.app.package] = effects
            self._agents.effects(scene.app.package, made.effects(next(self._numbers)))
        self.drawn = tuple(made.drawn)
        return made

    def clear(self, package: str) -> None:
        """Let the app show everything."""
        self._agents.effects(package, Effects(seq=next(self._numbers)))
        self.forget(package)
        self.drawn = ()

    def forget(self, package: str) -> None:
        """The agent in `package` is a new one, and has heard nothing yet."""
        self._sent.pop(package, None)
