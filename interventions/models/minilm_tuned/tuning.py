"""The fit of `MiniLmTuned`: AdamW on the deltas and the head, warm-up and linear decay, the best of several checks."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from interventions.models.minilm.encoder import WIDTH, Encoded, pooled
from interventions.models.minilm_tuned.lowrank import add_deltas, arrays
from interventions.models.progress import Progress, Watch

_WARM_UP = 0.06
_HEAD_RATE = 2.0
_DECAY = 0.01
_POOL = 20
"""Batches that are cut from one pool of texts sorted by length: little padding, yet random."""


class _Tuned(nn.Module):
    def __init__(self, encoder: nn.Module, classes: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = nn.Linear(WIDTH, classes)

    def forward(self, inputs: Mapping[str, Any]) -> torch.Tensor:
        hidden = self.encoder(**inputs).last_hidden_state
        found: torch.Tensor = self.head(pooled(hidden, inputs["attention_mask"]))
        return found


def tune(
    params: Mapping[str, Any],
    encoder: nn.Module,
    read: Encoded,
    codes: NDArray[np.intp],
    classes: int,
    weights: NDArray[np.float64],
    progress: Watch | None,
) -> dict[str, NDArray[np.float16]]:
    """The deltas and the head, as saved; `params` are the estimator's."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(params["random_state"])
        random = np.random.default_rng(params["random_state"])
        deltas = add_deltas(encoder, params["rank"], params["dropout"])
        model = _Tuned(encoder, classes)
        training, watched = _split(len(codes), random)
        plan = [chosen for _ in range(params["epochs"]) for chosen in _batches(read, training, params["batch"], random)]
        rates = [
            {"params": [p for d in deltas.values() for p in (d.down, d.up)], "lr": params["rate"]},
            {"params": list(model.head.parameters()), "lr": params["rate"] * _HEAD_RATE},
        ]
        optimizer = torch.optim.AdamW(rates, weight_decay=_DECAY)
        schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: _share(step, len(plan)))
        truth, importance = torch.from_numpy(codes), torch.from_numpy(weights.astype(np.float32))
        best, kept, worse, losses = math.inf, _kept(deltas, model), 0, []
        for step, chosen in enumerate(plan, 1):
            model.train()
            each = nn.functional.cross_entropy(model(read.tensors(chosen)), truth[chosen], reduction="none")
            loss = (each * importance[chosen]).sum() / importance[chosen].sum()
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_([p for group in rates for p in group["params"]], 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
            if step % params["check_every"] == 0 or step == len(plan):
                watched_loss = _loss(model, read, watched, truth, importance)
                if progress is not None:
                    note = f"loss on held-out texts {watched_loss:.4f}"
                    progress(Progress(step, len(plan), float(np.mean(losses)), -watched_loss, note))
                losses = []
                if watched_loss < best:
                    best, kept, worse = watched_loss, _kept(deltas, model), 0
                else:
                    worse += 1
                    if worse >= params["patience"]:
                        break
    return kept


def _kept(deltas: Mapping[str, Any], model: _Tuned) -> dict[str, NDArray[np.float16]]:
    head = {f"head.{name}": value.detach().numpy().astype(np.float16) for name, value in model.head.named_parameters()}
    return {**arrays(deltas), **head}


def _share(step: int, steps: int) -> float:
    """The part of the highest rate at a step: up to it first, then down to nothing."""
    warm = max(1, int(_WARM_UP * steps))
    return (step + 1) / warm if step < warm else max(0.0, (steps - step) / max(1, steps - warm))


def _split(count: int, random: np.random.Generator) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Items to learn from, and a twentieth to watch, at most 1000; of few items all are both."""
    order = random.permutation(count)
    held = min(1000, count // 20)
    return (order, order) if held < 20 else (order[held:], order[:held])


def _batches(read: Encoded, items: NDArray[np.intp], size: int, random: np.random.Generator) -> list[NDArray[np.intp]]:
    """All `items` once, `size` at a time, each batch of texts of like length."""
    order = random.permutation(items)
    cut = []
    for start in range(0, len(order), size * _POOL):
        pool = order[start : start + size * _POOL]
        pool = pool[np.argsort([len(read.ids[at]) for at in pool], kind="stable")]
        cut += [pool[at : at + size] for at in range(0, len(pool), size)]
    return [cut[at] for at in random.permutation(len(cut))]


@torch.inference_mode()
def _loss(
    model: _Tuned, read: Encoded, items: NDArray[np.intp], truth: torch.Tensor, importance: torch.Tensor
) -> float:
    model.eval()
    total = weight = 0.0
    for start in range(0, len(items), 64):
        chosen = items[start : start + 64]
        each = nn.functional.cross_entropy(model(read.tensors(chosen)), truth[chosen], reduction="none")
        total += float((each * importance[chosen]).sum())
        weight += float(importance[chosen].sum())
    return total / weight
