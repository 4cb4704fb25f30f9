"""Frame in, covered picture out: the same for a live phone, a recording and a single screenshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

from backend.engine.active import Active
from backend.engine.decision import Decision
from backend.engine.engine import Engine
from backend.perception.perception import Perception
from backend.perception.settings import Template, Wants
from backend.phones.frame import Frame
from backend.sinks.compose import compose
from interventions.sdk import Action, Box, Cover, Match, Pixels, Scene


@dataclass(frozen=True, slots=True)
class Passed:
    """What came of one frame. `stages` maps a stage to the seconds it took; ``decide/NAME`` is one intervention's
    share.

    `same`: the screen, its UI tree and the interventions were what they were before, so nothing was decided anew.
    `adrift`: where the UI tree may not tell what the pixels show; it is covered as a whole while an intervention is on
    that hides what it has not judged. `moved`: the tree was moved along with a scroll.
    """

    frame: Frame
    scene: Scene
    decision: Decision
    matches: Mapping[str, tuple[Match, ...]]
    stages: Mapping[str, float]
    same: bool = False
    adrift: tuple[Box, ...] = ()
    moved: bool = False

    @property
    def actions(self) -> tuple[Action, ...]:
        """The standing actions, in drawing order."""
        asked = tuple(decided.action for decided in self.decision.standing)
        return (*asked, *(Cover(box, style="blur", why="newer than its UI tree") for box in self.adrift))

    def picture(self) -> Pixels:
        """The frame with its actions drawn."""
        return compose(self.frame.pixels, self.actions)


@dataclass
class _Before:
    passed: Passed | None = None
    generation: int = -1
    wants: Wants = field(default_factory=Wants)
    templates: tuple[Template, ...] = ()
    careful: bool = False


class Way:
    """Perception and engine of one phone, in a row. Not for several threads at once."""

    def __init__(self, perception: Perception, engine: Engine) -> None:
        self.perception = perception
        self.engine = engine
        self._before = _Before()

    @property
    def outdated(self) -> bool:
        """Whether an intervention started, stopped or changed since the last decision."""
        return self._before.passed is not None and self.engine.generation != self._before.generation

    def take(self, frame: Frame, tick: bool = False, drawn: Sequence[Box] = ()) -> Passed:
        """See and decide. A frame that differs in nothing from the one before costs a comparison.

        `drawn` is where the phone itself shows something of ours in place of the app.
        """
        begun = perf_counter()
        generation = self.engine.generation
        if generation != self._before.generation:
            active = self.engine.kinds()
            self._before.careful = any(hides_unjudged(one) for one in active.values())
            self._before.wants, self._before.templates = (
                wants_of(active),
                tuple(template for one in active.values() for template in one.templates),
            )
        seen = self.perception.see(frame, drawn, masks=self._before.templates, want=self._before.wants)
        perceived = perf_counter()
        adrift = seen.adrift if self._before.careful else ()
        stages = {f"see/{stage}": seconds for stage, seconds in self.perception.last_timings.items()}
        stages["see"] = perceived - begun
        last = self._before.passed
        if last is not None and not tick and self._is_same(frame, seen.scene, last, generation):
            stages["total"] = perceived - begun
            return Passed(
                frame, last.scene, last.decision, last.matches, stages, same=True, adrift=adrift, moved=seen.moved
            )
        decision = self.engine.decide(seen.scene, seen.matches, tick)
        decided = perf_counter()
        stages |= {f"decide/{name}": seconds for name, seconds in (decision.seconds or {}).items()}
        stages |= {"decide": decided - perceived, "total": decided - begun}
        passed = Passed(frame, seen.scene, decision, seen.matches, stages, adrift=adrift, moved=seen.moved)
        self._before.passed, self._before.generation = passed, generation
        return passed

    def _is_same(self, frame: Frame, scene: Scene, last: Passed, generation: int) -> bool:
        return (
            not scene.changed
            and not last.decision.late
            and scene.app == last.scene.app
            and frame.tree is last.frame.tree
            and generation == self._before.generation
        )


def hides_unjudged(one: Active) -> bool:
    """Whether an intervention wants what it has not judged yet to be hidden."""
    kind = type(one.intervention)
    return kind.until_judged == "hide" and not {"on_text", "on_region", "on_widget"}.isdisjoint(kind.handlers())


def wants_of(active: Mapping[str, Active]) -> Wants:
    """What the active interventions read: nobody pays for what no one wants."""
    handlers = {name for one in active.values() for name in type(one.intervention).handlers()}
    return Wants(
        text="on_text" in handlers,
        regions="on_region" in handlers,
        widgets=True,  # lines and regions point into them
        scroll=True,
        masks=any(type(one.intervention).masks for one in active.values()),
    )
