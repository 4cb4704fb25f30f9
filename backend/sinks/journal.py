"""The journal as a sink: what was decided becomes entries, each appearance once.

A cover that stays, or travels with the scroll, is one action and not one a frame.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from backend.engine.decision import Decided, Decision
from backend.store.entries import ActionEntry, Entry, FrameEntry
from interventions.sdk import Box, Scene

_SAME = 0.3


@dataclass(frozen=True, slots=True)
class _Seen:
    what: tuple[str, str, str]
    box: Box | None


class JournalSink:
    """Turns the decisions of one phone into journal entries."""

    def __init__(self, append: Callable[[Entry], None]) -> None:
        self._append = append
        self._before: list[_Seen] = []

    def record(self, decision: Decision, stages: Mapping[str, float]) -> int:
        """Write down one frame; the number of actions that are new in it."""
        scene = decision.scene
        self._append(FrameEntry(phone=scene.phone, number=scene.number, app=scene.app.package, stages=dict(stages)))
        return self.actions(decision)

    def actions(self, decision: Decision) -> int:
        """Write down the actions that are new since the decision before; how many."""
        scene = decision.scene
        new = 0
        now: list[_Seen] = []
        for decided in decision.standing:
            seen = _Seen(_what(decided), getattr(decided.action, "box", None))
            now.append(seen)
            if not any(_continues(seen, old, scene) for old in self._before):
                self._write(decided, scene)
                new += 1
        self._before = now
        for decided in decision.passing:
            self._write(decided, scene)
        return new + len(decision.passing)

    def _write(self, decided: Decided, scene: Scene) -> None:
        action = decided.action
        entry = ActionEntry(
            phone=scene.phone,
            frame=scene.number,
            intervention=decided.intervention,
            action=type(action).__name__,
            app=scene.app.package,
            box=getattr(action, "box", None),
            label=action.label,
            score=action.score,
            why=action.why,
            late=decided.late,
        )
        if action.score is not None or action.label:
            self._append(replace(entry, kind="finding", action="Finding"))
        self._append(entry)


def _what(decided: Decided) -> tuple[str, str, str]:
    return decided.intervention, type(decided.action).__name__, decided.action.label


def _continues(seen: _Seen, old: _Seen, scene: Scene) -> bool:
    """Whether `seen` is `old` of the frame before, where the scroll has brought it."""
    if seen.what != old.what:
        return False
    if seen.box is None or old.box is None:
        return seen.box is old.box
    moved = old.box.moved(scene.scroll.dx, scene.scroll.dy)
    return seen.box.iou(moved) > _SAME or seen.box.iou(old.box) > _SAME or moved.contains(seen.box)
