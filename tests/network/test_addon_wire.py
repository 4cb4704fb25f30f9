"""The frames of the link, and the parts of the addon that need no mitmproxy."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.network.addon import bodies, wire
from backend.network.addon.hosts import Hosts, with_ports
from backend.network.addon.notes import Notes
from backend.network.addon.room import Room
from backend.network.addon.rules import Rules as AddonRules
from backend.network.flows import flow_from, note_from
from backend.network.messages import Rules

headers = st.dictionaries(st.text(max_size=8), st.text(max_size=20) | st.integers(), max_size=4).map(
    lambda given: {**given, "type": "x"}
)


@given(st.lists(st.tuples(headers, st.binary(max_size=50)), max_size=5), st.integers(1, 40))
def test_messages_arrive_whole_however_the_stream_is_cut(messages: list[tuple[Any, bytes]], step: int) -> None:
    stream = b"".join(wire.pack(*message) for message in messages)
    unpacker = wire.Unpacker()
    found = [each for at in range(0, len(stream), step) for each in unpacker.feed(stream[at : at + step])]
    assert found == messages


@given(st.binary(max_size=200))
def test_noise_is_a_wire_error_or_waits_for_more(noise: bytes) -> None:
    try:
        for header, _ in wire.Unpacker().feed(noise):
            assert isinstance(header["type"], str)
    except wire.WireError:
        pass


@pytest.mark.parametrize(
    "sent",
    [
        struct.pack(">II", 0, 0),
        struct.pack(">II", wire.MOST_HEADER + 1, 0),
        struct.pack(">II", 2, wire.MOST_BODY + 1),
        struct.pack(">II", 2, 0) + b"[]",
        struct.pack(">II", 4, 0) + b"\xff\xff\xff\xff",
        struct.pack(">II", 60_000, 0) + b"[" * 60_000,
    ],
)
def test_lengths_out_of_bounds_and_broken_headers_are_refused(sent: bytes) -> None:
    with pytest.raises(wire.WireError):
        list(wire.Unpacker().feed(sent))


def test_what_is_too_long_is_not_sent() -> None:
    with pytest.raises(wire.WireError):
        wire.pack({"type": "x", "long": "y" * wire.MOST_HEADER})


@pytest.mark.parametrize("header", [{}, {"flow": "a"}, {"headers": 3}, {"due": "soon"}, {"request_headers": [["a"]]}])
def test_a_message_that_lacks_something_is_a_wire_error(header: dict[str, Any]) -> None:
    with pytest.raises(wire.WireError):
        flow_from({"type": "response", **header}, b"")
    with pytest.raises(wire.WireError):
        note_from({"type": "note", **header})


def test_rules_mean_the_same_on_both_sides() -> None:
    ours = Rules(
        ("*.plaza.test",), {"image/*": "hold", "application/json": "pass"}, 700, 9.0, 1000, {"a.test": "[::1]:8"}
    )
    its = AddonRules.from_wire(ours.as_wire())
    assert (its.deadline_s, its.upstream_s, its.most_body) == (0.7, 9.0, 1000)
    assert its.late("image/png; q=1") == "hold"
    assert its.late("Application/JSON;charset=utf-8") == "pass"
    assert its.late("text/html") is None
    assert its.address("a.test") == ("::1", 8)
    assert its.address("b.test") is None
    assert "api.plaza.test" in its.hosts


@pytest.mark.parametrize(
    ("name", "matches"),
    [
        ("api.plaza.test", True),
        ("a.b.plaza.test", True),
        ("API.Plaza.Test", True),
        ("api.plaza.test.", True),
        ("plaza.test", False),
        ("plaza.test.evil.example", False),
        ("apixplaza.test", False),
        ("evilplaza.test", False),
        ("", False),
    ],
)
def test_a_star_is_any_depth_below_and_nothing_else(name: str, matches: bool) -> None:
    assert (name in Hosts(["*.plaza.test"])) is matches


def test_no_pattern_matches_nothing() -> None:
    assert "plaza.test" not in Hosts([])
    assert with_ports([]) == ["(?!)"]


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "deflate", "x-gzip", "", "identity", "raw", "members"]))
def test_what_was_encoded_is_decoded(body: bytes, coding: str) -> None:
    half = len(body) // 2
    raw = {
        "gzip": lambda: gzip.compress(body),
        "x-gzip": lambda: gzip.compress(body) + b"\0\0",
        "members": lambda: gzip.compress(body[:half]) + gzip.compress(body[half:]),
        "deflate": lambda: zlib.compress(body),
        "raw": lambda: zlib.compress(body)[2:-4],
    }.get(coding, lambda: body)()
    name = {"raw": "deflate", "members": "gzip"}.get(coding, coding)
    if coding == "raw" and bodies._has_zlib_header(raw):  # nobody can tell these two apart
        return
    assert bodies.decode(raw, name, 2000) == body


@given(st.binary(min_size=1, max_size=300), st.sampled_from(["gzip", "deflate", "br", "gzip, gzip", "zstd"]))
def test_noise_is_undecodable_or_bounded(noise: bytes, coding: str) -> None:
    with contextlib.suppress(bodies.Undecodable, bodies.TooLarge):
        assert len(bodies.decode(noise, coding, 1000)) <= 1000


def test_what_is_cut_off_is_undecodable_and_a_bomb_too_large() -> None:
    with pytest.raises(bodies.Undecodable):
        bodies.decode(gzip.compress(b"x" * 1000)[:-9], "gzip", 5000)
    with pytest.raises(bodies.TooLarge):
        bodies.decode(gzip.compress(b"x" * 50_000_000), "gzip", 1_000_000)


@pytest.mark.parametrize(
    ("accepted", "asked"),
    [("gzip, br", "gzip"), ("br;q=1, *", "identity"), ("", "identity"), ("GZIP;q=0, deflate", "GZIP;q=0, deflate")],
)
def test_accept_encoding_is_narrowed(accepted: str, asked: str) -> None:
    assert bodies.readable(accepted) == asked


def test_equal_notes_become_one() -> None:
    told: list[dict[str, Any]] = []
    notes = Notes(told.append)
    for n in range(5):
        notes.add("grpc", "a.test", f"127.0.0.1:{n}", 80)
    notes.add("grpc", "b.test")
    notes.flush()
    notes.flush()
    assert [(note["host"], note["count"]) for note in told] == [("a.test", 5), ("b.test", 1)]


def test_room_is_given_in_turn_and_a_wait_ends() -> None:
    async def story() -> None:
        room = Room(100)
        assert await room.take(500, 1) == 100
        assert await room.take(10, 0.01) == 0
        waiting = asyncio.create_task(room.take(60, 5)), asyncio.create_task(room.take(40, 5))
        await asyncio.sleep(0)
        room.give_back(100)
        assert await asyncio.gather(*waiting) == [60, 40]
        assert await room.take(1, 0.01) == 0

    asyncio.run(story())
