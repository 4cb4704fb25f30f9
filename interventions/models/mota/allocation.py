"""Which mode takes how much of what is to be learnt: backtracking (arXiv 2209.14996; the rule is our choice).

For each mode the step lengths rate, rate/2, .., rate/2^K are tried, all in one pass with the other modes held, and the
first that lowers the objective J is taken, else 0: such a mode stays where it is and anchors what it knew.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from interventions.models.mota.losses import among, chance_of_truth, replaced
from interventions.models.mota.modes import Modes, Network, drift, moved


def lengths(rate: float, halvings: int) -> Tensor:
    """rate, rate/2, .., rate/2^K, ``(K + 1,)``."""
    return rate / 2.0 ** torch.arange(halvings + 1)


def first_lower(trials: Tensor, now: Tensor, steps: Tensor) -> Tensor:
    """For each mode the first of `steps` ``(C,)`` whose trial ``(N, C)`` is lower than `now` ``(N,)``, else 0."""
    lower = trials < now[:, None]
    return torch.where(lower.any(1), steps[lower.int().argmax(1)], 0.0)


def backtracked(
    network: Network,
    modes: Mapping[str, Tensor],
    gradients: Mapping[str, Tensor],
    anchor: Mapping[str, Tensor],
    rows: Tensor,
    truth: Tensor,
    shares: Tensor,
    steps: Tensor,
    anchoring: float,
    candidates: str = "all",
) -> tuple[Modes, Tensor]:
    """The modes after one step, and the length ``(N,)`` that each took.

    J = CE(sum_i alpha_i softmax f(x; theta_i)) + anchoring * sum_i d(theta_i, anchor_i), with alpha = `shares`.
    """
    count, tried = len(shares), len(steps)
    many = {name: mode.repeat_interleave(tried, 0) for name, mode in modes.items()}
    along = {name: gradient.repeat_interleave(tried, 0) for name, gradient in gradients.items()}
    anchors = {name: one.repeat_interleave(tried, 0) for name, one in anchor.items()}
    reached = moved(many, along, steps.repeat(count))
    logits = network.repeated(tried).logits(reached, rows)
    trials = chance_of_truth(among(logits, truth, candidates), truth).reshape(count, tried, -1)
    chances = chance_of_truth(among(network.logits(modes, rows), truth, candidates), truth)
    drifts = drift(reached, anchors).reshape(count, tried)
    now = replaced(chances, chances[:, None], shares)[:, 0] + anchoring * drift(modes, anchor)
    taken = first_lower(replaced(chances, trials, shares) + anchoring * drifts, now, steps)
    return moved(modes, gradients, taken), taken
