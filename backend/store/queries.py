"""What is read from the journal. Text search is a LIKE on a case-folded column: the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypedDict, TypeVar

from sqlalchemy import Connection, Select, and_, case, func, select

from backend.store.entries import InterventionSummary, Kind, Record, StageSummary, Summary
from backend.store.rows import folded, record_of
from backend.store.tables import entries, frames, sessions, stage_timings, verdicts

T = TypeVar("T")
Question = Callable[[Connection], T]

MOST = 1000


class Wanted(TypedDict, total=False):
    """The fields of `Search`, as keyword arguments."""

    query: str
    kind: Kind | None
    name: str
    intervention: str
    app: str
    phone: str
    session: int | None
    since: float | None
    until: float | None
    before_id: int | None
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What to look for. Empty fields do not narrow; all words of `query` must appear, in any order and any case.

    `since` and `until` are wall-clock seconds, the latter excluded. For the page after the last record shown, set
    `before_id` to its id.
    """

    query: str = ""
    kind: Kind | None = None
    name: str = ""
    intervention: str = ""
    app: str = ""
    phone: str = ""
    session: int | None = None
    since: float | None = None
    until: float | None = None
    before_id: int | None = None
    limit: int = 100


def search(connection: Connection, wanted: Search) -> list[Record]:
    """Matching records, newest first."""
    rows = select(entries).order_by(entries.c.id.desc()).limit(_bounded(wanted.limit))
    equal = {
        entries.c.kind: wanted.kind,
        entries.c.name: wanted.name,
        entries.c.intervention: wanted.intervention,
        entries.c.app: wanted.app,
        entries.c.phone: wanted.phone,
        entries.c.session: wanted.session,
    }
    for column, value in equal.items():
        if value:
            rows = rows.where(column == value)
    if wanted.since is not None:
        rows = rows.where(entries.c.time_s >= wanted.since)
    if wanted.until is not None:
        rows = rows.where(entries.c.time_s < wanted.until)
    if wanted.before_id is not None:
        rows = rows.where(entries.c.id < wanted.before_id)
    for word in folded(wanted.query).split():
        rows = rows.where(entries.c.words.contains(word, autoescape=True))
    return _records(connection, rows)


def tail(connection: Connection, after_id: int, limit: int) -> list[Record]:
    """Records written after `after_id`, oldest first."""
    rows = select(entries).where(entries.c.id > after_id).order_by(entries.c.id).limit(_bounded(limit))
    return _records(connection, rows)


def newest_id(connection: Connection) -> int:
    """The id of the newest record; 0 for an empty journal."""
    return connection.scalar(select(func.max(entries.c.id))) or 0


def summary(connection: Connection, session: int) -> Summary | None:
    """One session in numbers; None when there is no such session."""
    row = connection.execute(select(sessions).where(sessions.c.id == session)).mappings().first()
    if row is None:
        return None
    counted = select(func.count()).select_from(frames).where(frames.c.session == session)
    return Summary(
        session=session,
        started_s=row["started_s"],
        ended_s=row["ended_s"],
        frames=connection.scalar(counted) or 0,
        interventions=_interventions(connection, session),
        stages=_stages(connection, session),
        verdicts=_verdicts(connection, session),
    )


def _records(connection: Connection, rows: Select[tuple[object, ...]]) -> list[Record]:
    return [record_of(row) for row in connection.execute(rows).mappings()]


def _bounded(limit: int) -> int:
    return max(1, min(limit, MOST))


def _interventions(connection: Connection, session: int) -> tuple[InterventionSummary, ...]:
    rows = connection.execute(
        select(
            entries.c.intervention,
            func.sum(case((entries.c.kind == "finding", 1), else_=0)),
            func.sum(case((entries.c.kind == "action", 1), else_=0)),
            func.sum(case((entries.c.late, 1), else_=0)),
        )
        .where(entries.c.session == session, entries.c.intervention != "", entries.c.kind != "event")
        .group_by(entries.c.intervention)
        .order_by(entries.c.intervention)
    )
    return tuple(
        InterventionSummary(intervention=name, findings=int(found), actions=int(acted), late=int(late))
        for name, found, acted, late in rows
    )


def _stages(connection: Connection, session: int) -> tuple[StageSummary, ...]:
    counts = connection.execute(
        select(stage_timings.c.stage, func.count())
        .where(stage_timings.c.session == session)
        .group_by(stage_timings.c.stage)
        .order_by(func.min(stage_timings.c.id))
    ).all()
    return tuple(
        StageSummary(
            stage=stage,
            count=count,
            p50_s=_quantile(connection, session, stage, count, 0.50),
            p95_s=_quantile(connection, session, stage, count, 0.95),
        )
        for stage, count in counts
    )


def _quantile(connection: Connection, session: int, stage: str, count: int, share: float) -> float:
    """The smallest duration that at least `share` of all do not exceed (the nearest-rank quantile)."""
    rank = max(0, -(-round(share * 100) * count // 100) - 1)
    chosen = (
        select(stage_timings.c.seconds)
        .where(and_(stage_timings.c.session == session, stage_timings.c.stage == stage))
        .order_by(stage_timings.c.seconds)
        .offset(rank)
        .limit(1)
    )
    return float(connection.execute(chosen).scalar_one())


def _verdicts(connection: Connection, session: int) -> dict[str, tuple[int, int]]:
    rows = connection.execute(
        select(verdicts.c.model, verdicts.c.version, func.sum(verdicts.c.asked), func.sum(verdicts.c.cached))
        .where(verdicts.c.session == session)
        .group_by(verdicts.c.model, verdicts.c.version)
    )
    return {f"{model} {version}": (int(asked), int(cached)) for model, version, asked, cached in rows}
