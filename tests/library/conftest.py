from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from backend.serving import ModelHost
from interventions.sdk import Action, App, Intervention, Line, Pixels, Region, Scene, Scroll, Widget

SCREENS = Path(__file__).parents[3] / "shared" / "data" / "screens"


@pytest.fixture(scope="session")
def host() -> ModelHost:
    return ModelHost()


@pytest.fixture(scope="session")
def screen() -> Callable[[str], Pixels]:
    """A real screenshot by name, ``(height, width, 3)`` RGB; skips where they are not kept."""

    def read(name: str) -> Pixels:
        path = SCREENS / name
        if not path.is_file():
            pytest.skip(f"{path} is not there: real screenshots are kept outside the project")
        return np.asarray(Image.open(path).convert("RGB"))

    return read


@pytest.fixture
def show(host: ModelHost) -> Callable[..., list[Action]]:
    """Shows a scene to an intervention as the engine does, and returns what it yields."""
    clock = iter(range(1_000_000))
    last: dict[int, App] = {}

    def shown(
        intervention: Intervention,
        *,
        lines: Sequence[Line] = (),
        regions: Sequence[Region] = (),
        widgets: Sequence[Widget] = (),
        scroll: Scroll = Scroll(),  # noqa: B008 - immutable
        matches: Sequence[Any] = (),
        app: str = "org.example.app",
        at: float | None = None,
        size: tuple[int, int] = (1080, 2220),
        pixels: Pixels | None = None,
        tick: bool = False,
    ) -> list[Action]:
        now = float(next(clock)) if at is None else at
        if not intervention._models:
            intervention.bind(host.load)
        scene = Scene(
            0, now, "test", App(app), size, tuple(lines), tuple(regions), tuple(widgets), scroll, pixels=pixels
        )
        intervention.scene, intervention.now = scene, now
        actions: list[Action] = []
        if last.get(id(intervention)) != scene.app:
            last[id(intervention)] = scene.app
            actions += intervention.on_app(scene.app) or ()
        if scene.widgets:
            actions += intervention.on_widget(scene.widgets) or ()
        if scene.lines:
            actions += intervention.on_text(scene.lines) or ()
        if scene.regions:
            actions += intervention.on_region(scene.regions) or ()
        if type(intervention).masks:
            actions += intervention.on_mask(tuple(matches)) or ()
        actions += intervention.on_scroll(scroll) or ()
        if tick:
            actions += intervention.on_tick(now) or ()
        return actions

    return shown
