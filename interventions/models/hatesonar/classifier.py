"""The classifier of GreaseTerminator's hate-speech case, as the PyPI package ``hatesonar`` 0.1.0 carries
it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Card, Metric
from interventions.models.checks import check_texts
from interventions.models.hatesonar.graph import with_portable_locale
from interventions.models.pretrained import PretrainedOnnx
from interventions.models.sessions import packaged_file


class HateSonar(PretrainedOnnx):
    """TF-IDF over lower-cased words and an L1 logistic regression: microseconds a text, blind to word
    order."""

    card: ClassVar[Card] = Card(
        family="hatesonar",
        version="0.1.0",
        input="text",
        task="classifier",
        classes=("hate_speech", "offensive_language", "neither"),
        harmful=("hate_speech", "offensive_language"),
        intended_use="A first, cheap judge of short English texts.",
        limits=(
            "English only; sees single words, not meaning: reclaimed words and quotations are flagged, insults "
            "in ordinary words are missed, and spelling tricks get past it. A text without any word it knows is "
            "scored by the intercept alone."
        ),
        source="PyPI hatesonar 0.1.0",
        licence="MIT",
        training_data="Davidson et al. 2017, 24,783 tweets; the split behind the published weights is not documented",
        # Measured by `mindproof replicate filters`, the harmful classes together.
        metrics=(
            Metric(
                name="area under the curve",
                on="HateXplain posts (validation part)",
                value=0.607,
                low=0.582,
                high=0.632,
                n=1922,
            ),
            Metric(
                name="area under the curve",
                on="tweets of OLID 2019 (training part)",
                value=0.635,
                low=0.624,
                high=0.646,
                n=13006,
            ),
            Metric(
                name="area under the curve",
                on="HateCheck in Arabic, French, German, Spanish",
                value=0.488,
                low=0.473,
                high=0.501,
                n=14678,
            ),
            Metric(
                name="misses at 0.5", on="HateXplain posts (validation part)", value=0.337, low=0.31, high=0.364, n=1141
            ),
            Metric(
                name="over-blocking at 0.5",
                on="HateXplain posts (validation part)",
                value=0.524,
                low=0.489,
                high=0.558,
                n=781,
            ),
            Metric(
                name="misses at 0.5",
                on="tweets of OLID 2019 (training part)",
                value=0.733,
                low=0.72,
                high=0.746,
                n=4354,
            ),
            Metric(
                name="over-blocking at 0.5",
                on="tweets of OLID 2019 (training part)",
                value=0.057,
                low=0.053,
                high=0.062,
                n=8652,
            ),
            Metric(
                name="misses at 0.5",
                on="HateCheck in four languages, hateful",
                value=0.99,
                low=0.988,
                high=0.992,
                n=10276,
            ),
            Metric(
                name="over-blocking at 0.5",
                on="HateCheck in four languages, not hateful",
                value=0.011,
                low=0.008,
                high=0.015,
                n=4402,
            ),
            Metric(
                name="false alarms at 0.5",
                on="ordinary sentences of reviews and blogs",
                value=0.029,
                low=0.024,
                high=0.034,
                n=4000,
            ),
            Metric(
                name="false alarms at 0.5", on="calm texts of the virtual phone", value=0.0, low=0.0, high=0.002, n=2321
            ),
        ),
    )

    def packaged_weights(self) -> Path:
        return packaged_file("hatesonar", "model", "model.onnx")

    def prepare(self, graph: bytes) -> bytes:
        return with_portable_locale(graph)

    def predict_proba(self, X: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities, shape ``(len(X), 3)``, columns as in `classes_`.

        Raises:
            WrongInput: when X holds anything but texts.
        """
        check_texts(X, "HateSonar")
        if len(X) == 0:
            return np.empty((0, len(self.classes_)))
        # Half a surrogate pair, as Android's strings may hold where one was cut, has no UTF-8 form.
        whole = [text.encode("utf-8", "replace").decode("utf-8") for text in X]
        _, rows = self.session.run(None, {"text": np.array(whole, dtype=object)})
        return np.array([[row[k] for k in range(len(self.classes_))] for row in rows], dtype=np.float64)

    def predict(self, X: Sequence[str]) -> NDArray[np.str_]:
        """The likeliest class of each text."""
        return np.array([self.classes_[column] for column in self.predict_proba(X).argmax(axis=1)], dtype=np.str_)
