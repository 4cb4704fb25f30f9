"""Reading text from pixels, and not reading it again."""

from __future__ import annotations

import numpy as np
import pytest

from backend.perception import Perception, Wants
from backend.phones.frame import Tree
from interventions.sdk import Box, Widget

TEXT = Wants(regions=False, masks=False)
ROW, TOP, BOTTOM = 64, 96, 1184


def whole_rows(rows, offset):
    """The rows that stand in the view with all of their ink."""
    return [row for at, row in enumerate(rows) if offset <= at * ROW and (at + 1) * ROW <= offset + BOTTOM - TOP]


@pytest.fixture(scope="module")
def rows(draw):
    return [draw.sentence(number) for number in range(60)]


@pytest.mark.parametrize("step", [33, 217])
def test_rows_cut_by_the_edge_are_read_in_full_once_they_are_in_view(draw, frame_of, rows, step):
    tall = draw.page(rows)
    perception = Perception()
    for offset in range(0, 4 * step, step):
        scene = perception.see(frame_of(draw.screen(tall, offset)), want=TEXT).scene
    texts = [line.text for line in scene.lines]
    assert [row for row in whole_rows(rows, 3 * step) if row not in texts] == []
    assert len(texts) == len(set(texts)), "no row is there twice, whole and in part"


def test_scrolling_back_reads_from_memory(draw, frame_of, rows):
    tall = draw.page(rows)
    perception = Perception()
    for offset in (0, 320, 640):
        perception.see(frame_of(draw.screen(tall, offset)), want=TEXT)
    before = perception.counters.crops_recognised
    scene = perception.see(frame_of(draw.screen(tall, 320)), want=TEXT).scene
    assert perception.counters.crops_recognised - before <= 1
    assert set(whole_rows(rows, 320)) <= {line.text for line in scene.lines}


def test_one_changed_word_is_one_row_read(draw, frame_of, rows):
    perception = Perception()
    perception.see(frame_of(draw.screen(draw.page(rows), 0)), want=TEXT)
    edited = [*rows[:7], rows[7].replace("7 ", "7 no "), *rows[8:]]
    before = perception.counters.crops_recognised
    scene = perception.see(frame_of(draw.screen(draw.page(edited), 0)), want=TEXT).scene
    texts = [line.text for line in scene.lines]
    assert edited[7] in texts
    assert rows[7] not in texts
    assert perception.counters.crops_recognised - before == 1


def test_a_blinking_caret_is_read_twice_and_never_again(draw, frame_of, rows):
    dark = np.array(draw.screen(draw.page(rows), 0))
    light = dark.copy()
    dark[TOP + 5 * ROW + 14 : TOP + 5 * ROW + 48, 20:23] = (0, 90, 200)
    perception = Perception()
    for pixels in (dark, light):
        perception.see(frame_of(pixels), want=TEXT)
    before = perception.counters.crops_recognised
    for pixels in (dark, light, dark, light):
        perception.see(frame_of(pixels), want=TEXT)
    assert perception.counters.crops_recognised == before


def test_boxes_cover_every_bit_of_ink(draw, frame_of, rows):
    pixels = draw.screen(draw.page(rows), 0)
    scene = Perception().see(frame_of(pixels), want=TEXT).scene
    rest = np.array(pixels[TOP:BOTTOM])
    for line in scene.lines:
        if line.box.top >= TOP:
            rest[line.box.top - TOP : line.box.bottom - TOP, line.box.left : line.box.right] = 255
    assert int(rest.min()) == 255


def test_only_the_silent_part_of_a_tree_is_read(draw, frame_of, rows):
    pixels = draw.screen(draw.page(rows), 0, title="Not read")

    def node(index, box, kind, text="", parent=0):
        return Widget(str(index), index, parent, 1, f"android.view.{kind}", "org.example.reader", box, text=text)

    tree = Tree(
        (
            node(0, Box(0, 0, 720, 1280), "ViewGroup", parent=None),
            node(1, Box(0, 0, 720, TOP), "TextView", "Title of the tree"),
            node(2, Box(0, TOP, 720, BOTTOM), "View"),
        ),
        time_s=0.5,
        asked_s=0.5,
    )
    scene = Perception().see(frame_of(pixels, tree), want=TEXT).scene
    assert scene.lines[0].text == "Title of the tree"
    assert [line.text for line in scene.lines[1:]] == rows[:17]
    assert {line.source for line in scene.lines[1:]} == {"ocr"}
    assert len({line.paragraph for line in scene.lines}) == len(scene.lines), "rows 64 apart are no paragraph"


def test_two_phones_read_the_same(draw, frame_of, rows):
    frames = [draw.screen(draw.page(rows), offset) for offset in (0, 130, 130, 77)]
    first, second = Perception(), Perception()
    for pixels in frames:
        frame = frame_of(pixels)
        assert first.see(frame).scene == second.see(frame).scene


def test_a_real_article_is_read(real_screen, frame_of):
    scene = Perception().see(frame_of(real_screen("news_article.png")), want=TEXT).scene
    texts = [line.text for line in scene.lines]
    for wanted in (
        "Aidan Chiles was benched last week and Alessio Milivojevic took over.",
        "Advertisement",
        "Dare I say it, Penn State will win a football game and do so by a lot of points.",
        "MORE FOOTBALL COVERAGE",
    ):
        assert wanted in texts
    first = next(line for line in scene.lines if line.text.startswith("Following the firing"))
    assert len(scene.paragraph(first)) == 4
    assert scene.paragraph(first)[-1].text == "Spartans."


def test_a_real_scroll_reads_only_what_came(real_screen, frame_of):
    perception = Perception()
    perception.see(frame_of(real_screen("test_screen_prev.png")), want=TEXT)
    scene = perception.see(frame_of(real_screen("test_screen.png")), want=TEXT).scene
    texts = [line.text for line in scene.lines]
    assert perception.counters.lines_reused >= 10
    assert "TransferWise Money Transfer" in texts
    assert "Promoted by TransferWise" in texts
    assert "the introductory lecture (still working on" in texts


def test_a_sliver_of_a_row_is_left_until_more_of_it_shows(draw, frame_of, rows):
    tall = draw.page(rows)
    perception = Perception()
    perception.see(frame_of(draw.screen(tall, 0)), want=TEXT)
    before = perception.counters.crops_recognised
    edge = BOTTOM - TOP
    sliver = perception.see(frame_of(draw.screen(tall, 25)), want=TEXT).scene
    assert perception.counters.crops_recognised == before
    assert all(line.text in rows or line.text == "Reader" for line in sliver.lines)
    whole = perception.see(frame_of(draw.screen(tall, 60)), want=TEXT).scene
    assert rows[edge // ROW] in [line.text for line in whole.lines]
