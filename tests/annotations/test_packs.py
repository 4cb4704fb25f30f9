"""What was taught, handed on as a signed file."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from backend.annotations.looks import look_of
from backend.annotations.packs import Entry, fingerprint, open_pack, own_key, write
from backend.errors import PackError
from tests.annotations import cards

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
APP = "org.example.feed"
STORIES = Entry(app=APP, name="stories", breadth="this", rule=f"{APP}##viewId={APP}:id/stories")


def piece() -> Entry:
    pixels, place = cards.screen(cards.Look())
    look = look_of(pixels, place, APP)
    return Entry(app=APP, name="piece of the screen", breadth="this", rule=look.rule, crop=look.png)


def changed(data: bytes, **values: Any) -> bytes:
    return json.dumps({**json.loads(data), **values}).encode()


def signed(**values: Any) -> bytes:
    """A pack of nonsense that somebody did sign."""
    told = {key: value for key, value in json.loads(write("nonsense", [], KEY)).items() if key != "signature"} | values
    said = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return json.dumps({**told, "signature": base64.b64encode(KEY.sign(said)).decode()}).encode()


def test_what_is_written_is_what_is_read() -> None:
    pack = open_pack(write("ours", [STORIES, piece()], KEY))
    assert pack.entries == (STORIES, piece())
    assert (pack.name, pack.author) == ("ours", fingerprint(KEY.public_key().public_bytes_raw()))


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_pack_that_was_touched_anywhere_is_refused_or_says_the_same(at: int, by: int) -> None:
    data = bytearray(write("ours", [STORIES], KEY))
    data[at % len(data)] ^= by
    try:
        read = open_pack(bytes(data)).entries
    except PackError:
        return
    assert read == (STORIES,)  # white space between the fields means nothing


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "no pack"),
        (b'{"format": 1}', "not signed"),
        (changed(write("ours", [], KEY), format=2), "format 2"),
        (changed(write("ours", [], KEY), name="theirs"), "was changed"),
        (signed(author="0000-0000-0000-0000"), "another author"),
        (signed(surprise=1), "surprise"),
        (signed(entries=[{**STORIES.model_dump(mode="json"), "app": "org.example.other"}]), "no rule for"),
        (signed(entries=[{**STORIES.model_dump(mode="json"), "rule": "nonsense"}]), "no rule for"),
        (signed(entries=[{**STORIES.model_dump(mode="json"), "crop": "AAAA"}]), "do not go together"),
        (signed(entries=[STORIES.model_dump(mode="json")] * 1001), "entries"),
        (b" " * (9 << 20), "too large"),
    ],
)
def test_what_is_no_pack_is_refused_with_a_reason(data: bytes, why: str) -> None:
    with pytest.raises(PackError, match=why):
        open_pack(data)


def test_a_crop_that_is_another_or_a_bomb_is_refused() -> None:
    entry = piece()
    other = entry.model_dump() | {"crop": base64.b64encode(entry.crop[:-1] + b"x").decode()}
    with pytest.raises(PackError, match="not the one"):
        open_pack(signed(entries=[other]))
    huge = entry.crop[:16] + (60_000).to_bytes(4, "big") * 2 + entry.crop[24:]
    import hashlib

    name = hashlib.sha256(huge).hexdigest()[:16]
    bomb = {
        "app": APP,
        "name": "",
        "breadth": "this",
        "rule": f"{APP}##crop={name}.png##score=0.50",
        "crop": base64.b64encode(huge).decode(),
    }
    with pytest.raises(PackError, match="usual size"):
        open_pack(signed(entries=[bomb]))


def test_the_own_key_is_made_once_and_is_for_nobody_else(tmp_path: Path) -> None:
    first = own_key(tmp_path / "keys")
    assert own_key(tmp_path / "keys").private_bytes_raw() == first.private_bytes_raw()
    assert (tmp_path / "keys/packs.key").stat().st_mode & 0o077 == 0
    (tmp_path / "keys/packs.key").write_bytes(b"short")
    with pytest.raises(PackError, match="no key"):
        own_key(tmp_path / "keys")
