"""What a model says of itself, kept beside its weights as ``model.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Input = Literal["text", "image"]
Task = Literal["classifier", "detector"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A model's card.

    `input` and `task` tell the model host which protocol of ``interventions.sdk.models`` to offer. `version`
    is the version of the published model; what the weights are exactly is told by the estimator's `version`,
    which adds their digest. `metrics` are measured by us, each name saying on what.
    """

    family: str
    version: str
    input: Input
    task: Task
    classes: tuple[str, ...]
    intended_use: str
    limits: str
    source: str
    training_data: str = ""
    training_data_sha256: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
