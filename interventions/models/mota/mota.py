"""MOTA itself (arXiv 2209.14996): N modes learn side by side, and it is settled anew how much of a batch each takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from interventions.models.mota import curvature
from interventions.models.mota.allocation import backtracked, lengths
from interventions.models.mota.anchoring import Axes, axes, held_by_diagonal, held_by_factors
from interventions.models.mota.curvature import INPUTS
from interventions.models.mota.learners import (
    MEASURED_EVERY,
    Memory,
    Setting,
    Update,
    gradients,
    measure,
    plain_step,
    share_of_step,
)
from interventions.models.mota.losses import among, apart, together
from interventions.models.mota.modes import Modes, drift, likeness

Allocation = Literal["backtracking", "curvature", "none"]


@dataclass
class Mota:
    """On the first task the modes are pushed apart, N = `modes` of them:

        L = sum_i CE(theta_i) + N * diversity * mean_{i<j} cos^2(theta_i, theta_j)

    (N times the loss of the paper's abstract as we write it, so that a rate means the same for every N.) Later, with
    alpha ~ Dirichlet(1, .., 1) for every batch,

        J = CE(sum_i alpha_i softmax f(x; theta_i)) + anchoring * sum_i d(theta_i, anchor_i)

    is lowered by steps of N * rate, since each mode gets about an N-th of the gradient. `allocation` says how:

    - "backtracking": d = |theta - anchor|^2, and a step length for each mode, see `allocation`.
    - "curvature" (ours): every mode learns by itself, J = sum_i CE(theta_i) + anchoring * d(theta_i, anchor_i), with
      d = (theta - anchor)^T F (theta - anchor) / 2, where F is what all settled tasks have measured (`curvature`). The
      step of `rate` allows for d (`anchoring`): each mode takes what its own past leaves free.
    - "none": d as in backtracking, and plain steps. For comparison.
    """

    setting: Setting
    diversity: float
    anchoring: float
    halvings: int
    allocation: Allocation
    memory: Memory = field(default_factory=dict)
    updates: int = 0
    turned: dict[str, Axes] | None = None

    def update(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update:
        if self.allocation == "curvature" and self.updates % MEASURED_EVERY == 0:
            measure(self.memory, self.setting, modes, rows, truth, curvature.factors)
        self.updates += 1
        if "anchor" not in self.memory:
            return self._first(modes, rows, truth)
        return (self._held if self.allocation == "curvature" else self._tried)(modes, rows, truth)

    def settle(self, modes: Modes) -> None:
        self.memory["anchor"] = dict(modes)
        self.updates = 0
        if "measured" in self.memory:
            self._gather(self.memory.pop("measured"))

    def _first(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update:
        count = _count(modes)

        def objective(free: Modes) -> Tensor:
            logits = among(self.setting.network.logits(free, rows), truth, self.setting.candidates)
            return apart(logits, truth).sum() + count * self.diversity * likeness(free)

        found, loss = gradients(objective, modes)
        return Update(plain_step(modes, found, self.setting.rate), loss, torch.ones(count))

    def _tried(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update:
        anchor, setting = self.memory["anchor"], self.setting
        shares = _dirichlet(_count(modes), setting.random)

        def objective(free: Modes) -> Tensor:
            logits = among(setting.network.logits(free, rows), truth, setting.candidates)
            return together(logits, truth, shares) + self.anchoring * drift(free, anchor).sum()

        found, loss = gradients(objective, modes)
        rate = setting.rate * len(shares)
        if self.allocation == "none":
            return Update(plain_step(modes, found, rate), loss, torch.ones(len(shares)))
        steps = lengths(rate, self.halvings)
        given = (setting.network, modes, found, anchor, rows, truth, shares, steps)
        after, taken = backtracked(*given, self.anchoring, setting.candidates)
        return Update(after, loss, taken / rate)

    def _held(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update:
        anchor, past, setting = self.memory["anchor"], self.memory["past"], self.setting

        def objective(free: Modes) -> Tensor:
            return apart(among(setting.network.logits(free, rows), truth, setting.candidates), truth).sum()

        found, loss = gradients(objective, modes)
        pull = setting.rate * self.anchoring
        if self.turned is None:
            self.turned = axes(past)
        reached = held_by_diagonal(plain_step(modes, found, setting.rate), anchor, past, pull)
        after = held_by_factors(reached, anchor, self.turned, pull)
        return Update(after, loss, share_of_step(modes, after, found, setting.rate))

    def _gather(self, measured: Modes) -> None:
        """Add what one task measured. The A (x) G of several tasks are not summed, but each factor by itself (Ritter et
        al.): A as a mean over the tasks, G as a sum."""
        past, tasks = self.memory.get("past", {}), float(self.memory.get("tasks", {"count": torch.zeros(1)})["count"])
        gathered = {}
        for name, one in measured.items():
            before = past.get(name, torch.zeros_like(one))
            gathered[name] = (before * tasks + one) / (tasks + 1) if name.endswith(INPUTS) else before + one
        self.memory |= {"past": gathered, "tasks": {"count": torch.tensor([tasks + 1])}}
        self.turned = None


def _count(modes: Modes) -> int:
    return int(next(iter(modes.values())).shape[0])


def _dirichlet(count: int, random: torch.Generator) -> Tensor:
    """Dirichlet(1, .., 1): exponential variables, made to sum to 1."""
    drawn = -torch.rand(count, generator=random).clamp_min(1e-12).log()
    return drawn / drawn.sum()
