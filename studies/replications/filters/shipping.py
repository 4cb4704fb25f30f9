"""The filters as they are shipped, with cards that say how well they do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from interventions.models.card import Metric, ReliabilityBin
from interventions.models.fitted import FittedClassifier
from interventions.models.progress import Watch
from studies.replications.filters.corpora import Example
from studies.replications.filters.training import digest, importance, labels

COMMAND = "mindproof replicate filters --work interventions/models/shipped"
_CORPORA = (
    "Davidson et al. 2017 (tweets), OLID 2019 (tweets), de Gibert et al. 2018 (forum sentences, CC BY-SA){}; sentences "
    "of our own in English, French, German, Spanish and Arabic; sentences of Blitzer's reviews and of blogs as "
    "ordinary text. HateCheck is in no part of it"
)
_ABUSE = (
    "Abuse is hate against a group, or an insult or threat to anybody; swearing at nobody and harsh words about "
    "things, professions or opinions are not."
)
_WEAK = (
    " It errs often on counter-speech that quotes hate, on swearing among friends, and on hate in plain words; see the "
    "figures. It has no context: who speaks to whom, or what was said before. Do not punish anybody by its verdict."
)


def fitted(model: Any, examples: Sequence[Example], progress: Watch | None = None) -> Any:
    """`model`, fitted on `examples` with the weight of each."""
    texts = [one.text for one in examples]
    return model.fit(texts, labels(examples), sample_weight=importance(examples), progress=progress)


def small_card(rows: Sequence[Mapping[str, Any]], bins: Sequence[ReliabilityBin]) -> dict[str, Any]:
    """What the small filter's card says beyond what follows from the fit."""
    return {
        "intended_use": f"The default judge of texts on a screen, at a threshold of 0.5. {_ABUSE}",
        "limits": (
            "English best; French, German, Spanish and Arabic through a list of words each, other languages hardly. "
            "It sees words and their neighbours, not meaning." + _WEAK
        ),
        "training_data": _CORPORA.format(", the validation part of HateXplain 2021 (posts)"),
        "metrics": _metrics("abuse_small", rows),
        "reliability": tuple(bins),
    }


def tuned_card(rows: Sequence[Mapping[str, Any]], bins: Sequence[ReliabilityBin]) -> dict[str, Any]:
    """As `small_card`, of the tuned encoder."""
    return {
        "intended_use": f"A slower second opinion on texts on a screen, at a threshold of 0.5. {_ABUSE}",
        "limits": (
            "The encoder is English; other languages reach it mostly through the list of words that stands beside each "
            "text." + _WEAK
        ),
        "training_data": _CORPORA.format("")
        + ". HateXplain was left out, so that the figures on it hold for this very model",
        "metrics": _metrics("abuse_minilm", rows),
        "reliability": tuple(bins),
    }


def _metrics(name: str, rows: Sequence[Mapping[str, Any]]) -> tuple[Metric, ...]:
    """The first seed's rows of a filter; those of a fold say what was kept out."""
    metrics, seen = [], set()
    for row in rows:
        if row["filter"] != name or row["figure"].startswith("milliseconds"):
            continue
        on = row["on"] if row["fold"] == "everything" else f"{row['on']}; trained without {row['fold']}"
        if (row["figure"], on) in seen:
            continue
        seen.add((row["figure"], on))
        figures = {key: row[key] for key in ("value", "low", "high", "n")}
        metrics.append(Metric(name=row["figure"], on=on, **figures))
    return tuple(metrics)


def save(model: FittedClassifier, folder: Path, examples: Sequence[Example], **card: Any) -> Path:
    """Write `model` as an artifact whose card says what it was trained on, and what `card` adds."""
    model.describe(
        harmful=("abuse",),
        training_data_sha256=digest(examples),
        training_rows=len(examples),
        command=COMMAND,
        **card,
    )
    return model.save(folder)
