"""The fixture ``trial`` for tests of interventions; pytest finds it by itself once Mindproof is installed::

    def test_it_covers_shouting(trial):
        shown = trial(Quiet, length=5).lines("GOOD MORNING", "good evening")
        assert shown.covered == ["GOOD MORNING"]

``trial(Class or folder, **parameters)`` gives a `backend.engine.trial.Trial`; parameters of kind "model" load the real
model. ``trial.image(PATH, Class, tree=PATH, app="...")`` runs one on a screenshot, through the real perception.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from backend.engine.trial import Result, Trial
    from interventions.sdk import Intervention


class Trials:
    """Makes trials, and closes them when the test ends."""

    def __init__(self) -> None:
        self._made: list[Trial] = []

    def __call__(self, subject: type[Intervention] | Path | str, **values: Any) -> Trial:
        from backend.engine.trial import Trial
        from backend.serving.host import ModelHost

        trial = Trial(subject, values, ModelHost().load)
        self._made.append(trial)
        return trial

    def image(
        self,
        path: Path | str,
        subject: type[Intervention] | Path | str,
        *,
        tree: Path | str | None = None,
        app: str = "org.example.app",
        **values: Any,
    ) -> Result:
        """Run `subject` on a screenshot, with the UI tree of a ``uiautomator dump`` if there is one."""
        from backend.engine.masks import load_templates
        from backend.perception.perception import Perception
        from backend.perception.settings import PerceptionSettings
        from backend.pipeline.still import frame_of

        trial = self(subject, **values)
        templates = load_templates("trial", trial.folder, trial.intervention.wanted_masks())
        seen = Perception(PerceptionSettings()).see(
            frame_of(Path(path), Path(tree) if tree else None, app), masks=templates
        )
        return trial.scene(seen.scene, seen.matches.get("trial", ()))

    def close(self) -> None:
        for trial in self._made:
            trial.close()


@pytest.fixture
def trial() -> Iterator[Trials]:
    """Runs one intervention on a scene or a picture, without a phone."""
    trials = Trials()
    yield trials
    trials.close()
