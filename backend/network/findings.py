"""What the journal is told of flows: who found what and what was changed; no text, no path, no address but the host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from backend.engine.decision import Decided
from backend.network.messages import FlowVerdict
from backend.store.entries import ActionEntry, Entry, EventEntry


def entries_of(decided: Iterable[Decided], phone: str, app: str, number: int) -> list[Entry]:
    """A finding and an action for each decision that is new. One that is known from an earlier flow is none."""
    found: list[Entry] = []
    for one in decided:
        action = one.action
        kinds = ("finding", "action") if action.label or action.score is not None else ("action",)
        found += [
            ActionEntry(
                kind="finding" if kind == "finding" else "action",
                phone=phone,
                frame=number,
                intervention=one.intervention,
                action="Finding" if kind == "finding" else type(action).__name__,
                app=app,
                label=action.label,
                score=action.score,
                why=action.why,
                late=one.late,
            )
            for kind in kinds
        ]
    return found


def changed_event(
    verdict: FlowVerdict, done: Sequence[Decided], kind: str, phone: str, app: str, number: int
) -> EventEntry:
    """That a flow was changed or refused, and how often each intervention had a hand in it."""
    return EventEntry(
        event="flow.refused" if verdict.do == "refuse" else "flow.changed",
        message=f"{kind}: {len(done)} changes" if verdict.do == "replace" else f"{kind}: {verdict.why}",
        phone=phone,
        app=app,
        frame=number or None,
        detail=dict(Counter(one.intervention for one in done)),
    )


def unusable_event(decided: Decided, error: Exception, phone: str, app: str) -> EventEntry:
    """That an action was not carried out, because there is no such path, or no such value."""
    return EventEntry(
        event="intervention.misled",
        message=f"{type(decided.action).__name__} was not carried out: {error}",
        phone=phone,
        app=app,
        intervention=decided.intervention,
    )
