"""Entries to table rows and back: pure functions."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any, cast

from sqlalchemy import RowMapping, Table

from backend.store.entries import ActionEntry, Entry, EventEntry, FrameEntry, Kind, Record, VerdictEntry
from backend.store.tables import entries, frames, stage_timings, verdicts
from interventions.sdk import Box

Row = dict[str, Any]


def rows_of(batch: Iterable[Entry], session: int) -> dict[Table, list[Row]]:
    """The rows that `batch` becomes, by table, in the order they were given."""
    rows: dict[Table, list[Row]] = {frames: [], stage_timings: [], entries: [], verdicts: []}
    for entry in batch:
        match entry:
            case FrameEntry():
                rows[frames].append(_frame_row(entry, session))
                rows[stage_timings].extend(_timing_rows(entry, session))
            case ActionEntry():
                rows[entries].append(_action_row(entry, session))
            case EventEntry():
                rows[entries].append(_event_row(entry, session))
            case VerdictEntry():
                rows[verdicts].append(_verdict_row(entry, session))
    return {table: added for table, added in rows.items() if added}


def record_of(row: RowMapping) -> Record:
    """A row of `entries` as its reader sees it."""
    edges = (row["left"], row["top"], row["right"], row["bottom"])
    return Record(
        id=row["id"],
        session=row["session"],
        time_s=row["time_s"],
        kind=cast("Kind", row["kind"]),
        name=row["name"],
        phone=row["phone"],
        app=row["app"],
        intervention=row["intervention"],
        frame=row["frame"],
        box=None if row["left"] is None else Box(*edges),
        label=row["label"],
        score=row["score"],
        text=row["text"],
        late=row["late"],
        detail=row["detail"],
    )


def folded(text: str) -> str:
    """`text` as the search compares it."""
    return _storable(text).casefold()


def _frame_row(entry: FrameEntry, session: int) -> Row:
    return {
        "session": session,
        "time_s": entry.time_s,
        "number": entry.number,
        "phone": _storable(entry.phone),
        "app": _storable(entry.app),
    }


def _timing_rows(entry: FrameEntry, session: int) -> list[Row]:
    return [
        {
            "session": session,
            "phone": _storable(entry.phone),
            "frame": entry.number,
            "stage": _storable(stage),
            "seconds": float(seconds),
        }
        for stage, seconds in entry.stages.items()
        if math.isfinite(seconds)
    ]


def _action_row(entry: ActionEntry, session: int) -> Row:
    box = entry.box
    return _entry_row(
        session=session,
        time_s=entry.time_s,
        kind=entry.kind,
        name=entry.action,
        phone=entry.phone,
        app=entry.app,
        intervention=entry.intervention,
        frame=entry.frame,
        left=None if box is None else int(box.left),
        top=None if box is None else int(box.top),
        right=None if box is None else int(box.right),
        bottom=None if box is None else int(box.bottom),
        label=entry.label,
        score=None if entry.score is None or not math.isfinite(entry.score) else float(entry.score),
        text=entry.why,
        late=entry.late,
        detail={},
    )


def _event_row(entry: EventEntry, session: int) -> Row:
    return _entry_row(
        session=session,
        time_s=entry.time_s,
        kind="event",
        name=entry.event,
        phone=entry.phone,
        app=entry.app,
        intervention=entry.intervention,
        frame=entry.frame,
        left=None,
        top=None,
        right=None,
        bottom=None,
        label="",
        score=None,
        text=entry.message,
        late=False,
        detail=_storable_detail(entry.detail),
    )


def _entry_row(**row: Any) -> Row:
    row = {name: _storable(value) if isinstance(value, str) else value for name, value in row.items()}
    searched = (row["name"], row["label"], row["text"], row["intervention"], row["app"])
    return row | {"words": "\n".join(part.casefold() for part in searched if part)}


def _verdict_row(entry: VerdictEntry, session: int) -> Row:
    return {
        "session": session,
        "time_s": entry.time_s,
        "model": _storable(entry.model),
        "version": _storable(entry.version),
        "asked": entry.asked,
        "cached": entry.cached,
    }


def _storable_detail(detail: Mapping[str, Any]) -> Row:
    return {
        _storable(name): _storable(value)
        if isinstance(value, str)
        else (None if isinstance(value, float) and not math.isfinite(value) else value)
        for name, value in detail.items()
    }


def _storable(text: str) -> str:
    """`text` without what a database refuses: lone surrogates and, for PostgreSQL, NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "�")
