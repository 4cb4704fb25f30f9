"""What the API takes and gives, as pydantic models. Times are seconds; pixels are the phone's."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from backend.annotations.picking import Kind as PickKind
from backend.annotations.rules import Breadth
from backend.annotations.teaching import By
from backend.store.entries import Kind
from backend.web.access import Role
from backend.web.runtime import Key, PhoneState, Touch

PIXEL = Field(ge=-100_000, le=100_000)


class Strict(BaseModel):
    """A request: unknown fields are an error, not a silent no-op."""

    model_config = ConfigDict(extra="forbid")


class Given(BaseModel):
    """An answer, made from one of the runtime's views."""

    model_config = ConfigDict(from_attributes=True)


class ApiError(BaseModel):
    error: str = Field(description="What happened, and to what.")
    remedy: str = Field(description="What to do about it; may be empty.")


class Done(BaseModel):
    accepted: bool = Field(
        description="False when something on the way refused it: an open interstitial, a blocked place."
    )


class BoxGiven(Given):
    left: int
    top: int
    right: int
    bottom: int


# -- session


class Session(BaseModel):
    role: Role
    phone: str = Field(description="The participant's phone; empty for a researcher.")


class NewLink(Strict):
    role: Role = "participant"
    phone: str = Field("", description="Required for a participant: the one phone they will see.")


class Link(BaseModel):
    url: str
    lasts_s: float


# -- phones


class PhonePath(BaseModel):
    serial: str


class Phone(Given):
    serial: str
    name: str
    state: PhoneState
    reason: str
    app: str
    size: tuple[int, int]
    fps: float
    frames: int


class Phones(BaseModel):
    phones: list[Phone]


class TouchEvent(Strict):
    action: Touch
    x: int = PIXEL
    y: int = PIXEL


class Touches(Strict):
    events: list[TouchEvent] = Field(min_length=1, max_length=200, description="In the order they happened.")


class Swipe(Strict):
    start: tuple[int, int]
    end: tuple[int, int]
    duration_s: float = Field(0.2, gt=0, le=5)


class KeyPress(Strict):
    key: Key


class Typed(Strict):
    text: str = Field(min_length=1, max_length=2000)


class AnswerGiven(Strict):
    key: str
    choice: str


class Pause(Strict):
    reason: str = Field("", max_length=200)


# -- annotations


class Piece(Strict):
    """A piece of the screen, in its pixels."""

    left: int = PIXEL
    top: int = PIXEL
    right: int = PIXEL
    bottom: int = PIXEL


class ScreenPath(BaseModel):
    serial: str
    number: int = Field(description="Of the screen, as `things` gave it.")


class Meant(Strict):
    """What is meant: one of the things, or a piece of the screen."""

    thing: int | None = Field(None, ge=0, description="Its place in the list of things.")
    piece: Piece | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.thing is None) == (self.piece is None):
            raise ValueError("give either a thing or a piece")
        return self


class AnnotationPath(BaseModel):
    serial: str
    number: int


class ThingGiven(BaseModel):
    kind: PickKind
    name: str
    box: BoxGiven
    text: bool = Field(description="It has a text that a judge could be corrected on.")


class Things(BaseModel):
    number: int = Field(description="Names this screen in what follows.")
    size: tuple[int, int]
    things: list[ThingGiven] = Field(description="Smallest first.")


class PreviewGiven(Given):
    breadth: Breadth
    by: By
    boxes: tuple[BoxGiven, ...]
    also_on: int = Field(description="On how many of the `screens` before this one it would hide something.")
    screens: int


class Previews(BaseModel):
    previews: list[PreviewGiven]


class Hide(Meant):
    breadth: Breadth = "this"
    everywhere: bool = Field(False, description="On every phone; for researchers only.")


class AnnotationGiven(Given):
    id: int
    made_s: float
    author: str
    phone: str = Field(description="Where it holds; empty for every phone.")
    app: str
    name: str
    breadth: str
    rule: str = Field(description="Empty for a participant.")
    undone_s: float | None
    undone_by: str


class Annotations(BaseModel):
    annotations: list[AnnotationGiven] = Field(description="Newest first.")


class Correct(Strict):
    thing: int = Field(ge=0, description="Its place in the list of things.")
    harmful: bool = Field(description="A text that is shown is harmful; or else, what a cover hides was fine.")
    everywhere: bool = Field(False, description="On every phone; for researchers only.")


class CorrectionGiven(Given):
    id: int
    made_s: float
    author: str
    phone: str = Field(description="Where it holds; empty for every phone.")
    app: str
    text: str = Field(description="Empty for a participant.")
    harmful: bool
    undone_s: float | None
    undone_by: str


class Corrections(BaseModel):
    corrections: list[CorrectionGiven] = Field(description="Newest first.")


# -- packs


class PackQuery(Strict):
    name: str = Field("taught", min_length=1, max_length=200, description="What the pack is called.")


class TakeIn(Strict):
    everywhere: bool = Field(False, description="On every phone.")
    trust: bool = Field(False, description="Also of an author not known here, from now on.")


class PackEntryGiven(BaseModel):
    app: str
    name: str
    rule: str
    known: bool = Field(description="It holds here already.")
    also_on: int = Field(description="On how many of the last screens it would hide something.")


class PackContents(BaseModel):
    name: str
    author: str = Field(description="The fingerprint of the key that signed it.")
    known_author: bool
    screens: int
    entries: list[PackEntryGiven]


# -- interventions


class InterventionPath(BaseModel):
    name: str


class ParameterGiven(Given):
    name: str
    kind: Literal["number", "integer", "flag", "text", "choice", "list", "model"]
    default: Any
    help: str
    ge: float | None
    le: float | None
    choices: tuple[str, ...]


class InterventionGiven(Given):
    name: str
    doc: str
    apps: tuple[str, ...]
    enabled: bool
    parameters: tuple[ParameterGiven, ...]
    values: dict[str, Any]
    counters: dict[str, int]
    error: str
    traceback: str


class CascadeGiven(Given):
    """How a cascade of a cheap and an expensive judge was used; each text counts once."""

    cascade: str
    judged: int
    escalated: int = Field(description="Texts on which the expensive judge was asked.")
    answered: int
    overturned: int = Field(description="Of the answered, how many became harmful or harmless by it.")
    waiting: int
    shed: int
    failures: int
    share: float = Field(description="Escalated of judged, 0 to 1.")
    seconds: float = Field(description="How long an answer took, on average.")


class Interventions(BaseModel):
    interventions: list[InterventionGiven]
    models: list[str] = Field(description="What a parameter of kind `model` may name.")
    cascades: list[CascadeGiven]


class Change(Strict):
    enabled: bool | None = Field(None, description="On or off; left as it is when absent.")
    values: dict[str, Any] = Field(default_factory=dict, description="Parameters to set: all of them or none.")


class StageGiven(BaseModel):
    stage: str
    count: int
    p50_s: float
    p95_s: float


class Timings(BaseModel):
    stages: list[StageGiven] = Field(description="The last minute, in the order of a frame's way.")


# -- journal


class JournalQuery(Strict):
    query: str = Field("", max_length=500, description="All of these words, any order, any case.")
    kind: Kind | None = None
    name: str = ""
    intervention: str = ""
    app: str = ""
    phone: str = ""
    session: int | None = None
    since: float | None = Field(None, description="Seconds since 1970.")
    until: float | None = Field(None, description="Seconds since 1970, excluded.")
    before_id: int | None = Field(None, description="For the next page: the last id of this one.")
    limit: int = Field(50, ge=1, le=1000)


class EventsQuery(Strict):
    after: int = Field(0, ge=0, description="The newest id you have.")
    limit: int = Field(200, ge=1, le=1000)
    timeout_s: float = Field(0.0, ge=0, le=30, description="How long to wait for the first.")


class RecordGiven(Given):
    id: int
    session: int
    time_s: float
    kind: Kind
    name: str
    phone: str
    app: str
    intervention: str
    frame: int | None
    box: BoxGiven | None
    label: str
    score: float | None
    text: str
    late: bool
    detail: dict[str, Any]


class Records(BaseModel):
    records: list[RecordGiven]
    trouble: str = Field(description="Why the journal is not being written; empty when it is.")


class SummaryQuery(Strict):
    session: int | None = Field(None, description="The running one by default.")


class InterventionSummaryGiven(Given):
    intervention: str
    findings: int
    actions: int
    late: int


class StageSummaryGiven(Given):
    stage: str
    count: int
    p50_s: float
    p95_s: float


class SummaryGiven(Given):
    session: int
    started_s: float
    ended_s: float | None
    frames: int
    interventions: tuple[InterventionSummaryGiven, ...]
    stages: tuple[StageSummaryGiven, ...]
    verdicts: dict[str, tuple[int, int]]
