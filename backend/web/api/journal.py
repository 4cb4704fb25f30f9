"""The journal, read."""

from __future__ import annotations

import time
from collections.abc import Sequence

from flask import Response

from backend.store.entries import Record
from backend.web.api.blueprint import answer, blueprint
from backend.web.api.schemas import (
    EventsQuery,
    JournalQuery,
    RecordGiven,
    Records,
    SummaryGiven,
    SummaryQuery,
)
from backend.web.context import context, runtime
from backend.web.guard import allow

api = blueprint("journal", "The journal: what was found, decided and done, and what happened.")

SLICE_S = 0.5


@api.get("/journal", responses={200: Records})
@allow("researcher")
def search(query: JournalQuery) -> Response:
    """Search the journal, newest first."""
    return _records(runtime().journal.search(**query.model_dump()))


@api.get("/events", responses={200: Records})
@allow("researcher")
def events(query: EventsQuery) -> Response:
    """What is new since `after`, oldest first; waits for it, if asked to."""
    here, journal = context(), runtime().journal
    records = journal.tail(query.after, query.limit)
    if records or not query.timeout_s or not here.waiting.acquire(blocking=False):
        return _records(records)
    try:
        deadline_s = time.monotonic() + query.timeout_s
        while not records and not here.closing.is_set() and (left_s := deadline_s - time.monotonic()) > 0:
            records = journal.tail(query.after, query.limit, min(SLICE_S, left_s))
    finally:
        here.waiting.release()
    return _records(records)


@api.get("/journal/summary", responses={200: SummaryGiven})
@allow("researcher")
def summary(query: SummaryQuery) -> Response:
    """One session in numbers."""
    return answer(SummaryGiven.model_validate(runtime().journal.summary(query.session)))


def _records(found: Sequence[Record]) -> Response:
    given = [RecordGiven.model_validate(record) for record in found]
    return answer(Records(records=given, trouble=runtime().journal.trouble))
