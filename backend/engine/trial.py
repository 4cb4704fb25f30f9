"""Run one intervention on a scene or a picture, without a phone: what an author's test and ``inspect`` stand on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from backend.engine.active import construct
from backend.engine.catalog import Loaded, Manifest, load_folder
from backend.engine.conflicts import resolve
from backend.engine.decision import Decided
from backend.engine.runner import Job, Limits, Runner
from backend.errors import InterventionError
from interventions.sdk import (
    STANDING,
    Action,
    Answer,
    Box,
    Cover,
    Flow,
    Intervention,
    Judge,
    Line,
    Match,
    Replace,
    Scene,
)
from interventions.sdk.testing import scene as scene_of


@dataclass(frozen=True)
class Result:
    """What an intervention did with a scene."""

    scene: Scene
    actions: tuple[Action, ...]

    @property
    def standing(self) -> tuple[Action, ...]:
        asked = [Decided("trial", action) for action in self.actions if isinstance(action, STANDING)]
        return tuple(decided.action for decided in resolve(asked, self.scene.size))

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes that are covered or replaced."""
        return tuple(action.box for action in self.standing if isinstance(action, Cover | Replace))

    def hides(self, line: Line, share: float = 0.8) -> bool:
        """Whether covers lie over at least `share` of `line`'s box."""
        return any(line.box.overlap(box) >= share for box in self.boxes)

    @property
    def covered(self) -> list[str]:
        """The texts of the lines that are hidden, in the scene's order."""
        return [line.text for line in self.scene.lines if self.hides(line)]

    def of(self, kind: type[Action]) -> list[Action]:
        return [action for action in self.actions if isinstance(action, kind)]


class Trial:
    """One intervention under test. State is kept from call to call, as on a phone."""

    def __init__(
        self,
        subject: type[Intervention] | Path | str,
        values: Mapping[str, Any],
        load_model: Callable[[str], Judge],
        deadline_s: float = 30.0,
    ) -> None:
        loaded = _loaded(subject)
        intervention = construct(loaded, values)
        intervention.bind(load_model)
        self.folder = loaded.folder
        self._runner = Runner(loaded.manifest.name, intervention, Limits(hard_deadline_s=deadline_s))
        self._deadline_s = deadline_s
        self._number = 0

    @property
    def intervention(self) -> Intervention:
        return self._runner.intervention

    def lines(self, *texts: str, app: str = "org.example.app", **parts: Any) -> Result:
        """Show a screen with these lines of text."""
        self._number += 1
        return self.scene(scene_of(*texts, app=app, number=self._number, **parts))

    def scene(self, scene: Scene, matches: tuple[Match, ...] = (), tick: bool = False) -> Result:
        """Show `scene`. Raises InterventionError with the author's traceback when the intervention fails."""
        self._number = max(self._number, scene.number)
        self._runner.submit(Job(scene, matches, tick))
        outcome = self._runner.wait(scene.number, monotonic() + self._deadline_s)
        if outcome is None:
            raise InterventionError(self._runner.abandon())
        if outcome.traceback:
            raise InterventionError(f"{self._runner.name} failed:\n{outcome.traceback}")
        return Result(scene, outcome.actions)

    def flow(self, flow: Flow) -> Result:
        """Show a network flow; ``interventions.sdk.testing.flow`` makes one. Raises as `scene` does."""
        self._number += 1
        return self.scene(scene_of(app=flow.host, number=self._number, flow=flow))

    def answer(self, key: str, choice: str) -> None:
        """Answer an Ask or a Delay; the intervention hears of it with the next scene."""
        self._runner.answer(Answer(key, choice))

    def close(self) -> None:
        self._runner.stop()
        self._runner.join(1.0)


def _loaded(subject: type[Intervention] | Path | str) -> Loaded:
    if isinstance(subject, type):
        return Loaded(Manifest(name=subject.__name__, title=subject.__name__), Path(), subject)
    return load_folder(Path(subject))
