"""Counting the frames that showed a text, from their pixels."""

from __future__ import annotations

import numpy as np
import pytest
from font_roboto import Roboto
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from backend.benchmarks.leaks import Finder, Kept, compressed, count_leaks, evenly, letters
from backend.benchmarks.screen_rows import ScreenRows
from backend.perception.reader import Reading, TextReader, shared_reader
from backend.phones.virtual import abusive_lines
from interventions.sdk import Box, Line, Pixels

TEXTS = ("Shut up bitch, go cry to your mother", "Dumb ass bitch, learn to read")


def rows(*texts: str, paragraph: int = 0) -> list[Line]:
    return [Line(text, Box(0, 30 * at, 500, 30 * at + 24), "ocr", 0.9, paragraph) for at, text in enumerate(texts)]


@pytest.mark.parametrize(
    "read",
    [
        ("Shut up bitch, go cry to your mother",),
        ("shut up bitch go", "cry to your mother"),
        ("Shut up bitch. go cry to y0ur rnother",),
        ("user_12 Shut up bitch, go cry to your mother 2 h",),
    ],
)
def test_a_line_is_known_whole_in_rows_and_misread(read: tuple[str, ...]) -> None:
    assert Finder(TEXTS).found(rows(*read)) == {TEXTS[0]}


@pytest.mark.parametrize("read", [("Good luck with the exam, you will do great.",), ("to your",), ("mother",), ("",)])
def test_other_text_and_scraps_are_not(read: tuple[str, ...]) -> None:
    assert Finder(TEXTS).found(rows(*read)) == set()


@given(st.sampled_from(abusive_lines()), st.data())
def test_any_long_stretch_of_a_line_is_found(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(line) - 24)))
    stretch = line[start : start + 24]
    if len(letters(stretch)) >= 12:
        assert line in Finder(abusive_lines()).found(rows(stretch))


def frame(text: str, number: int) -> Kept:
    picture = Image.new("RGB", (720, 400), (250, 250, 248))
    font = ImageFont.truetype(Roboto, 32)
    ImageDraw.Draw(picture).text((30, 150), text, font=font, fill=(20, 20, 24))
    return Kept(float(number), "org.example", compressed(np.asarray(picture)))


def test_frames_are_counted_by_what_can_be_read_on_them() -> None:
    shown = [frame("what a lovely morning it is", 1), frame(TEXTS[0], 2), frame(TEXTS[0], 3), frame("thank you", 4)]
    found = count_leaks(shown, TEXTS)
    assert (found.frames, found.leaked, dict(found.lines)) == (4, 2, {TEXTS[0]: 2})


def test_of_a_long_run_frames_are_read_evenly_and_the_rest_is_said_to_be_skipped() -> None:
    shown = [frame(TEXTS[0] if number == 4 else "thank you", number) for number in range(6)]
    assert [one.time_s for one in evenly(shown, 3)] == [0, 2, 4]
    found = count_leaks(shown, TEXTS, most=3)
    assert (found.frames, found.leaked, found.skipped) == (3, 1, 3)


def test_a_row_is_read_once_wherever_it_stands_and_another_of_its_width_is_read_too() -> None:
    reader = Counting(shared_reader(2))
    rows = ScreenRows(reader)  # type: ignore[arg-type]
    read = [rows.read(page(TEXTS[0], top))[0].text for top in (100, 131, 260)]
    assert read == [TEXTS[0]] * 3
    assert reader.read_rows == 1
    other = "Such a bore, he can cry to his mother"
    assert rows.read(page(other, 100))[0].text == other
    assert rows.read(page(other, 100))[0].text == other
    assert (reader.read_rows, reader.detected) == (2, 4)


class Counting:
    """A reader that counts what it is asked for."""

    def __init__(self, reader: TextReader) -> None:
        self._reader = reader
        self.read_rows = self.detected = 0

    def detect(self, pixels: Pixels, scale: float) -> list[Box]:
        self.detected += 1
        return self._reader.detect(pixels, scale)

    def read(self, rows: list[Pixels], squeeze: float) -> list[Reading]:
        self.read_rows += len(rows)
        return self._reader.read(rows, squeeze)


def page(text: str, top: int) -> Pixels:
    picture = Image.new("RGB", (540, 400), (250, 250, 248))
    ImageDraw.Draw(picture).text((24, top), text, font=ImageFont.truetype(Roboto, 24), fill=(20, 20, 24))
    return np.asarray(picture)
