"""The corpora of abuse in one form: a text, whether it is abuse, and where it comes from.

Abuse is hate or offence. Texts that two corpora share (as spelt by the filter's own normalisation) stay only in the
one that comes first, so that no corpus that is kept out has been seen in another.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interventions.models.ngrams.spelling import normalised
from studies.replications.form import data_file

TRAINING = ("hatexplain_val", "hate_tweets", "olid_train", "forum_sentences")


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled text. `part` is its functionality where it has one, `targets` the groups it speaks of, `template`
    what a functional test was made from."""

    text: str
    abuse: bool
    corpus: str
    part: str = ""
    language: str = "en"
    targets: tuple[str, ...] = ()
    weight: float = 1.0
    template: str = ""


def training_corpora(folder: Path) -> dict[str, list[Example]]:
    """Every training corpus, without texts that an earlier one holds and without repeats."""
    seen: set[str] = set()
    corpora = {}
    for name in TRAINING:
        kept = []
        for example in _READERS[name](_rows(data_file(folder, f"{name}.parquet"))):
            spelt = normalised(example.text)
            if spelt and spelt not in seen:
                seen.add(spelt)
                kept.append(example)
        corpora[name] = kept
    return corpora


def functional_tests(path: Path) -> list[Example]:
    """HateCheck: the file of four languages, or the English one as published (csv or parquet)."""
    return [
        Example(
            text=row["test_case"],
            abuse=row["label_gold"] == "hateful",
            corpus="hatecheck",
            part=row["functionality"],
            language=(row.get("language") or "english")[:2].replace("ge", "de").replace("sp", "es"),
            targets=(row["target_ident"].lower(),) if row["target_ident"] else (),
            template=str(row.get("templ_id")),
        )
        for row in _rows(path)
    ]


def ordinary_sentences(folder: Path) -> list[str]:
    """Sentences of product reviews and blogs: what people write when they insult nobody, or hardly ever."""
    texts = (row["text"] for row in _rows(data_file(folder, "reviews.parquet")))
    return list(
        dict.fromkeys(sentence.strip() for text in texts for sentence in text.split(". ") if len(sentence) > 20)
    )


def _rows(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".csv":
        import csv

        with path.open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))
    from pyarrow import parquet

    return list(parquet.read_table(path).to_pylist())


def _hate_tweets(rows: Iterable[Mapping[str, Any]]) -> Iterable[Example]:
    for row in rows:
        abusive = int(row["hate_speech"]) + int(row["offensive_language"])
        agreed = max(abusive, int(row["neither"])) / int(row["count"])
        yield Example(row["tweet"], int(row["class"]) != 2, "hate_tweets", weight=agreed)


def _olid_train(rows: Iterable[Mapping[str, Any]]) -> Iterable[Example]:
    return (Example(row["text"], row["offensive"] == "OFF", "olid_train") for row in rows)


def _forum_sentences(rows: Iterable[Mapping[str, Any]]) -> Iterable[Example]:
    for row in rows:
        if row["label"] in ("hate", "noHate"):
            yield Example(row["text"], row["label"] == "hate", "forum_sentences")


def _hatexplain_val(rows: Iterable[Mapping[str, Any]]) -> Iterable[Example]:
    for row in rows:
        targets = tuple(
            sorted(_agreed(json.loads(row["targets"]) if isinstance(row["targets"], str) else row["targets"]))
        )
        yield Example(row["text"], row["label"] != "normal", "hatexplain_val", targets=targets)


def _agreed(targets: Sequence[Any]) -> set[str]:
    """The groups that at least two annotators name."""
    named: Counter[str] = Counter()
    for one in targets:
        named.update([one] if isinstance(one, str) else set(one))
    return {target.lower() for target, count in named.items() if count >= 2 or isinstance(targets[0], str)} - {"none"}


_READERS: Mapping[str, Callable[[Iterable[Mapping[str, Any]]], Iterable[Example]]] = {
    "hate_tweets": _hate_tweets,
    "olid_train": _olid_train,
    "forum_sentences": _forum_sentences,
    "hatexplain_val": _hatexplain_val,
}
