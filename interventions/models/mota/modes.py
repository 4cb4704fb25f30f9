"""N parameter settings, "modes", of one network, computed together (after arXiv 2209.14996).

A mode is a point theta_i in parameter space. All N are kept as one mapping from a parameter's name to a tensor whose
first axis is the mode, so that one pass of ``torch.func.vmap`` over ``functional_call`` serves them all.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.func import functional_call, stack_module_state, vmap

from interventions.models.errors import WrongInput
from interventions.models.mota.networks import Factory, parameter_count

Modes = dict[str, Tensor]
"""Parameter name -> ``(N, *shape)``."""


@dataclass(frozen=True)
class Network:
    """What the modes have in common: the shape of the network, without weights, and its buffers (N stacked)."""

    skeleton: nn.Module
    buffers: Modes

    def logits(self, modes: Mapping[str, Tensor], rows: Tensor) -> Tensor:
        """``(N, n, classes)`` for `rows` ``(n, inputs)``."""

        def one(parameters: Modes, buffers: Modes) -> Tensor:
            found: Tensor = functional_call(self.skeleton, (parameters, buffers), (rows,))
            return found

        return vmap(one)(dict(modes), self.buffers)

    def apart(self) -> Network:
        """One that another thread may use: a call borrows the skeleton, which has room for one at a time."""
        return Network(copy.deepcopy(self.skeleton), self.buffers)

    def repeated(self, times: int) -> Network:
        """One for modes of which each stands `times` in a row."""
        return Network(self.skeleton, {name: one.repeat_interleave(times, 0) for name, one in self.buffers.items()})


def build(factory: Factory, count: int, inputs: int, outputs: int, budget: int, seed: int) -> tuple[Network, Modes]:
    """`count` networks of `factory`, each begun differently, with at most `budget` parameters together.

    Raises:
        WrongInput: when they have more, or are no such network.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        networks = [factory(inputs, outputs, budget // count).eval() for _ in range(count)]
    total = sum(parameter_count(network) for network in networks)
    if total > budget:
        raise WrongInput(
            f"{count} modes have {total} parameters together, more than the budget of {budget}",
            "let the factory keep to the number it is given, or raise `budget`",
        )
    parameters, buffers = stack_module_state(networks)
    network = Network(copy.deepcopy(networks[0]).to("meta"), buffers)
    modes = {name: parameter.detach() for name, parameter in parameters.items()}
    shape = tuple(network.logits(modes, torch.zeros(2, inputs)).shape)
    if shape != (count, 2, outputs):
        raise WrongInput(f"the factory's network turns (2, {inputs}) into {shape[1:]}, not (2, {outputs})")
    return network, modes


def flattened(modes: Mapping[str, Tensor]) -> Tensor:
    """The modes as points, ``(N, parameters of one)``."""
    return torch.cat([modes[name].flatten(1) for name in sorted(modes)], dim=1)


def cosines(modes: Mapping[str, Tensor]) -> Tensor:
    """cos(theta_i, theta_j), ``(N, N)``."""
    points = torch.nn.functional.normalize(flattened(modes), dim=1)
    return points @ points.T


def likeness(modes: Mapping[str, Tensor]) -> Tensor:
    """mean over i < j of cos^2(theta_i, theta_j), in [0, 1]; 0 for one mode.

    Minimised on the first task: that pushes the modes apart, to right angles. (The abstract: on the first task the
    distance between modes is maximised. That it is measured as cos^2 is our choice.)
    """
    count = next(iter(modes.values())).shape[0]
    if count == 1:
        return flattened(modes).sum() * 0
    squared = cosines(modes).square()
    return (squared.sum() - squared.diagonal().sum()) / (count * (count - 1))


def distances(modes: Mapping[str, Tensor]) -> Tensor:
    """|theta_i - theta_j|, ``(N, N)``."""
    points = flattened(modes)
    found: Tensor = (points[:, None] - points[None]).norm(dim=2)
    return found


def drift(modes: Mapping[str, Tensor], anchor: Mapping[str, Tensor]) -> Tensor:
    """d(theta_i, anchor_i) = |theta_i - anchor_i|^2 for each mode, ``(N,)``. (The square is our choice.)"""
    return torch.stack([(modes[name] - anchor[name]).square().flatten(1).sum(1) for name in modes]).sum(0)


def moved(modes: Mapping[str, Tensor], gradients: Mapping[str, Tensor], rates: Tensor) -> Modes:
    """theta_i - rate_i * gradient_i, with `rates` ``(N,)``."""
    return {name: mode - _along(rates, mode) * gradients[name] for name, mode in modes.items()}


def mean_mode(modes: Mapping[str, Tensor]) -> Modes:
    """The one mode in the middle of all."""
    return {name: mode.mean(0, keepdim=True) for name, mode in modes.items()}


def _along(rates: Tensor, like: Tensor) -> Tensor:
    return rates.reshape(-1, *[1] * (like.ndim - 1))
