"""Pictures, video manifests and plain text."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures

from backend.network.addresses import with_query
from backend.network.views.image_view import FORMATS, ImageView
from backend.network.views.manifest_view import ManifestView
from backend.network.views.splice import Splice, spliced
from backend.network.views.text_view import TextView
from backend.network.views.view import Unreadable
from interventions.sdk import KeepFirst

MASTER = b"""#EXTM3U
#EXT-X-SESSION-KEY:METHOD=AES-128,URI="key"
#EXT-X-STREAM-INF:BANDWIDTH=1280000
low.m3u8
#EXT-X-STREAM-INF:BANDWIDTH=7680000
high.m3u8
"""
MEDIA = b"""#EXTM3U\r
#EXT-X-TARGETDURATION:4\r
#EXTINF:4.0,\r
a.ts\r
#EXTINF:4.0,\r
b.ts\r
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="c.ts"\r
#EXT-X-ENDLIST\r
"""
DASH = """<?xml version="1.0" encoding="utf-8"?>
<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:xlink="http://www.w3.org/1999/xlink"><!-- é -->
 <Period id="one"><AdaptationSet><Period/></AdaptationSet></Period>
 <Period id="two" xlink:href="/next" xlink:actuate="onLoad"/>
</MPD>""".encode()


def picture(kind: str, frames: int = 1, size: tuple[int, int] = (64, 48)) -> bytes:
    out = BytesIO()
    shown = [Pictures.new("RGB", size, (10 + 40 * n, 200, 30)) for n in range(frames)]
    shown[0].save(out, kind, **({"save_all": True, "append_images": shown[1:]} if frames > 1 else {}))
    return out.getvalue()


@pytest.mark.parametrize("kind", sorted(set(FORMATS.values())))
def test_a_picture_is_replaced_by_one_of_its_size_and_type(kind: str) -> None:
    view = ImageView(picture(kind))
    (part,) = view.parts
    assert part.pixels is not None
    assert part.pixels.shape == (48, 64, 3)
    assert not part.pixels.flags.writeable
    with Pictures.open(BytesIO(view.edited({0: ""}))) as shown:
        assert (shown.format, shown.size) == (kind, (64, 48))
        assert np.ptp(np.array(shown.convert("RGB")), axis=(0, 1)).max() <= 8


def test_a_moving_picture_is_looked_at_from_its_first_to_its_last_frame() -> None:
    view = ImageView(picture("GIF", frames=9))
    assert len(view.parts) == 4
    assert len({part.digest for part in view.parts}) == 4
    with Pictures.open(BytesIO(view.edited({3: ""}))) as shown:
        assert getattr(shown, "n_frames", 1) == 1


@pytest.mark.parametrize("kind", sorted(set(FORMATS.values())))
@pytest.mark.parametrize("share", [0.3, 0.7])
def test_a_picture_that_is_cut_short_is_left(kind: str, share: float) -> None:
    noise = np.random.default_rng(3).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    out = BytesIO()
    Pictures.fromarray(noise).save(out, kind)
    with pytest.raises(Unreadable):
        ImageView(out.getvalue()[: int(len(out.getvalue()) * share)])


def test_a_picture_that_would_fill_the_memory_is_left() -> None:
    out = BytesIO()
    Pictures.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(Unreadable):
        ImageView(out.getvalue())


def test_a_large_picture_is_looked_at_small_and_replaced_large() -> None:
    view = ImageView(picture("JPEG", size=(4000, 1000)))
    assert view.parts[0].pixels is not None
    assert view.parts[0].pixels.shape == (400, 1600, 3)
    with Pictures.open(BytesIO(view.edited({0: ""}))) as shown:
        assert shown.size == (4000, 1000)


def test_a_picture_taken_sideways_is_looked_at_upright() -> None:
    out = BytesIO()
    exif = Pictures.Exif()
    exif[0x0112] = 6
    Pictures.new("RGB", (64, 48)).save(out, "JPEG", exif=exif)
    view = ImageView(out.getvalue())
    assert view.parts[0].pixels is not None
    assert view.parts[0].pixels.shape == (64, 48, 3)
    with Pictures.open(BytesIO(view.edited({0: ""}))) as shown:
        assert shown.size == (48, 64)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_picture_are_left(body: bytes) -> None:
    with pytest.raises(Unreadable):
        ImageView(body)


def test_hls_variants_segments_and_hints() -> None:
    master, media = ManifestView(MASTER, dash=False), ManifestView(MEDIA, dash=False)
    assert [one["uri"] for one in master.read()["variants"]] == ["low.m3u8", "high.m3u8"]
    assert [one["uri"] for one in media.read()["segments"]] == ["a.ts", "b.ts"]
    assert media.edited({}, [KeepFirst("$.hints", 0)]) == MEDIA.replace(
        b'#EXT-X-PRELOAD-HINT:TYPE=PART,URI="c.ts"\r\n', b""
    )
    assert master.edited({}, [KeepFirst("$.hints", 0), KeepFirst("$.variants", 1)]) == MASTER.replace(
        b'#EXT-X-SESSION-KEY:METHOD=AES-128,URI="key"\n', b""
    ).replace(b"#EXT-X-STREAM-INF:BANDWIDTH=7680000\nhigh.m3u8\n", b"")
    assert media.edited({}) == MEDIA


def test_dash_periods_and_what_is_resolved_on_load() -> None:
    view = ManifestView(DASH, dash=True)
    assert [one["id"] for one in view.read()["periods"]] == ["one", "two"]
    assert view.edited({}, [KeepFirst("$.hints", 0)]) == DASH.replace(b'"onLoad"', b'"onRequest"')
    assert view.edited({}, [KeepFirst("$.periods", 1)]) == DASH.replace(
        b'<Period id="two" xlink:href="/next" xlink:actuate="onLoad"/>', b""
    )
    assert view.edited({}) == DASH


@pytest.mark.parametrize(
    ("body", "dash"),
    [
        (b"hello", False),
        (b"<MPD", True),
        (b'<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><MPD>&c;</MPD>', True),
        (b"\x00\xff", True),
    ],
)
def test_what_is_no_manifest_is_left(body: bytes, dash: bool) -> None:
    with pytest.raises(Unreadable):
        ManifestView(body, dash)


def test_plain_text_line_by_line() -> None:
    view = TextView("first line \r\n\r\n  zweite Zeile über\n12\n".encode())
    assert [(part.kind, part.text) for part in view.parts] == [
        ("text", "first line"),
        ("text", "zweite Zeile über"),
        ("count", "12"),
    ]
    assert view.edited({1: "x"}).decode() == "first line \r\n\r\n  x\n12\n"
    with pytest.raises(Unreadable):
        TextView(b"a\x00b c")


@given(
    st.text(max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(0, 9), st.text(max_size=3)), max_size=4)
)
def test_splices_never_overlap(text: str, wanted: list[tuple[int, int, str]]) -> None:
    splices = [Splice(min(at, len(text)), min(at + length, len(text)), new) for at, length, new in wanted]
    made = spliced(text, splices)
    if len(splices) == 1:
        ((start, end, new),) = splices
        assert made == text[:start] + new + text[end:]
    assert len(made) <= len(text) + sum(len(new) for _, _, new in splices)


@pytest.mark.parametrize(
    ("url", "changes", "after"),
    [
        ("https://a.test/x?b=1&limit=50&c=%2F#top", {"limit": "5"}, "https://a.test/x?b=1&limit=5&c=%2F#top"),
        ("https://a.test/x?limit=50&limit=60", {"limit": "5"}, "https://a.test/x?limit=5"),
        ("https://a.test/x", {"limit": "a b&c"}, "https://a.test/x?limit=a+b%26c"),
        ("https://a.test/x?limit=1", {"limit": None}, "https://a.test/x"),
        ("https://a.test/x?page%5Bsize%5D=9&flag", {"page[size]": "5"}, "https://a.test/x?page%5Bsize%5D=5&flag"),
        ("https://a.test/x?b=%zz", {}, "https://a.test/x?b=%zz"),
    ],
)
def test_a_query_is_changed_and_nothing_else_of_an_address(
    url: str, changes: dict[str, str | None], after: str
) -> None:
    assert with_query(url, changes) == after
