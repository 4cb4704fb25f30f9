"""Whether a text holds a word of a list."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models.artifact import DESCRIPTION, read, write
from interventions.models.card import Card, Metric
from interventions.models.checks import check_texts
from interventions.models.errors import NotTrainable, WeightsBroken, WrongInput
from interventions.models.ngrams.spelling import normalised
from interventions.models.parameters import Parameters
from interventions.models.sessions import packaged_file, read_weights

WORDS = "words.txt"


class Profanity(Parameters):
    """One where a text holds a listed word or phrase, else nought; disguises (``sh1t``, ``s h i t``) are undone first.

    `words` is the path of another list, a word or phrase a line; "" is the packaged one.
    """

    card: ClassVar[Card] = Card(
        family="profanity",
        version="0.7.0",
        input="text",
        task="classifier",
        classes=("neither", "profane"),
        harmful=("profane",),
        intended_use="A baseline: what a judge that reads more than single words has to beat.",
        limits=(
            "English. Swearing is not abuse, and abuse needs no listed word: friendly swearing, quotation and "
            "reclaimed words are flagged, insults in ordinary words are missed. Some listed words are plain facts "
            "(breasts, gay, sex). It gives no probability, only yes or no."
        ),
        source="PyPI better-profanity 0.7.0 (word list only)",
        licence="MIT",
        training_data="none: a list kept by hand",
        # Measured by `mindproof replicate filters`, the harmful classes together.
        metrics=(
            Metric(
                name="area under the curve",
                on="HateXplain posts (validation part)",
                value=0.607,
                low=0.585,
                high=0.631,
                n=1922,
            ),
            Metric(
                name="area under the curve",
                on="tweets of OLID 2019 (training part)",
                value=0.652,
                low=0.645,
                high=0.66,
                n=13006,
            ),
            Metric(
                name="area under the curve",
                on="HateCheck in Arabic, French, German, Spanish",
                value=0.504,
                low=0.5,
                high=0.508,
                n=14678,
            ),
            Metric(
                name="misses at 0.5", on="HateXplain posts (validation part)", value=0.28, low=0.254, high=0.306, n=1141
            ),
            Metric(
                name="over-blocking at 0.5",
                on="HateXplain posts (validation part)",
                value=0.506,
                low=0.471,
                high=0.541,
                n=781,
            ),
            Metric(
                name="misses at 0.5",
                on="tweets of OLID 2019 (training part)",
                value=0.612,
                low=0.598,
                high=0.627,
                n=4354,
            ),
            Metric(
                name="over-blocking at 0.5",
                on="tweets of OLID 2019 (training part)",
                value=0.083,
                low=0.077,
                high=0.089,
                n=8652,
            ),
            Metric(
                name="misses at 0.5",
                on="HateCheck in four languages, hateful",
                value=0.953,
                low=0.949,
                high=0.957,
                n=10276,
            ),
            Metric(
                name="over-blocking at 0.5",
                on="HateCheck in four languages, not hateful",
                value=0.039,
                low=0.034,
                high=0.045,
                n=4402,
            ),
            Metric(
                name="false alarms at 0.5",
                on="ordinary sentences of reviews and blogs",
                value=0.052,
                low=0.046,
                high=0.06,
                n=4000,
            ),
            Metric(
                name="false alarms at 0.5", on="calm texts of the virtual phone", value=0.0, low=0.0, high=0.002, n=2321
            ),
        ),
    )
    _indecisive = (*Parameters._indecisive, "words")

    def __init__(self, words: str = "") -> None:
        self.words = words

    @property
    def classes_(self) -> tuple[str, ...]:
        return self.card.classes

    def fit(self, X: Any, y: Any = None) -> NoReturn:
        """Always refuses: a list learns nothing.

        Raises:
            NotTrainable
        """
        raise NotTrainable("Profanity comes trained and cannot be fitted", "give it another list as `words`")

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """0 or 1, shape ``(len(X), 2)``, columns as in `classes_`.

        Raises:
            WrongInput, WeightsMissing
        """
        check_texts(X, type(self).__name__)
        found = np.array([self._pattern.search(normalised(text)) is not None for text in X], dtype=np.float64)
        return np.stack([1 - found, found], axis=1) if len(X) else np.empty((0, 2))

    def predict(self, X: Sequence[str]) -> NDArray[np.str_]:
        return np.array([self.classes_[column] for column in self.predict_proba(X).argmax(axis=1)], dtype=np.str_)

    @property
    def version(self) -> str:
        """The list's version and its digest."""
        return f"{self.card.version}+{hashlib.sha256(self._list).hexdigest()[:12]}"

    def open_weights(self) -> Self:
        """Read the list now.

        Raises:
            WeightsMissing, WeightsBroken
        """
        self._pattern  # noqa: B018 - reads it
        return self

    @cached_property
    def _list(self) -> bytes:
        path = Path(self.words) if self.words else packaged_file("better_profanity", "profanity_wordlist.txt")
        return read_weights(path)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        try:
            lines = self._list.decode().splitlines()
        except UnicodeDecodeError as error:
            raise WeightsBroken(f"the list of words is not UTF-8 text: {error}", "give another as `words`") from error
        words = sorted({normalised(line) for line in lines} - {""}, key=len, reverse=True)
        if not words:
            raise WeightsBroken("the list of words is empty", "give another as `words`")
        return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")

    def _parameters_changed(self) -> None:
        for name in ("_list", "_pattern"):
            self.__dict__.pop(name, None)

    def save(self, folder: str | Path) -> Path:
        """Write the list with its card as the artifact `folder`.

        Raises:
            WeightsMissing, NotSaved
        """
        return write(folder, self.card, {WORDS: self._list}).folder

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The list saved in `folder`, verified.

        Raises:
            WeightsMissing, WeightsBroken, ArtifactTooNew
        """
        artifact = read(folder)
        path = artifact.folder / DESCRIPTION
        if artifact.card.family != cls.card.family:
            raise WeightsBroken(f"{path} describes a {artifact.card.family!r} model", "load it with its own family")
        if WORDS not in artifact.files:
            raise WeightsBroken(f"{path} lists no {WORDS}", "save the model again")
        try:
            return cls._with_saved(artifact.card.parameters).set_params(words=str(artifact.files[WORDS]))
        except WrongInput as error:
            raise WeightsBroken(f"{path}: {error.message}", "save the model again") from error
