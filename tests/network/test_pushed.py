"""Taking messages from a stream, and putting them back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.network.addon.pushed import Pushed

_EVENTS = (
    b"id: 1\ndata: one\n\r\n: still here\n\nevent: post\r\ndata: two\r\ndata:three\r\nretry: 9\r\n\r\ndata\r\rdata: cut"
)


def events(most: int = 1000) -> Pushed:
    return Pushed(events=True, most=most)


def fed(stream: Pushed, *parts: bytes) -> list[bytes]:
    return [message for part in parts for message in stream.feed(part)] + list(stream.close())


@given(st.lists(st.integers(0, len(_EVENTS)), max_size=8))
def test_events_come_whole_however_they_are_cut(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(_EVENTS)]
    stream = events()
    messages = fed(stream, *(_EVENTS[start:end] for start, end in pairwise(edges)))
    assert b"".join(messages) == _EVENTS
    assert [said for message in messages if (said := stream.content(message))] == [b"one", b"two\nthree", b"cut"]


@given(st.lists(st.binary(max_size=30), max_size=20), st.booleans())
def test_nothing_is_lost_or_added(parts: list[bytes], of_events: bool) -> None:
    stream = Pushed(events=of_events, most=40)
    assert b"".join(fed(stream, *parts)) == b"".join(parts)


def test_only_the_data_of_an_event_changes() -> None:
    stream = events()
    message = b"\xef\xbb\xbfid: 7\r\ndata: one\r\nevent: post\r\ndata: two\r\n\r\n"
    changed = stream.saying(message, b"(hidden)\nwholly")
    assert changed == b"\xef\xbb\xbfid: 7\r\ndata: (hidden)\r\ndata: wholly\r\nevent: post\r\n\r\n"
    assert stream.content(changed) == b"(hidden)\nwholly"


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r"), min_size=1))
def test_what_is_put_in_is_what_is_read(said: str) -> None:
    stream = events()
    assert stream.content(stream.saying(b"id: 1\ndata: old\n\n", said.encode())) == said.encode()


def test_lines_keep_their_ends_and_stay_lines() -> None:
    stream = Pushed(events=False, most=1000)
    first, second = fed(stream, b'{"a": 1}\r\n{"a"', b": 2}")
    assert stream.saying(first, b'{"a":\n3}') == b'{"a": 3}\r\n'
    assert stream.content(second) == b'{"a": 2}'


def test_an_endless_message_is_passed_on_as_it_comes() -> None:
    stream = events(most=10)
    assert list(stream.feed(b"data: 12")) == []
    assert list(stream.feed(b"345678")) == [b"data: 12345678"]
    assert stream.overlong
    assert list(stream.feed(b"9")) == [b"9"]


@pytest.mark.parametrize(("content_type", "known"), [("text/event-stream; charset=utf-8", True), ("text/html", False)])
def test_types_that_are_pushed(content_type: str, known: bool) -> None:
    assert (Pushed.of_type(content_type, 9) is not None) == known
