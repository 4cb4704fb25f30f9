"""Fixed features for `mota`: what stands still while the small networks on top of it learn.

- Photographs (CIFAR-10): one layer of 96 filters, patches of the two photographs that scikit-learn carries, whitened
  (after Coates, Lee and Ng 2011); responses of both signs are averaged over the quarters of the picture, and 128
  principal components are taken, which are those of crops of the same two photographs. Nothing of CIFAR-10 goes in.
- Small grey pictures: the pixels themselves, halved to 14 x 14.
- Texts: all-MiniLM-L6-v2 from its package.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from interventions.models.bloom.similar import embed

Floats = NDArray[np.float32]
_FILTERS, _SIDE, _STRIDE, _COMPONENTS = 96, 6, 2, 128
_CONTRAST = 10 / 255**2
"""Added to a patch's variance, so that flat patches stay flat."""
_THRESHOLD = 0.5


def kept(folder: Path | None, name: str, made: Callable[[], Floats]) -> Floats:
    """What `made` gives; with a folder it is kept there and read again the next time."""
    if folder is None:
        return made()
    path = folder / f"{name}.npy"
    if not path.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        np.save(path, made())
    found: Floats = np.load(path)
    return found


def digest(parts: Sequence[object]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def of_texts(texts: Sequence[str], longest: int = 400) -> Floats:
    """``(n, 384)``, each number with a mean square of 1; of a text its first `longest` characters."""
    found = embed([text[:longest] for text in texts])
    return (found * np.sqrt(found.shape[1])).astype(np.float32)


def of_grey(pictures: NDArray[np.uint8]) -> Floats:
    """``(n, 196)`` of pictures ``(n, 28, 28)``, about zero and one in mean and deviation."""
    halved = pictures.reshape(-1, 14, 2, 14, 2).mean((2, 4)).reshape(-1, 196) / 255
    return ((halved - 0.3) / 0.33).astype(np.float32)


def of_photographs(pictures: NDArray[np.uint8]) -> Floats:
    """``(n, 128)`` of pictures ``(n, 32, 32, 3)``."""
    whitening, filters, mean, axes, spread = _backbone()
    return ((_pooled(pictures, whitening, filters) - mean) @ axes / spread).astype(np.float32)


@cache
def _backbone() -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Mean patch, filters (whitening included), and mean, axes and deviations of the pooled responses."""
    from sklearn.datasets import load_sample_images

    random = np.random.default_rng(0)
    photographs = [
        cv2.resize(photograph, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        for photograph in load_sample_images().images
    ]
    patches = _normalised(_crops(photographs, 20_000, _SIDE, random).reshape(20_000, -1) / np.float32(255))
    mean_patch = patches.mean(0)
    values, vectors = np.linalg.eigh(np.cov(patches.T))
    whitening = (vectors / np.sqrt(values + 0.1)) @ vectors.T
    chosen = (patches[random.choice(len(patches), _FILTERS, replace=False)] - mean_patch) @ whitening
    filters = whitening @ (chosen / np.linalg.norm(chosen, axis=1, keepdims=True)).T
    responses = _pooled(_crops(photographs, 2_000, 32, random), mean_patch, filters.astype(np.float32))
    mean = responses.mean(0)
    _, singular, axes = np.linalg.svd(responses - mean, full_matrices=False)
    spread = singular[:_COMPONENTS] / np.sqrt(len(responses))
    return mean_patch, filters.astype(np.float32), mean, axes[:_COMPONENTS].T, spread


def _crops(
    photographs: Sequence[NDArray[np.uint8]], count: int, side: int, random: np.random.Generator
) -> NDArray[np.uint8]:
    found = np.empty((count, side, side, 3), np.uint8)
    for number in range(count):
        photograph = photographs[random.integers(len(photographs))]
        top, left = (int(random.integers(length - side + 1)) for length in photograph.shape[:2])
        found[number] = photograph[top : top + side, left : left + side]
    return found


def _normalised(patches: Floats) -> Floats:
    centred = patches - patches.mean(-1, keepdims=True)
    return centred / np.sqrt(centred.var(-1, keepdims=True) + np.float32(_CONTRAST))


def _pooled(pictures: NDArray[np.uint8], mean_patch: Floats, filters: Floats) -> Floats:
    """Responses of both signs, averaged over quarters, ``(n, 8 * filters)``."""
    found = []
    for start in range(0, len(pictures), 100):
        some = pictures[start : start + 100].astype(np.float32) / 255
        windows = np.lib.stride_tricks.sliding_window_view(some, (_SIDE, _SIDE), axis=(1, 2))[:, ::_STRIDE, ::_STRIDE]
        patches = np.moveaxis(windows, 3, -1).reshape(*windows.shape[:3], -1)
        response = torch.from_numpy((_normalised(patches) - mean_patch) @ filters)
        both = torch.cat([(response - _THRESHOLD).relu(), (-response - _THRESHOLD).relu()], -1).permute(0, 3, 1, 2)
        found.append(torch.nn.functional.adaptive_avg_pool2d(both, 2).flatten(1).numpy())
    return np.concatenate(found)
