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
        # tests/library/measure_shipped.py: the hate_speech intervention at its default threshold, texts as written.
        metrics=(
            Metric(name="recall", on="offensive texts of OLID 2019", value=0.21),
            Metric(name="false alarms", on="other texts of OLID 2019", value=0.02),
            Metric(name="recall", on="hateful and offensive posts of HateXplain", value=0.57),
            Metric(name="false alarms", on="normal posts of HateXplain", value=0.39),
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
