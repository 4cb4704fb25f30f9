"""The journal on PostgreSQL. Runs where ``MINDPROOF_TEST_POSTGRES`` names an empty database of a server."""

from __future__ import annotations

import os

import pytest

from backend.store.entries import ActionEntry, EventEntry, FrameEntry, VerdictEntry
from backend.store.journal import Journal
from interventions.sdk import Box

URL = os.environ.get("MINDPROOF_TEST_POSTGRES", "")
pytestmark = pytest.mark.skipif(not URL, reason="MINDPROOF_TEST_POSTGRES names no database")


def test_two_backends_share_one_database() -> None:
    with Journal.open(URL) as one, Journal.open(URL) as other:
        after = one.newest_id()
        one.append(
            [ActionEntry(phone="p", frame=1, intervention="x", action="Cover", why="GRÜSSE 1%", box=Box(1, 2, 3, 4))]
        )
        one.append(FrameEntry(phone="p", number=i, stages={"ocr": i / 100}) for i in range(1, 101))
        one.append(
            [EventEntry(event="odd", message="\0\udc00"), VerdictEntry(model="m", version="1", asked=3, cached=1)]
        )
        other.append([EventEntry(event="phone.lost")])
        assert one.flush()
        assert other.flush()
        assert (one.dropped, other.dropped) == (0, 0)
        assert {record.name for record in other.tail(after)} == {"Cover", "odd", "phone.lost"}
        (found,) = other.search(query="grüsse 1%", session=one.session)
        assert found.box == Box(1, 2, 3, 4)
        summary = other.summary(one.session)
        assert (summary.frames, summary.stages[0].p95_s, summary.verdicts) == (100, 0.95, {"m 1": (3, 1)})
