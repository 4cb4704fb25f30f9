"""What the modes are trained on. Logits are ``(N, n, classes)``, `truth` ``(n,)`` the number of each row's class."""

from __future__ import annotations

import torch
from torch import Tensor

_LEAST = 1e-9


def among(logits: Tensor, truth: Tensor, candidates: str) -> Tensor:
    """`logits` with the classes that do not compete put out of reach.

    `candidates` "all": every class competes. "present": only those that `truth` has, so that what was learnt of others
    is left alone (the "labels trick", Zeno et al., arXiv 1803.10123); it needs no task label.
    """
    if candidates == "all":
        return logits
    competes = torch.zeros(logits.shape[-1], dtype=torch.bool)
    competes[truth] = True
    return logits.masked_fill(~competes, -1e9)


def apart(logits: Tensor, truth: Tensor) -> Tensor:
    """CE(theta_i) for each mode, ``(N,)``."""
    chances = logits.log_softmax(-1)[:, torch.arange(len(truth)), truth]
    return -chances.mean(1)


def together(logits: Tensor, truth: Tensor, shares: Tensor) -> Tensor:
    """CE(sum_i alpha_i softmax f(x; theta_i)), with alpha = `shares` ``(N,)`` that sum to 1."""
    return -(shares @ chance_of_truth(logits, truth)).clamp_min(_LEAST).log().mean()


def chance_of_truth(logits: Tensor, truth: Tensor) -> Tensor:
    """What each mode gives to each row's class, ``(..., n)``."""
    return logits.softmax(-1)[..., torch.arange(len(truth)), truth]


def replaced(chances: Tensor, trials: Tensor, shares: Tensor) -> Tensor:
    """The mixture's CE when mode i alone is replaced by its trial c, for all i and c, ``(N, C)``.

    `chances` ``(N, n)`` and `trials` ``(N, C, n)`` are what the modes and their trials give to the truth.
    """
    weighted = shares[:, None] * chances
    others = weighted.sum(0) - weighted
    return -(others[:, None] + shares[:, None, None] * trials).clamp_min(_LEAST).log().mean(-1)


def distilled(logits: Tensor, before: Tensor, temperature: float = 2.0) -> Tensor:
    """T^2 CE(softmax(before / T), softmax(logits / T)), for each mode, ``(N,)`` (Li and Hoiem, arXiv 1606.09282)."""
    wanted = (before / temperature).softmax(-1)
    return -(temperature**2) * (wanted * (logits / temperature).log_softmax(-1)).sum(-1).mean(1)


def disagreement(logits: Tensor) -> Tensor:
    """CE of each mode with the mean of all, ``(N,)``: CoSCL's cooperation (Wang et al., arXiv 2207.06543)."""
    return -(logits.softmax(-1).mean(0).detach() * logits.log_softmax(-1)).sum(-1).mean(1)
