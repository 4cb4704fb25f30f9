"""What our own overlay draws on the phone is not taken for the app's."""

from __future__ import annotations

import numpy as np

from backend.perception import Perception, Wants
from backend.phones.frame import Tree
from interventions.sdk import Box, Widget


def covered(pixels, *boxes):
    shown = pixels.copy()
    for box in boxes:
        shown[box.top : box.bottom, box.left : box.right] = (40, 44, 52)
    shown.flags.writeable = False
    return shown


def texts(scene):
    return [line.text for line in scene.lines]


def test_a_covered_line_stays_known_and_follows_the_scroll(draw, frame_of):
    rows = [draw.sentence(n) for n in range(40)]
    tall = draw.page(rows)
    perception = Perception()
    first = perception.see(frame_of(draw.screen(tall, 0))).scene
    line = next(line for line in first.lines if line.text == rows[8])
    second = perception.see(frame_of(covered(draw.screen(tall, 0), line.box)), drawn=[line.box]).scene
    assert texts(second) == texts(first)
    assert second.changed == ()
    moved = line.box.moved(dy=-100)
    third = perception.see(frame_of(covered(draw.screen(tall, 100), moved)), drawn=[moved]).scene
    assert third.scroll.dy == -100
    assert next(line.box for line in third.lines if line.text == rows[8]) == moved


def test_an_overlay_that_lags_behind_the_scroll_hides_nothing_of_what_is_known(draw, frame_of):
    rows = [draw.sentence(n) for n in range(40)]
    tall = draw.page(rows)
    perception = Perception()
    first = perception.see(frame_of(draw.screen(tall, 0))).scene
    cover = next(line.box for line in first.lines if line.text == rows[8])
    perception.see(frame_of(covered(draw.screen(tall, 0), cover)), drawn=[cover])
    scene = perception.see(frame_of(covered(draw.screen(tall, 64), cover)), drawn=[cover]).scene
    assert rows[8] in texts(scene)
    assert rows[9] in texts(scene), "it lies under the old cover now, and was known"


def test_the_writing_on_a_cover_is_not_read(draw, frame_of):
    tall = draw.page([draw.sentence(n) for n in range(40)])
    notice = Box(32, 400, 688, 464)
    plain = draw.screen(tall, 0)
    shown = plain.copy()
    shown[400:464, 32:688] = draw.page(["hidden by your study"])[:64, :656]
    perception = Perception()
    scene = perception.see(frame_of(shown), drawn=[notice]).scene
    assert not any("hidden" in text for text in texts(scene))
    uncovered = perception.see(frame_of(plain)).scene
    assert draw.sentence(5) in texts(uncovered), "once the cover is gone, the place is read"


def test_a_picture_under_a_cover_keeps_its_name_and_its_pixels(draw, frame_of):
    tall = draw.page([draw.sentence(n) for n in range(3)] + [""] * 37, {6: draw.photograph(4)})
    plain = draw.screen(tall, 0)
    perception = Perception()
    (region,) = perception.see(frame_of(plain)).scene.regions
    (again,) = perception.see(frame_of(covered(plain, region.box)), drawn=[region.box]).scene.regions
    assert again == region
    assert np.array_equal(again.pixels, region.pixels)


def test_nodes_of_our_own_window_are_no_widgets(frame_of):
    def node(index, package, box, text=""):
        return Widget(str(index), index, None, 0, "android.widget.TextView", package, box, text=text)

    cover = Box(0, 200, 720, 300)
    tree = Tree(
        (
            node(0, "org.example.reader", Box(0, 200, 720, 260), "under it"),
            node(1, "org.mindproof.overlay", Box(0, 210, 720, 260), "Hidden"),
        ),
        time_s=0.5,
        asked_s=0.5,
    )
    pixels = np.full((1280, 720, 3), 255, dtype=np.uint8)
    scene = Perception().see(frame_of(pixels, tree), drawn=[cover]).scene
    assert texts(scene) == ["under it"]


def test_what_a_cover_hid_when_nobody_read_is_read_later(draw, frame_of):
    tall = draw.page([draw.sentence(n) for n in range(40)])
    cover = Box(100, 96 + 5 * 64, 400, 96 + 6 * 64)
    perception = Perception()
    plain = draw.screen(tall, 0)
    perception.see(frame_of(plain), want=Wants(text=False))
    perception.see(frame_of(covered(plain, cover)), drawn=[cover])
    assert draw.sentence(5) in texts(perception.see(frame_of(plain)).scene)


def test_on_another_screen_nothing_of_the_old_one_is_seen_under_a_cover(draw, frame_of):
    cover = Box(0, 96 + 5 * 64, 720, 96 + 6 * 64)
    perception = Perception()
    perception.see(frame_of(draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0)))
    other = draw.screen(draw.page([draw.sentence(n) for n in range(100, 120)], {8: draw.photograph(1, 620, 500)}), 0)
    scene = perception.see(frame_of(covered(other, cover)), drawn=[cover]).scene
    assert draw.sentence(5) not in texts(scene)
    assert draw.sentence(105) not in texts(scene)
    assert draw.sentence(105) in texts(perception.see(frame_of(other)).scene)
