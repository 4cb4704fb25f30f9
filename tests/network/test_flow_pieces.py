"""A feed judged in pieces gets the very verdict that it gets as a whole, whatever was judged before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.network.judge import FLOW_HANDLERS, FlowJudge
from backend.network.messages import FlowMessage, FlowVerdict
from backend.network.pieces import Pieces
from backend.serving.host import ModelHost
from backend.store.entries import Entry, EventEntry

ABUSE = "Shut up, you stupid bitch"


def told(document: Any, **how: Any) -> FlowMessage:
    body = document if isinstance(document, bytes) else json.dumps(document, **how).encode()
    headers = (("content-type", "application/json"),)
    return FlowMessage("response", "f", "c", "GET", "https://a.test/feed", headers=headers, status=200, body=body)


class Two:
    """One judge that may judge in pieces, and one that never does."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.engine = Engine(Catalog(), ModelHost().load, soft_deadline_s=None, handlers=FLOW_HANDLERS)
        for name in ("hate_speech", "demetrication"):
            self.engine.enable(name, {}, apps=["*"])
        self.pieces = FlowJudge(self.engine, self.entries.extend)
        self.whole = FlowJudge(self.engine, lambda entries: None, paths={"nowhere.test": ["$.x"]})


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    two = Two()
    yield two
    two.engine.close()


texts = st.sampled_from(
    [ABUSE, "good morning to all of you", 'she said: [{"a": "b"}]', '": [{}, {"x', "a\\", "[{}]", ""]
)
posts = st.fixed_dictionaries(
    {"text": texts, "like_count": st.integers(0, 5)},
    optional={
        "replies": st.lists(st.fixed_dictionaries({"text": texts}), max_size=2),
        "tags": st.lists(texts, max_size=2),
        "author": st.fixed_dictionaries({"name": texts}),
    },
)
feeds = st.fixed_dictionaries(
    {"posts": st.lists(posts, max_size=4)},
    optional={
        "title": texts,
        "like_count": st.integers(0, 5),
        "data": st.fixed_dictionaries({"items": st.lists(posts, max_size=3), "name": texts}),
        "mixed": st.just([{"text": ABUSE}, 3]),
        "odd": st.just([[{"text": ABUSE}]]),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(feeds | st.lists(posts, max_size=3), st.sampled_from([None, 2]), st.booleans())
def test_in_pieces_is_as_in_one(two: Two, feed: Any, indent: int | None, ascii_only: bool) -> None:
    message = told(feed, indent=indent, ensure_ascii=ascii_only)
    expected = two.whole.judge(message)
    for _ in range(2):
        assert two.pieces.judge(message) == expected


def test_a_post_judged_before_is_not_parsed_again(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    view = FlowJudge._view

    def spy(judge: FlowJudge, case: Any) -> Any:
        seen.append(case.message.body)
        return view(judge, case)

    first = {"text": ABUSE, "like_count": 9}
    two.pieces.judge(told({"page": 1, "posts": [first]}))
    monkeypatch.setattr(FlowJudge, "_view", spy)
    two.entries.clear()
    verdict = two.pieces.judge(told({"page": 2, "posts": [first, {"text": "a new post of many words"}, first]}))
    assert seen == [b'{"page": 2, "posts": [{},{"text": "a new post of many words"}]}']
    assert verdict.body is not None
    assert ABUSE.encode() not in verdict.body
    assert json.loads(verdict.body)["page"] == 2
    events = [entry for entry in two.entries if isinstance(entry, EventEntry)]
    assert [event.detail for event in events] == [{"hate_speech": 2, "demetrication": 2}]


def test_other_interventions_judge_anew(two: Two) -> None:
    message = told({"posts": [{"text": ABUSE, "like_count": 3}]})
    assert two.pieces.judge(message).do == "replace"
    two.engine.disable("hate_speech")
    two.engine.disable("demetrication")
    assert two.pieces.judge(message) == FlowVerdict()
    for name in ("hate_speech", "demetrication"):
        two.engine.enable(name, {}, apps=["*"])


@pytest.mark.parametrize(
    "body", [b"", b"\xff", b"[]", b'{"a": [{]}', b'{"a": [{}', b'{"a": [{}, 3]}', b'{"a": []}', b"{"]
)
def test_what_has_no_pieces_is_judged_as_one(body: bytes) -> None:
    assert Pieces().of(body, "a", 1) is None


def test_what_is_known_is_bounded(two: Two) -> None:
    judge = FlowJudge(two.engine, lambda entries: None)
    judge._pieces = Pieces(capacity=7, room=100)
    for n in range(20):
        judge.judge(told({"posts": [{"id": n, "text": ABUSE}, {"id": n, "text": "good morning"}]}))
    assert len(judge._pieces._done) <= 7
    assert judge._pieces._characters == sum(len(one.text or "") for one in judge._pieces._done.values()) <= 100
