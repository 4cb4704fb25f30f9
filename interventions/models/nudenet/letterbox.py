"""Between a picture of any shape and the square a YOLO detector reads."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from interventions.models.detection import Detection
from interventions.models.pictures import Picture, resized


def letterbox(picture: Picture, side: int) -> tuple[NDArray[np.float32], float, float]:
    """`picture` fitted into the top left of a black square, as ``(3, side, side)`` float32 in 0..1, RGB.

    Also returns the pixels of the square that the picture fills, across and down: detections are given in
    those.
    """
    height, width = picture.shape[:2]
    scale = side / max(height, width)
    across, down = max(1, round(width * scale)), max(1, round(height * scale))
    square = np.zeros((side, side, 3), np.uint8)
    square[:down, :across] = resized(picture, across, down)
    return np.ascontiguousarray(square.transpose(2, 0, 1), dtype=np.float32) / np.float32(255), across, down


def detections(
    output: NDArray[np.float32],
    filled: tuple[float, float],
    labels: tuple[str, ...],
    least_score: float,
    most_overlap: float,
) -> list[Detection]:
    """The distinct detections in one picture's raw `output`, best first.

    Args:
        output: ``(4 + len(labels), anchors)``: centre x, centre y, width, height in pixels of the square,
        then a score a class. filled: pixels of the square that the picture fills, across and down.
        least_score: anchors below it are dropped. most_overlap: intersection over union from which the weaker
        of two boxes is taken for the same thing.
    """
    scores = output[4:].max(axis=0)
    kept = np.flatnonzero(scores >= least_score)
    if kept.size == 0:
        return []
    scores, classes = scores[kept], output[4:, kept].argmax(axis=0)
    centre_x, centre_y, width, height = output[:4, kept]
    corners = np.stack([centre_x - width / 2, centre_y - height / 2, width, height], axis=1)
    # Over all classes at once, as the model was published: one place is one part, of its likeliest class.
    chosen = cv2.dnn.NMSBoxes(corners.tolist(), scores.tolist(), least_score, most_overlap)
    found = []
    for i in np.asarray(chosen, dtype=int).ravel():
        left, top, wide, high = corners[i]
        edges = [left / filled[0], top / filled[1], (left + wide) / filled[0], (top + high) / filled[1]]
        box = np.clip(edges, 0, 1)
        if box[2] > box[0] and box[3] > box[1]:
            found.append(
                Detection(
                    labels[int(classes[i])],
                    float(scores[i]),
                    (float(box[0]), float(box[1]), float(box[2]), float(box[3])),
                )
            )
    return sorted(found, key=lambda d: -d.score)
