"""The detector of GreaseTerminator's explicit-image case: the 320n graph inside the PyPI package ``nudenet``,
run without its class.

The package's own interface walks over the 2,100 anchors in Python and starts as many threads as there are
cores; ours is one vectorised pass and returns boxes that hold at any scale.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from interventions.models.card import Card, Metric
from interventions.models.detection import Detection
from interventions.models.nudenet.letterbox import detections, letterbox
from interventions.models.pictures import Picture, check_pictures
from interventions.models.pretrained import PretrainedOnnx
from interventions.models.sessions import packaged_file

# In the order of the graph's output channels.
CLASSES = (
    "FEMALE_GENITALIA_COVERED",
    "FACE_FEMALE",
    "BUTTOCKS_EXPOSED",
    "FEMALE_BREAST_EXPOSED",
    "FEMALE_GENITALIA_EXPOSED",
    "MALE_BREAST_EXPOSED",
    "ANUS_EXPOSED",
    "FEET_EXPOSED",
    "BELLY_COVERED",
    "FEET_COVERED",
    "ARMPITS_COVERED",
    "ARMPITS_EXPOSED",
    "FACE_MALE",
    "BELLY_EXPOSED",
    "MALE_GENITALIA_EXPOSED",
    "ANUS_COVERED",
    "FEMALE_BREAST_COVERED",
    "BUTTOCKS_COVERED",
)
_SIDE = 320
_BATCH = 8


class NudeNet(PretrainedOnnx):
    """A YOLOv8-nano that finds 18 kinds of body parts.

    Parameters: `least_score`, below which nothing is reported; `most_overlap`, from which two boxes are one
    thing.
    """

    card: ClassVar[Card] = Card(
        family="nudenet",
        version="3.4.2",
        input="image",
        task="detector",
        classes=CLASSES,
        harmful=(
            "FEMALE_BREAST_EXPOSED",
            "FEMALE_GENITALIA_EXPOSED",
            "MALE_GENITALIA_EXPOSED",
            "BUTTOCKS_EXPOSED",
            "ANUS_EXPOSED",
        ),
        intended_use="Finding exposed body parts in pictures, to cover them.",
        limits=(
            "Reads 320 by 320 pixels: parts smaller than about a twentieth of the picture are missed. Statues "
            "and paintings count as people. Drawings are hit and miss. It tells nothing of consent, age or context."
        ),
        source="PyPI nudenet 3.4.2, graph 320n",
        licence="MIT",
        # Measured by `mindproof replicate filters`. There is no corpus of nude pictures here to count misses on.
        metrics=(
            Metric(
                name="false alarms at 0.5",
                on="photographs of CIFAR-10, enlarged to 320 pixels",
                value=0.0067,
                low=0.0018,
                high=0.024,
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

    def __init__(
        self, weights: str = "", threads: int = 2, least_score: float = 0.25, most_overlap: float = 0.45
    ) -> None:
        super().__init__(weights, threads)
        self.least_score = least_score
        self.most_overlap = most_overlap

    def packaged_weights(self) -> Path:
        return packaged_file("nudenet", "320n.onnx")

    def detect(self, X: Sequence[Picture]) -> list[list[Detection]]:
        """What is seen in each picture (``(height, width, 3)`` uint8 RGB, any size), best first.

        Raises:
            WrongInput: when X holds anything else.
        """
        check_pictures(X, "NudeNet")
        found: list[list[Detection]] = []
        for start in range(0, len(X), _BATCH):
            boxed = [letterbox(picture, _SIDE) for picture in X[start : start + _BATCH]]
            (output,) = self.session.run(None, {"images": np.stack([square for square, _, _ in boxed])})
            found += [
                detections(raw, (across, down), CLASSES, self.least_score, self.most_overlap)
                for raw, (_, across, down) in zip(output, boxed, strict=True)
            ]
        return found

    def predict_proba(self, X: Sequence[Picture]) -> NDArray[np.float64]:
        """The best score of each class in each picture, ``(len(X), 18)``; the classes do not exclude each other."""
        rows = np.zeros((len(X), len(CLASSES)))
        for row, found in zip(rows, self.detect(X), strict=True):
            for detection in found:
                column = CLASSES.index(detection.label)
                row[column] = max(row[column], detection.score)
        return rows

    def predict(self, X: Sequence[Picture]) -> list[tuple[str, ...]]:
        """The labels seen in each picture, best first, each once."""
        return [tuple(dict.fromkeys(d.label for d in found)) for found in self.detect(X)]
