"""The overlay window in SystemUI: above every app, through which touches pass, and in nobody's tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

SYSTEM_UI = "com.android.systemui"
BLUE, BLUE_ARGB = (0x26, 0x54, 0x7C), 0xFF26547C
BOX = [100, 900, 980, 1500]


class Overlay:
    """SystemUI with the agent in it, and an app in front."""

    def __init__(self, app: Any, agent: Any) -> None:
        self.app = app
        self.agent = agent
        self._last = 0

    def show(self, *boxes: dict[str, Any]) -> None:
        self._last += 1
        self.agent.post("overlay", seq=self._last, boxes=list(boxes))
        self.agent.wait_for("applied", lambda one: one["seq"] == self._last)
        self.app.rest()


@pytest.fixture
def overlay(app_phone: Any, inject: Callable[..., Any]) -> Iterator[Overlay]:
    app_phone.open("feed")
    pid = app_phone.until(
        lambda: next((p.pid for p in app_phone.phone.processes() if p.name == SYSTEM_UI), 0), "SystemUI to run"
    )
    agent = inject(pid=pid)
    yield Overlay(app_phone, agent)
    assert not agent.messages("problem")
    agent.leave()


def _share(pixels: np.ndarray, colour: tuple[int, int, int]) -> float:
    return float((np.abs(pixels.astype(int) - colour) <= 2).all(axis=2).mean())


def test_boxes_lie_over_the_app_and_go_without_a_trace(overlay: Overlay) -> None:
    app = overlay.app
    before, tree, front = app.pixels(), app.nodes(), app.phone.foreground()
    overlay.show({"box": BOX, "colour": BLUE_ARGB}, {"box": [0, 100, 1080, 300], "colour": -0x80000000})
    left, top, right, bottom = BOX
    assert _share(app.pixels((left, top, right, bottom)), BLUE) == 1.0
    assert np.abs(app.pixels((0, 100, 1080, 300)).astype(int) - before[100:300] * 0.5).max() <= 2
    assert app.nodes() == tree
    assert app.phone.foreground() == front
    overlay.show()
    assert (app.pixels() == before).all()


def test_boxes_move_change_and_go_one_by_one(overlay: Overlay) -> None:
    app = overlay.app
    overlay.show(
        {"box": BOX, "colour": BLUE_ARGB}, {"box": [0, 1600, 300, 1700], "colour": BLUE_ARGB, "text": "Hidden"}
    )
    overlay.show({"box": [200, 700, 900, 800], "colour": BLUE_ARGB})
    blue = (np.abs(app.pixels().astype(int) - BLUE) <= 2).all(axis=2)
    rows, columns = np.nonzero(blue)
    assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (200, 700, 900, 800)


def test_touches_pass_through_a_box_but_not_through_one_that_blocks(overlay: Overlay) -> None:
    app = overlay.app
    left, top, right, bottom = app.box("post_more")
    over = [left - 20, top - 20, right + 20, bottom + 20]
    overlay.show({"box": over, "block": True})
    tree = app.nodes()
    app.tap("post_more")
    app.rest()
    assert app.nodes() == tree
    overlay.show({"box": over})
    app.tap("post_more")
    app.until(lambda: "Report" in app.texts("menu_entry"), "the menu")


def test_the_overlay_stays_when_another_app_comes_to_the_front(overlay: Overlay) -> None:
    overlay.show({"box": BOX, "colour": BLUE_ARGB})
    overlay.app.phone.start_activity("org.mindproof.chat", None)
    overlay.app.rest()
    left, top, right, bottom = BOX
    assert _share(overlay.app.pixels((left, top, right, bottom)), BLUE) == 1.0


def test_an_ordinary_app_may_not_put_up_an_overlay_and_says_so(inject: Callable[..., Any]) -> None:
    agent = inject("feed")
    agent.post("overlay", seq=1, boxes=[{"box": BOX}])
    problem = agent.wait_for("problem")
    assert problem["where"] == "overlay"
    assert "permission denied for window type 2024" in problem["message"]


def test_a_toast_is_read_above_the_app_and_goes(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    before, tree = app_phone.pixels(), app_phone.nodes()
    agent.post("toast", message="Two posts were hidden")
    app_phone.until(lambda: (app_phone.pixels() != before).any(), "the toast")
    assert app_phone.nodes() == tree
    app_phone.until(lambda: (app_phone.pixels() == before).all(), "the toast to go")
    assert not agent.messages("problem")
