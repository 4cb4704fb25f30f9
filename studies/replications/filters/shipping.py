"""The filters as they are shipped: fitted on everything, with cards that say how well they do."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from interventions.models.fitted import FittedClassifier
from interventions.models.ngrams import Ngrams
from interventions.models.progress import Watch
from studies.replications.filters.corpora import Example
from studies.replications.filters.training import digest, importance, labels

COMMAND = "mindproof replicate filters --work interventions/models/shipped"
DATA = (
    "Davidson et al. 2017 (tweets), OLID 2019 (tweets), de Gibert et al. 2018 (forum sentences, CC BY-SA), the "
    "validation part of HateXplain 2021 (posts); sentences of our own in English, French, German, Spanish and Arabic; "
    "sentences of Blitzer's reviews and of blogs as ordinary text. HateCheck is in no part of it"
)


def small(seed: int) -> Ngrams:
    return Ngrams(random_state=seed)


def fitted(model: Any, examples: Sequence[Example], progress: Watch | None = None) -> Any:
    """`model`, fitted on `examples` with the weight of each."""
    texts = [one.text for one in examples]
    return model.fit(texts, labels(examples), sample_weight=importance(examples), progress=progress)


def save(model: FittedClassifier, folder: Path, examples: Sequence[Example], **card: Any) -> Path:
    """Write `model` as an artifact whose card says what it was trained on, and what `card` adds."""
    model.describe(
        harmful=("abuse",),
        training_data=DATA,
        training_data_sha256=digest(examples),
        training_rows=len(examples),
        command=COMMAND,
        **card,
    )
    return model.save(folder)
