"""Windows over windows: dialogs, the system above all apps, SystemUI in the background, and what lies over a view."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from device_agent.virtual_phone.errors import AppError
from device_agent.virtual_phone.window.display import Display
from device_agent.virtual_phone.window.node import Node
from device_agent.virtual_phone.window.paint import paint
from device_agent.virtual_phone.window.pictures import Pictures
from device_agent.virtual_phone.window.scene import Scene, Window

SYSTEM_UI = "com.android.systemui"
BASE, DIALOG, TOAST, PANEL = 1, 2, 2005, 2024
DIM_BEHIND, NOT_FOCUSABLE, NOT_TOUCHABLE, NOT_TOUCH_MODAL = 2, 8, 16, 32
RED, BLUE = -0x10000, -0xFFFF01
SIZE = (200, 400)


def _window(
    number: int, type_: int, flags: int = 0, box: tuple[int, int, int, int] = (0, 0, *SIZE), **more: Any
) -> Window:
    root = Node(number, "frame", "android.widget.FrameLayout", "org.test")
    root.x, root.y, root.width, root.height = box[0], box[1], box[2] - box[0], box[3] - box[1]
    root.background = {"fill": more.pop("fill", RED)}
    return Window(root, {"type": type_, "flags": flags, "alpha": 1, "dim": 0.5, "title": "", **more})


def _draw(*windows: Window, over: tuple[Window, ...] = ()) -> np.ndarray:
    return Display(SIZE, 160).draw("org.test", list(windows), list(over), Pictures(seed=1))[:, :, :3].astype(int)


def _until(condition: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 15
    while not (found := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def test_of_activities_the_newest_shows_and_the_systems_windows_are_no_apps() -> None:
    scene = Scene(Pictures(seed=1))
    first, second, dialog, toast, panel = (_window(i, t) for i, t in enumerate((BASE, BASE, DIALOG, TOAST, PANEL)))
    scene.windows = [first, panel, dialog, second, toast]
    assert scene.shown() == [second, dialog]
    assert scene.system_windows() == [toast, panel]


@pytest.mark.parametrize(
    ("flags", "inside", "beside"),
    [
        (0, True, True),
        (NOT_TOUCH_MODAL, True, False),
        (NOT_FOCUSABLE, True, False),
        (NOT_TOUCHABLE, False, False),
        (NOT_FOCUSABLE | NOT_TOUCHABLE, False, False),
    ],
)
def test_a_window_takes_the_touches_that_its_flags_say(flags: int, inside: bool, beside: bool) -> None:
    window = _window(1, DIALOG, flags, (50, 50, 150, 150))
    assert window.takes(100, 100) is inside
    assert window.takes(10, 10) is beside


def test_what_lies_behind_a_dialog_is_dimmed_by_as_much_as_it_says() -> None:
    screen = _draw(_window(1, BASE), _window(2, DIALOG, DIM_BEHIND, (50, 100, 150, 200), fill=BLUE, dim=0.6))
    assert (screen[150, 100] == (0, 0, 255)).all()
    assert np.abs(screen[300, 100] - (102, 0, 0)).max() <= 1


def test_a_window_of_the_system_lies_over_the_bars_too() -> None:
    screen = _draw(_window(1, BASE), over=(_window(2, PANEL, fill=BLUE),))
    assert (screen == (0, 0, 255)).all()


def test_a_colour_matrix_on_a_windows_top_view_changes_what_is_in_it() -> None:
    window = _window(1, BASE)
    window.root.filter = [0.213, 0.715, 0.072, 0, 0] * 3 + [0, 0, 0, 1, 0]
    assert np.abs(_draw(window)[200, 100] - 54).max() <= 1


def test_a_foreground_lies_over_a_views_children_and_inside_its_bounds() -> None:
    pictures = Pictures(seed=1)
    pictures.add("made/1/1", Image.new("RGBA", (300, 20), (0, 255, 0, 255)))
    root = _window(1, BASE).root
    child = Node(2, "view", "android.view.View", "org.test")
    child.x, child.y, child.width, child.height = 0, 0, 100, 100
    child.background = {"fill": BLUE}
    view = Node(3, "frame", "android.widget.FrameLayout", "org.test")
    view.x, view.y, view.width, view.height = 50, 50, 100, 100
    view.add(child, 0)
    label = {"picture": "made/1/1", "w": 300, "h": 20, "gravity": 17, "filter": True}
    view.foreground = {"layers": [{"fill": -0x777778}, label]}
    root.add(view, 0)
    image = Image.new("RGBA", SIZE)
    paint(image, root, 0, 0, pictures)
    pixels = np.asarray(image)[:, :, :3]
    assert (pixels[55, 100] == 0x88).all()
    assert (pixels[100, 60] == (0, 255, 0)).all()
    assert (pixels[100, 45] == (255, 0, 0)).all()
    assert (pixels[100, 155] == (255, 0, 0)).all()


def test_a_small_picture_without_filter_becomes_plain_cells() -> None:
    pictures = Pictures(seed=1)
    small = Image.new("RGBA", (2, 1))
    small.putpixel((0, 0), (255, 0, 0, 255))
    small.putpixel((1, 0), (0, 0, 255, 255))
    pictures.add("made/1/2", small)
    root = _window(1, BASE).root
    root.foreground = {"picture": "made/1/2", "w": 2, "h": 1, "gravity": 119, "filter": False}
    image = Image.new("RGBA", SIZE)
    paint(image, root, 0, 0, pictures)
    assert len(np.unique(np.asarray(image).reshape(-1, 4), axis=0)) == 2


def test_an_app_draws_on_a_bitmap_and_views_into_it() -> None:
    scene = Scene(Pictures(seed=1))
    scene.apply([["new", 1, "view", "android.view.View", "org.test"], ["set", 1, "background", {"fill": BLUE}]])
    scene.nodes[1].width, scene.nodes[1].height = 10, 10
    scene.apply(
        [
            ["blank", "made/1/1", 20, 20],
            ["draw", "made/1/1", ["color", RED]],
            ["draw", "made/1/1", ["view", 1, 5, 5]],
            ["scaled", "made/1/2", 2, 2, "made/1/1", False],
        ]
    )
    pixels = np.frombuffer(scene._pictures.read("made/1/1", (0, 0, 20, 20)), np.uint8).reshape(20, 20, 4)
    assert (pixels[2, 2] == (255, 255, 0, 0)).all()
    assert (pixels[10, 10] == (255, 0, 0, 255)).all()
    assert scene._pictures.size("made/1/2") == (2, 2)


def test_systemui_runs_in_the_background_and_is_no_app_to_open(hand: Any) -> None:
    phone = hand.phone
    running = {process.name: process for process in phone.processes()}
    assert running[SYSTEM_UI].user == "u0_a78"
    os.kill(running[SYSTEM_UI].pid, 0)
    assert phone.foreground()[0].name != SYSTEM_UI
    assert next(package for package in phone.packages() if package.name == SYSTEM_UI).system
    with pytest.raises(AppError, match="no activity"):
        phone.start_activity(SYSTEM_UI, None)


def test_systemui_comes_back_when_it_dies(hand: Any) -> None:
    phone = hand.phone

    def pid() -> int:
        return next((int(process.pid) for process in phone.processes() if process.name == SYSTEM_UI), 0)

    front, old = phone.foreground(), pid()
    _until(lambda: "window-link" in _threads(old))  # only one that has connected is seen to die
    os.kill(old, signal.SIGKILL)
    assert _until(lambda: pid() not in (0, old))
    assert phone.foreground() == front


def _threads(pid: int) -> str:
    try:
        names = [comm.read_text().strip() for comm in Path(f"/proc/{pid}/task").glob("*/comm")]
    except OSError:
        return ""
    return " ".join(names)
