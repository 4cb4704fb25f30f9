"""The packaged guests measured the same way: HateSonar and the word list on texts, NudeNet and OpenNSFW on pictures.

There is no corpus of nude pictures here, so of the two picture models only false alarms are counted: on photographs of
CIFAR-10 (32 pixels, enlarged by the models), and on whole screenshots and their tiles.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from studies.replications.filters.measuring import Estimate, share

_TILE = 540
Picture = NDArray[np.uint8]


def photographs(folder: Path, count: int) -> list[Picture]:
    """The first `count` test photographs of CIFAR-10; none where the file is not there."""
    path = folder / "cifar10.parquet"
    if not path.is_file():
        return []
    from pyarrow import parquet

    rows = parquet.read_table(path, filters=[("split", "=", "test")]).slice(0, count)
    jpegs = rows["jpeg"].to_pylist()
    return [
        np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB").resize((320, 320), Image.Resampling.BICUBIC))
        for jpeg in jpegs
    ]


def screens(folder: Path) -> list[Picture]:
    """Tiles of the screenshots in `folder`, but of ``image_censor.png``, which shows a bare statue."""
    tiles = []
    for path in sorted(folder.glob("*.png")):
        if path.name == "image_censor.png":
            continue
        pixels = np.asarray(Image.open(path).convert("RGB"))
        height, width = pixels.shape[:2]
        tiles += [
            np.ascontiguousarray(pixels[top : top + _TILE, left : left + _TILE])
            for top in range(0, max(1, height - _TILE + 1), _TILE)
            for left in range(0, max(1, width - _TILE + 1), _TILE)
        ]
    return tiles


def picture_alarms(
    model: Any, on: str, pictures: list[Picture], threshold: float
) -> Iterator[tuple[str, str, Estimate]]:
    """The share of `pictures` in which `model` finds a harmful class."""
    if not pictures:
        return
    columns = [list(model.classes_).index(name) for name in model.card.harmful]
    scores = np.concatenate([model.predict_proba(pictures[at : at + 8]) for at in range(0, len(pictures), 8)])
    yield f"false alarms at {threshold:g}", on, share(scores[:, columns].max(axis=1) >= threshold)
