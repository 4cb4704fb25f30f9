"""Pictures that apps fetched: whatever arrives is a picture or is none, and harms nobody."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from device_agent.virtual_phone.window.pictures import decoded
from device_agent.virtual_phone.window.pictures.store import LARGEST_DECODED


def file(form: str, size: tuple[int, int] = (40, 30)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(out, form)
    return out.getvalue()


FILES = {form: file(form) for form in ("PNG", "JPEG", "WEBP", "GIF")}


@pytest.mark.parametrize("form", FILES)
def test_the_usual_formats_are_decoded(form: str) -> None:
    picture = decoded(FILES[form])
    assert picture is not None
    assert (picture.mode, picture.size) == ("RGBA", (40, 30))


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"%!PS-Adobe-3.0 EPSF-3.0\n", file("BMP"), file("TIFF")])
def test_others_are_not(data: bytes) -> None:
    assert decoded(data) is None


def test_a_picture_of_more_pixels_than_a_phone_takes_is_none() -> None:
    out = io.BytesIO()
    Image.new("1", (1 << 13, (LARGEST_DECODED >> 13) + 1)).save(out, "PNG")
    assert decoded(out.getvalue()) is None


@given(st.sampled_from(sorted(FILES)), st.data())
def test_a_broken_file_is_a_picture_or_none(form: str, data: st.DataObject) -> None:
    whole = bytearray(FILES[form])
    for _ in range(data.draw(st.integers(0, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    picture = decoded(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert picture is None or picture.mode == "RGBA"
