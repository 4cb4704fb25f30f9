"""What the API gives of models, as pydantic models. Times are seconds."""

from __future__ import annotations

from pydantic import BaseModel, Field

from backend.serving.registry import Origin
from backend.web.api.schemas import Given
from interventions.models import Card


class ModelPath(BaseModel):
    name: str


class ModelGiven(BaseModel):
    name: str
    origin: Origin
    family: str
    version: str
    input: str
    about: dict[str, str] = Field(description="intended_use, limits, source and licence, also of what has no card.")
    card: Card | None = Field(description="Null for a family that learns, and for a model in trouble.")
    bytes: int | None = Field(description="Size on disk; null where there is nothing on disk.")
    trouble: str = Field(description="Why it cannot be used; empty when it can.")


class Models(BaseModel):
    models: list[ModelGiven]


class ServingGiven(Given):
    name: str
    version: str
    load_seconds: float
    calls: int
    items: int
    hits: int = Field(description="Items answered from the verdict cache.")
    shared: int = Field(description="Items that another caller was having judged already.")
    judged: int
    batches: int
    failures: int
    seconds: float = Field(description="Spent judging.")
    late: int = Field(description="Items dropped because their caller's deadline passed.")
    shed: int = Field(description="Items dropped because too many waited.")
    queued: int
    largest: int = Field(description="Items that a batch takes at present.")
    swaps: int
    truncated: int


class Serving(BaseModel):
    models: list[ServingGiven]
