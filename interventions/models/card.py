"""What a model says of itself, kept beside its weights as ``model.json``."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator, model_validator

FORMAT = 1
"""The newest form of ``model.json`` that this version writes and reads."""

Input = Literal["text", "image", "tabular", "field"]
"""What an item is: a text; a picture ``(height, width, 3)`` uint8; a row of numbers; a point of a field."""

Task = Literal["classifier", "detector"]
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0)]
Finite = Annotated[float, Field(allow_inf_nan=False)]

KINDS_OF_FILE = (".safetensors", ".onnx", ".gguf", ".json", ".txt", ".jinja", ".md")
"""What a model may consist of: numbers and text. Nothing that runs code when it is read, so never a pickle."""

_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Metric(_Part):
    """One measured figure, with its 95 % interval (`low` to `high`) and the number `n` of items where they are known.

    `on` says what it was measured on, so that no figure stands without its data.
    """

    name: str
    on: str
    value: Finite
    low: Finite | None = None
    high: Finite | None = None
    n: Count | None = None


class ReliabilityBin(_Part):
    """Of `count` items given a probability of about `predicted`, the share `observed` was so; `low` to `high` is the
    95 % interval of that share. `on` says what it was measured on."""

    on: str
    predicted: Finite
    observed: Finite
    low: Finite
    high: Finite
    count: Count


class Card(_Part):
    """A model's card.

    `input` and `task` tell the model host which protocol of ``interventions.sdk.models`` to offer. `version`
    is the version of the published model or of the family that was fitted; what the weights are exactly is told by
    the estimator's `version`, which adds their digest. `harmful` are the classes that count as harm, in the order of
    `classes`; an intervention that names no class goes by them. `metrics` are measured by us, weaknesses included.
    `files` are the artifact's other files with the SHA-256 of each, and `command` is what made it.
    """

    format: int = Field(default=FORMAT, ge=1, le=FORMAT)
    family: str = Field(min_length=1)
    version: str = Field(min_length=1)
    input: Input
    task: Task = "classifier"
    classes: tuple[str, ...] = Field(min_length=2)
    harmful: tuple[str, ...] = ()
    parameters: dict[str, JsonValue] = {}
    intended_use: str
    limits: str
    source: str
    licence: str
    training_data: str = ""
    training_data_sha256: Sha256 | Literal[""] = ""
    training_rows: Count = 0
    metrics: tuple[Metric, ...] = ()
    reliability: tuple[ReliabilityBin, ...] = ()
    files: dict[str, Sha256] = {}
    command: str = ""

    @field_validator("classes")
    @classmethod
    def _each_once(cls, classes: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(classes)) < len(classes):
            raise ValueError("a class is named twice")
        return classes

    @field_validator("files")
    @classmethod
    def _plain_files(cls, files: dict[str, str]) -> dict[str, str]:
        for name in files:
            check_file_name(name)
        return files

    @model_validator(mode="after")
    def _harmful_is_known(self) -> Self:
        unknown = [name for name in self.harmful if name not in self.classes]
        if unknown:
            raise ValueError(f"harmful names {unknown[0]!r}, which is no class")
        return self

    def changed(self, **fields: object) -> Card:
        """A copy with `fields` replaced, checked anew.

        Raises:
            ValueError: for a field there is none of, or a value it does not take.
        """
        return Card.model_validate({**dict(self), **fields})


def check_file_name(name: str) -> None:
    """`name` must be a plain file name of one of the `KINDS_OF_FILE`.

    Raises:
        ValueError
    """
    if not _PLAIN_NAME.fullmatch(name) or name == "model.json" or not name.endswith(KINDS_OF_FILE):
        kinds = ", ".join(KINDS_OF_FILE)
        raise ValueError(f"{name!r} is no file of a model: a plain name that ends in one of {kinds}")
