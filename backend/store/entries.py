"""What can be written into the journal.

Wall-clock times are seconds since 1970; durations are seconds; boxes are screen pixels. No entry holds pixels, and none
should hold text read from a screen: `why` and `message` are written by us and by interventions.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from interventions.sdk import Box

Kind = Literal["finding", "action", "event"]
"""What a journal row is: a model's or handler's finding, an action decided, or something that happened."""

Plain = str | int | float | bool | None
"""What an event's `detail` may hold: plain JSON values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameEntry:
    """One frame's way through the stages. `stages` maps a stage's name to the seconds it took."""

    phone: str
    number: int
    app: str = ""
    stages: Mapping[str, float] = field(default_factory=dict)
    time_s: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEntry:
    """A finding or an action on a frame.

    `action` is the action's class (``Cover``, ``Delay``) or, for a finding, what found it (``Finding``, ``Match``).
    `late` says that it took effect after the frame's deadline.
    """

    phone: str
    frame: int
    intervention: str
    action: str
    kind: Literal["finding", "action"] = "action"
    app: str = ""
    box: Box | None = None
    label: str = ""
    score: float | None = None
    why: str = ""
    late: bool = False
    time_s: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventEntry:
    """Something that happened: a phone lost, an intervention failed, a parameter changed, a touch passed on.

    `event` is a dotted name, subject first: ``phone.lost``, ``intervention.failed``, ``answer.given``. `detail` holds
    what a reader may want beside `message` (a traceback, the old and the new value).
    """

    event: str
    message: str = ""
    phone: str = ""
    app: str = ""
    intervention: str = ""
    frame: int | None = None
    detail: Mapping[str, Plain] = field(default_factory=dict)
    time_s: float = field(default_factory=time.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictEntry:
    """How often one model was asked since the last such entry, and how often the verdict cache answered."""

    model: str
    version: str
    asked: int
    cached: int
    time_s: float = field(default_factory=time.time)


Entry = FrameEntry | ActionEntry | EventEntry | VerdictEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A finding, an action or an event, as it is read back. `name` is the action's or the event's name."""

    id: int
    session: int
    time_s: float
    kind: Kind
    name: str
    phone: str = ""
    app: str = ""
    intervention: str = ""
    frame: int | None = None
    box: Box | None = None
    label: str = ""
    score: float | None = None
    text: str = ""
    late: bool = False
    detail: Mapping[str, Plain] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSummary:
    """The spread of one stage's durations, in seconds."""

    stage: str
    count: int
    p50_s: float
    p95_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionSummary:
    """How often one intervention found something and acted."""

    intervention: str
    findings: int
    actions: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One session in numbers. `ended_s` is None while it runs, or when it ended without a goodbye."""

    session: int
    started_s: float
    ended_s: float | None
    frames: int
    interventions: tuple[InterventionSummary, ...]
    stages: tuple[StageSummary, ...]
    verdicts: Mapping[str, tuple[int, int]]
    """Model and version -> (asked, of which cached)."""
