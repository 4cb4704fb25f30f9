"""MiniLM as it is: texts to vectors of length 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from interventions.models.minilm.encoder import Reader, base_folder, cores, embedded, open_encoder


class Frozen:
    """Calling it embeds texts, cut to `longest` tokens: shape (n, 384), float64.

    Raises:
        WeightsMissing, WeightsBroken: when it is made.
    """

    def __init__(self, longest: int = 64, threads: int = 2, base: str = "") -> None:
        folder = base_folder(base)
        self._reader, self._encoder, self._threads = Reader(folder, longest, None), open_encoder(folder), threads

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float64]:
        with cores(self._threads):
            vectors = embedded(self._encoder, self._reader.read(texts)).astype(np.float64)
        unit: NDArray[np.float64] = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
        return unit
