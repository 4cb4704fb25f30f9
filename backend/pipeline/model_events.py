"""What the journal is told about models at work."""

from __future__ import annotations

from dataclasses import asdict

from backend.serving import ModelStats
from backend.serving.cascade import Escalation, Second
from backend.store.entries import EventEntry


def overturned(cascade: str, second: Second) -> EventEntry:
    """A second judge says otherwise than the first."""
    return EventEntry(
        event="verdict.overturned",
        message=f"{cascade}: {second.first:.2f} became {second.second:.2f}, {second.waited_s:.1f} s later",
        detail={
            "cascade": cascade,
            "first": round(second.first, 4),
            "second": round(second.second, 4),
            "after_s": round(second.waited_s, 3),
        },
    )


def escalated(used: Escalation) -> EventEntry:
    """How often a cascade asked its second judge."""
    return EventEntry(
        event="cascade.used",
        message=f"{used.cascade}: a second opinion on {used.escalated} of {used.judged} texts, "
        f"{used.overturned} verdicts overturned",
        detail={key: value for key, value in asdict(used).items() if key != "seconds"}
        | {"share": round(used.share, 4)},
    )


def dropped(stats: ModelStats, late: int, shed: int) -> EventEntry:
    """A model was not asked in time."""
    return EventEntry(
        event="model.late",
        message=f"{stats.name} was not asked in time about {late + shed} items; they are asked again",
        detail={"model": stats.name, "version": stats.version, "late": late, "shed": shed},
    )


def truncated(stats: ModelStats, items: int) -> EventEntry:
    """Texts were longer than a model can read."""
    return EventEntry(
        event="model.truncated",
        message=f"{stats.name} read {items} items without their middle: they are longer than its context",
        detail={"model": stats.name, "version": stats.version, "items": items},
    )
