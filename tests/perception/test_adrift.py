"""What is newer than its UI tree is named; where the tree is silent anyway, nothing is."""

from __future__ import annotations

import numpy as np

from backend.perception.perception import Perception
from backend.perception.settings import PerceptionSettings
from backend.phones.frame import Frame, Tree
from interventions.sdk import App, Box, Widget

SIZE = (720, 1280)
TEXT = Box(40, 300, 680, 360)
NOISE = np.random.default_rng(3).integers(0, 256, (1280, 720, 3), dtype=np.uint8)


def shown(
    number: int, time_s: float, asked_s: float, pixels: np.ndarray, leaf: Box = TEXT, text: str = "hello"
) -> Frame:
    root = Widget("root", 0, None, 0, "android.widget.FrameLayout", "org.a", Box(0, 0, *SIZE))
    kind = "android.widget.TextView" if text else "android.view.View"
    tree = Tree((root, Widget("leaf", 1, 0, 1, kind, "org.a", leaf, text=text)), asked_s + 0.05, asked_s)
    return Frame(number, time_s, "p", App("org.a"), pixels, tree)


def see(*frames: Frame) -> tuple[Box, ...]:
    perception = Perception(PerceptionSettings(ocr=False))
    for frame in frames[:-1]:
        perception.see(frame)
    return perception.see(frames[-1]).adrift


def changed(pixels: np.ndarray, box: Box) -> np.ndarray:
    other = pixels.copy()
    other[box.top : box.bottom, box.left : box.right] ^= 255
    return other


def test_a_tree_asked_for_after_the_picture_came_is_of_the_picture():
    assert see(shown(1, 1.0, 1.1, NOISE), shown(2, 2.0, 2.1, changed(NOISE, TEXT))) == ()


def test_what_changed_after_the_tree_was_asked_for_is_adrift():
    (box,) = see(shown(1, 1.0, 1.1, NOISE), shown(2, 2.0, 1.5, changed(NOISE, TEXT)))
    assert box.contains(TEXT)
    assert box.area < 0.2 * SIZE[0] * SIZE[1]


def test_a_screen_exchanged_after_the_tree_was_asked_for_is_adrift_as_a_whole():
    boxes = see(shown(1, 1.0, 1.1, NOISE), shown(2, 2.0, 1.5, NOISE ^ 255))
    assert sum(box.area for box in boxes) > 0.9 * SIZE[0] * SIZE[1]


def test_a_canvas_is_never_adrift_its_text_is_read_from_the_pixels():
    canvas = Box(0, 0, *SIZE)
    frames = [
        shown(1, 1.0, 1.1, NOISE, canvas, ""),
        shown(2, 2.0, 1.5, np.roll(NOISE, -200, axis=0), canvas, ""),
    ]
    assert see(*frames) == ()
