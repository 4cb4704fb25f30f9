"""Run interventions over a recording: the same input, every verdict waited for, so the same actions each time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backend.engine.catalog import Catalog
from backend.engine.decision import Decided
from backend.engine.engine import Engine
from backend.engine.runner import Limits
from backend.perception.perception import Perception
from backend.perception.settings import PerceptionSettings
from backend.pipeline.way import Passed, Way
from backend.recordings.file import Recording
from interventions.sdk import Judge

_TICK_S = 1.0


def replay(
    recording: Recording, names: Sequence[str], catalog: Catalog, load_model: Callable[[str], Judge]
) -> Iterator[Passed]:
    """Each frame with what the interventions `names` make of it.

    Raises:
        InterventionError, ModelError: one of them cannot be loaded.
        RecordingError: a frame is damaged.
    """
    engine = Engine(catalog, load_model, limits=Limits(hard_deadline_s=60.0), soft_deadline_s=None)
    try:
        for name in names:
            engine.enable(name)
        way = Way(Perception(PerceptionSettings()), engine)
        ticked_s = float("-inf")
        for frame in recording.frames():
            tick = frame.time_s - ticked_s >= _TICK_S
            ticked_s = frame.time_s if tick else ticked_s
            yield way.take(frame, tick)
    finally:
        engine.close()


@dataclass
class Tally:
    """Numbers of a replay, gathered frame by frame."""

    frames: int = 0
    actions: Counter[tuple[str, str]] = field(default_factory=Counter)
    covered_frames: Counter[str] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    stages: dict[str, list[float]] = field(default_factory=dict)

    def add(self, passed: Passed) -> None:
        self.frames += 1
        everything = (*passed.decision.standing, *passed.decision.passing)
        for decided in everything if not passed.same else ():
            self.actions[decided.intervention, type(decided.action).__name__] += 1
        for name in {decided.intervention for decided in everything}:
            self.covered_frames[name] += 1
        self.failures |= {failure.intervention: failure.traceback for failure in passed.decision.failures}
        for stage, seconds in passed.stages.items():
            self.stages.setdefault(stage, []).append(seconds)


def actions_of(passed: Passed) -> list[dict[str, Any]]:
    """The frame's actions as plain data, in an order that does not depend on timing."""
    return sorted((_plain(decided) for decided in _all(passed)), key=lambda action: str(sorted(action.items())))


def differs(one: Passed, other: Passed) -> bool:
    """Whether two runs did different things with one frame. Names do not count: two versions have two names."""
    return sorted(str(decided.action) for decided in _all(one)) != sorted(str(d.action) for d in _all(other))


def _all(passed: Passed) -> tuple[Decided, ...]:
    return (*passed.decision.standing, *passed.decision.passing)


def _plain(decided: Decided) -> dict[str, Any]:
    action = decided.action
    box = getattr(action, "box", None)
    return {
        "intervention": decided.intervention,
        "action": type(action).__name__,
        "box": None if box is None else [box.left, box.top, box.right, box.bottom],
        "label": action.label,
        "score": None if action.score is None else round(action.score, 4),
        "why": action.why,
    }


def folder_as_catalog(names: Sequence[str], catalog: Catalog) -> tuple[list[str], Catalog]:
    """Names may be paths of intervention folders: two versions of one intervention lie in two places."""
    folders = [Path(name).resolve() for name in names if "/" in name]
    plain = [Path(name).name if "/" in name else name for name in names]
    return plain, Catalog([folder.parent for folder in folders] + catalog.folders[1:], shipped=catalog.shipped)
