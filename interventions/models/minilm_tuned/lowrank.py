"""Low-rank deltas of an encoder's linear layers (LoRA, Hu et al. 2021): ``W x + up (down x)``, with W left as it is.

For judging they are merged into the weights, so a verdict costs what the encoder costs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

LAYERS = ("query", "key", "value", "attention.output.dense", "intermediate.dense", "output.dense")


class LowRank(nn.Module):
    """A linear layer with a delta of rank `rank`; at first the delta is zero."""

    def __init__(self, layer: nn.Linear, rank: int, dropout: float) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.empty(rank, layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))
        self.dropout = nn.Dropout(dropout)
        nn.init.kaiming_uniform_(self.down, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        change: Tensor = self.dropout(x) @ self.down.T @ self.up.T
        found: Tensor = self.layer(x)
        return found + change


def add_deltas(encoder: nn.Module, rank: int, dropout: float) -> dict[str, LowRank]:
    """Put a `LowRank` in the place of each of `encoder`'s linear layers; everything else is frozen. By layer name."""
    for parameter in encoder.parameters():
        parameter.requires_grad_(False)
    named = [(name, layer) for name, layer in encoder.named_modules() if _is_changed(name, layer)]
    deltas = {}
    for name, layer in named:
        parent, _, last = name.rpartition(".")
        deltas[name] = LowRank(layer, rank, dropout)
        setattr(encoder.get_submodule(parent), last, deltas[name])
    return deltas


def _is_changed(name: str, layer: nn.Module) -> bool:
    return isinstance(layer, nn.Linear) and name.endswith(LAYERS)


def arrays(deltas: Mapping[str, LowRank]) -> dict[str, NDArray[np.float16]]:
    """The deltas as they are saved."""
    found = {}
    for name, delta in deltas.items():
        found[f"{name}.down"] = delta.down.detach().numpy().astype(np.float16)
        found[f"{name}.up"] = delta.up.detach().numpy().astype(np.float16)
    return found


def merge(encoder: nn.Module, saved: Mapping[str, NDArray[Any]]) -> None:
    """Add saved deltas to the weights of a plain `encoder`.

    Raises:
        KeyError, RuntimeError: when they do not fit it.
    """
    with torch.no_grad():
        for name, layer in encoder.named_modules():
            if isinstance(layer, nn.Linear) and name.endswith(LAYERS):
                up = torch.from_numpy(saved[f"{name}.up"].astype(np.float32))
                layer.weight += up @ torch.from_numpy(saved[f"{name}.down"].astype(np.float32))
