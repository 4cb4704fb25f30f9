"""Modes, and what is kept beside them, as safetensors: names say which part a tensor is of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from interventions.models.errors import WeightsBroken
from interventions.models.mota.learners import Memory
from interventions.models.mota.modes import Modes
from interventions.models.tensors import pack, unpack


def packed(parts: Mapping[str, Modes], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """`parts`, each of named tensors, and `arrays` besides."""
    tensors = {f"{part}/{name}": one.numpy() for part, own in parts.items() for name, one in own.items()}
    return pack(tensors | dict(arrays))


def unpacked(path: Path, *arrays: str) -> tuple[Memory, dict[str, NDArray[Any]]]:
    """The parts in the file `path`, and the arrays `arrays`, which it must hold.

    Raises:
        WeightsMissing, WeightsBroken
    """
    found = unpack(path, *arrays)
    besides = {name: found.pop(name) for name in arrays}
    parts: Memory = {}
    for name, one in found.items():
        part, _, rest = name.partition("/")
        parts.setdefault(part, {})[rest] = torch.from_numpy(one.copy())
    return parts, besides


def fitting(parts: Memory, part: str, like: Modes, path: Path) -> Modes:
    """The modes in `part`, which must have the names and shapes of `like`; `path` is for messages only.

    Raises:
        WeightsBroken
    """
    found = parts.get(part, {})
    for name, one in like.items():
        if name not in found or found[name].shape != one.shape:
            held = f"shape {tuple(found[name].shape)}" if name in found else "nothing"
            raise WeightsBroken(f"{path} has {held} for {part}/{name}, not {tuple(one.shape)}", "save the model again")
    return {name: found[name] for name in like}
