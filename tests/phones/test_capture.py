"""Pictures: raw ones in every format and every stage of decay, video in any pieces."""

from __future__ import annotations

import struct
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from backend.errors import CaptureError
from backend.phones.capture.access_units import AccessUnits, CutUnit
from backend.phones.capture.raw import RawCapture, parse_screencap
from backend.phones.capture.shot import is_black
from backend.phones.capture.stream import Decoder, StreamCapture, StreamUnsupported
from backend.phones.phone import Phone

PIXELS = hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9), st.just(4)))


@given(PIXELS, st.sampled_from([(), (0,), (1,)]))
def test_reads_rgba_behind_both_headers(pixels: np.ndarray, colour_space: tuple[int, ...]) -> None:
    height, width = pixels.shape[:2]
    words = (width, height, 1, *colour_space)
    got = parse_screencap(struct.pack(f"<{len(words)}I", *words) + pixels.tobytes())
    assert np.array_equal(got, pixels[..., :3])
    assert not got.flags.writeable


@given(PIXELS)
def test_reads_bgra_and_rgb(pixels: np.ndarray) -> None:
    height, width = pixels.shape[:2]
    header = struct.pack("<4I", width, height, 5, 0)
    assert np.array_equal(parse_screencap(header + pixels.tobytes()), pixels[..., 2::-1])
    header = struct.pack("<4I", width, height, 3, 0)
    assert np.array_equal(parse_screencap(header + pixels[..., :3].tobytes()), pixels[..., :3])


@given(hnp.arrays(np.uint16, st.tuples(st.integers(1, 9), st.integers(1, 9))))
def test_reads_565_close_to_what_it_meant(packed: np.ndarray) -> None:
    height, width = packed.shape
    got = parse_screencap(struct.pack("<3I", width, height, 4) + packed.astype("<u2").tobytes()).astype(int)
    assert np.array_equal(got[..., 0] >> 3, packed >> 11)
    assert np.array_equal(got[..., 1] >> 2, packed >> 5 & 63)
    assert np.array_equal(got[..., 2] >> 3, packed & 31)


@given(st.integers(1, 200))
def test_a_truncated_picture_names_both_sizes(missing: int) -> None:
    whole = struct.pack("<4I", 8, 8, 1, 0) + bytes(256)
    with pytest.raises(CaptureError, match=r"got \d+ bytes, expected 272"):
        parse_screencap(whole[: len(whole) - missing if missing != 4 else -5])


@given(st.binary(max_size=200))
def test_any_bytes_give_a_picture_or_a_clear_error(data: bytes) -> None:
    try:
        assert parse_screencap(data).ndim == 3
    except CaptureError as error:
        assert error.remedy  # noqa: PT017


def test_quotes_what_came_instead_of_a_picture() -> None:
    with pytest.raises(CaptureError, match="Capture failed"):
        parse_screencap(b"Capture failed: status -1")


def test_tells_black_from_dark() -> None:
    black = np.zeros((128, 96, 3), np.uint8)
    assert is_black(black)
    black[:40, :40] = 30
    assert not is_black(black)


def test_an_unchanged_screen_is_told_by_nothing(scripted: Any, phone: Phone) -> None:
    with phone.lane() as lane:
        capture = RawCapture(lane)
        first = capture.take()
        assert first is not None
        assert first.size == (96, 128)
        assert capture.take() is None
        scripted.show(scripted.picture(7))
        second = capture.take()
        assert second is not None
        assert second.pixels[64, 48].tolist() == [7, 7, 7]


# -- video ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def video() -> list[bytes]:
    """Six access units, with headers before the first and fourth."""
    rng = np.random.default_rng(1)
    units = []
    for part in range(2):
        codec = av.CodecContext.create("libx264", "w")
        codec.width, codec.height, codec.pix_fmt, codec.framerate = 64, 96, "yuv420p", 30
        codec.options = {"tune": "zerolatency", "preset": "ultrafast", "slices": "3" if part else "1"}
        for _ in range(3):
            picture = av.VideoFrame.from_ndarray(rng.integers(0, 255, (96, 64, 3), np.uint8), "rgb24")
            units += [bytes(packet) for packet in codec.encode(picture)]
    return units


@given(cuts=st.lists(st.integers(1, 4000), min_size=1, max_size=9))
def test_units_come_back_whole_whatever_the_pieces(video: list[bytes], cuts: list[int]) -> None:
    stream, units, got, at, turn = b"".join(video), AccessUnits(), [], 0, 0
    while at < len(stream):
        step = cuts[turn % len(cuts)]
        got += units.feed(stream[at : at + step])
        at, turn = at + step, turn + 1
    last = units.flush()
    assert [*got, last] == video
    assert units.flush() is None


def test_each_unit_gives_its_picture_at_once(video: list[bytes]) -> None:
    decoder = Decoder()
    assert all(decoder.decode(unit) is not None for unit in video)


def test_a_unit_flushed_too_early_is_noticed(video: list[bytes]) -> None:
    units = AccessUnits()
    units.feed(video[0][:-100])
    assert units.flush() is not None
    with pytest.raises(CutUnit):
        units.feed(video[0][-100:])


def test_video_shows_the_last_change_without_a_further_one(scripted: Any, phone: Phone) -> None:
    scripted.commands["screenrecord"] = scripted.video
    with phone.lane() as lane:
        shots = StreamCapture(lane).shots()
        assert next(shots).size == (96, 128)
        for shade in (40, 90, 200):
            scripted.show(scripted.picture(shade))
            shot = next(shots)
            assert abs(int(shot.pixels[64, 48, 1]) - shade) < 6
        shots.close()


def test_video_goes_on_after_the_stream_ends(scripted: Any, phone: Phone) -> None:
    def one_picture(stream: Any) -> None:
        codec = scripted.encoder(96, 128)
        for packet in codec.encode(av.VideoFrame.from_ndarray(scripted.pixels[..., :3].copy(), "rgb24")):
            stream.write(bytes(packet))

    scripted.commands["screenrecord"] = one_picture
    with phone.lane() as lane:
        capture = StreamCapture(lane, max_fps=1000)
        shots = capture.shots()
        for _ in range(4):
            next(shots)
        assert capture.restarts >= 2
        shots.close()


def test_video_starts_anew_with_the_new_size(scripted: Any, phone: Phone) -> None:
    scripted.commands["screenrecord"] = scripted.video
    with phone.lane() as lane:
        capture = StreamCapture(lane)
        shots = capture.shots()
        assert next(shots).size == (96, 128)
        scripted.show(scripted.picture(50, (128, 96)))
        capture.restart()
        sizes = {next(shots).size for _ in range(1)}
        assert sizes <= {(128, 96), (96, 128)}
        shots.close()


@pytest.mark.parametrize("answer", [b"", (b"", b"not found", 127), b"ERROR: unable to configure codec\n"])
def test_a_phone_without_video_says_so(scripted: Any, phone: Phone, answer: Any) -> None:
    scripted.commands["screenrecord"] = answer
    with phone.lane() as lane, pytest.raises(StreamUnsupported):
        next(StreamCapture(lane).shots())
