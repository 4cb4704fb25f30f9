"""How sharply the loss rises around what was learnt: the Fisher information, measured as learning goes.

The loss of what was learnt is close to (theta - anchor)^T F (theta - anchor) / 2, with F = E[g g^T] over labels drawn
from the model itself (Kirkpatrick et al., arXiv 1612.00796). Two forms are kept, each as a mapping of tensors whose
first axis is the mode: the diagonal of F; and, layer by layer, F of a linear layer as A (x) G with A = E[a a^T] of the
layer's inputs a (1 appended for the bias) and G = E[g g^T] of the gradients at its outputs (Martens and Grosse, arXiv
1503.05671; for continual learning Ritter et al., arXiv 1805.07810). Parameters outside of such layers keep the
diagonal. No row is kept.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call, vmap

from interventions.models.mota.losses import among
from interventions.models.mota.modes import Modes, Network

INPUTS, OUTPUTS = "|inputs", "|outputs"
"""Ends of the names of a layer's A and G; a diagonal has the name of its parameter."""


@dataclass(frozen=True)
class Trace:
    """What passed through a linear layer: inputs a with 1 appended, ``(1 or N, n, in + 1)``, and the loss's gradients
    at the outputs, ``(N, n, out)``. The first axis of `inputs` is 1 where all modes were given the same."""

    inputs: Tensor
    gradients: Tensor


def drawn_labels(
    network: Network, modes: Mapping[str, Tensor], rows: Tensor, truth: Tensor, candidates: str, random: torch.Generator
) -> Tensor:
    """Labels as each mode would give them, ``(N, n)``; `truth` only says which classes compete."""
    with torch.no_grad():
        chances = among(network.logits(modes, rows), truth, candidates).softmax(-1)
    return torch.multinomial(chances.flatten(0, 1), 1, generator=random).reshape(chances.shape[:2])


def traces(
    network: Network, modes: Mapping[str, Tensor], rows: Tensor, truth: Tensor, labels: Tensor, candidates: str
) -> dict[str, Trace]:
    """A trace for every linear layer with a bias, by its name, for the loss on `labels` ``(N, n)``."""
    skeleton = copy.deepcopy(network.skeleton)
    layers = linear_layers(skeleton)
    if not layers:
        return {}
    seen: dict[str, Tensor] = {}
    shared: set[str] = set()
    offsets: dict[str, Tensor] = {}

    def watch(name: str) -> Any:
        def hook(_layer: nn.Module, given: tuple[Tensor, ...], found: Tensor) -> Tensor:
            if given[0] is rows:
                shared.add(name)
            seen[name] = given[0]
            return found + offsets[name]

        return hook

    for name, layer in layers.items():
        layer.register_forward_hook(watch(name))

    def forward(added: dict[str, Tensor], parameters: Modes, buffers: Modes) -> tuple[Tensor, dict[str, Tensor]]:
        offsets.update(added)
        return functional_call(skeleton, (parameters, buffers), (rows,)), dict(seen)

    count, n = labels.shape
    zeros = {name: rows.new_zeros(count, n, layer.out_features).requires_grad_() for name, layer in layers.items()}
    logits, inputs = vmap(forward)(zeros, {name: mode.detach() for name, mode in modes.items()}, network.buffers)
    masked = among(logits, truth, candidates)
    loss = nn.functional.cross_entropy(masked.flatten(0, 1), labels.flatten(), reduction="sum")
    gradients = dict(zip(zeros, torch.autograd.grad(loss, list(zeros.values())), strict=True))
    return {
        name: Trace(_with_one(rows[None] if name in shared else inputs[name].detach()), gradients[name])
        for name in layers
    }


def linear_layers(skeleton: nn.Module) -> dict[str, nn.Linear]:
    return {
        name: layer
        for name, layer in skeleton.named_modules()
        if isinstance(layer, nn.Linear) and layer.bias is not None
    }


def diagonal(found: Mapping[str, Trace]) -> Modes:
    """The diagonal of F for the layers' weights and biases."""
    fisher: Modes = {}
    for layer, trace in found.items():
        squares = trace.gradients.square().transpose(1, 2) @ trace.inputs.square() / trace.gradients.shape[1]
        fisher[f"{layer}.weight"], fisher[f"{layer}.bias"] = squares[..., :-1], squares[..., -1]
    return fisher


def factors(found: Mapping[str, Trace]) -> Modes:
    """A and G of each layer."""
    curvature: Modes = {}
    for layer, trace in found.items():
        n = trace.gradients.shape[1]
        curvature[layer + INPUTS] = trace.inputs.transpose(1, 2) @ trace.inputs / n
        curvature[layer + OUTPUTS] = trace.gradients.transpose(1, 2) @ trace.gradients / n
    return curvature


def other_diagonal(
    network: Network, modes: Mapping[str, Tensor], rows: Tensor, truth: Tensor, labels: Tensor, candidates: str
) -> Modes:
    """The diagonal of F for the parameters that are in no linear layer with a bias; costs a gradient a row."""
    covered = {f"{layer}.{part}" for layer in linear_layers(network.skeleton) for part in ("weight", "bias")}
    asked = {name: mode for name, mode in modes.items() if name not in covered}
    if not asked:
        return {}
    fixed = {name: mode.detach() for name, mode in modes.items() if name in covered}
    n = len(rows)
    every = {name: mode.detach().unsqueeze(1).repeat_interleave(n, 1).requires_grad_() for name, mode in asked.items()}

    def one(free: Modes, held: Modes, buffers: Modes, row: Tensor) -> Tensor:
        found: Tensor = functional_call(network.skeleton, (free | held, buffers), (row[None],))
        return found[0]

    logits = vmap(vmap(one, in_dims=(0, None, None, 0)), in_dims=(0, 0, 0, None))(every, fixed, network.buffers, rows)
    masked = among(logits, truth, candidates)
    loss = nn.functional.cross_entropy(masked.flatten(0, 1), labels.flatten(), reduction="sum")
    gradients = torch.autograd.grad(loss, list(every.values()))
    return {name: gradient.square().mean(1) for name, gradient in zip(every, gradients, strict=True)}


def _with_one(rows: Tensor) -> Tensor:
    return torch.cat([rows, rows.new_ones(*rows.shape[:-1], 1)], dim=-1)
