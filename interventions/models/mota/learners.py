"""What a way of going on learning is, and the plainest: fine-tuning."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from interventions.models.mota import curvature
from interventions.models.mota.losses import among, apart
from interventions.models.mota.modes import Modes, Network, flattened, moved

Memory = dict[str, Modes]
"""What a learner keeps beside the modes: nothing of the rows it was given."""

MEASURED_EVERY, _KEPT = 4, 0.8
"""The curvature is measured at every fourth update, and of its running mean so much is kept."""


@dataclass(frozen=True)
class Setting:
    """What every learner is given. `rate` is the length of a step, `candidates` see `losses.among`."""

    network: Network
    rate: float
    candidates: str
    random: torch.Generator


@dataclass(frozen=True)
class Update:
    """The modes after an update, its loss, and for each mode how much of a plain step it took, ``(N,)``."""

    modes: Modes
    loss: float
    taken: Tensor


class Learner(Protocol):
    """`update` learns from a batch; `settle` says that what has been learnt is to be kept from now on."""

    memory: Memory

    def update(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update: ...

    def settle(self, modes: Modes) -> None: ...


def gradients(objective: Callable[[Modes], Tensor], modes: Mapping[str, Tensor]) -> tuple[Modes, float]:
    """The gradient of `objective` for every parameter, and its value."""
    free = {name: mode.detach().requires_grad_() for name, mode in modes.items()}
    value = objective(free)
    found = torch.autograd.grad(value, list(free.values()))
    return dict(zip(free, found, strict=True)), float(value.detach())


def plain_step(modes: Modes, found: Modes, rate: float) -> Modes:
    count = next(iter(modes.values())).shape[0]
    return moved(modes, found, torch.full((count,), rate))


def share_of_step(before: Modes, after: Modes, found: Modes, rate: float) -> Tensor:
    """|theta+ - theta| / |rate * gradient| for each mode, ``(N,)``."""
    plain = rate * flattened(found).norm(dim=1)
    way: Tensor = (flattened(after) - flattened(before)).norm(dim=1)
    share: Tensor = way / plain.clamp_min(1e-12)
    return share


@dataclass
class FineTuning:
    """Nothing is done against forgetting."""

    setting: Setting
    memory: Memory = field(default_factory=dict)

    def update(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update:
        found, loss = gradients(lambda free: self.objective(free, rows, truth), modes)
        after = self.held(plain_step(modes, found, self.setting.rate))
        self.watched(modes, after, found)
        return Update(after, loss, share_of_step(modes, after, found, self.setting.rate))

    def settle(self, modes: Modes) -> None:
        pass

    def objective(self, free: Modes, rows: Tensor, truth: Tensor) -> Tensor:
        logits = self.setting.network.logits(free, rows)
        return apart(among(logits, truth, self.setting.candidates), truth).sum()

    def held(self, reached: Modes) -> Modes:
        """`reached` by a plain step, as far as the learner lets it go."""
        return reached

    def watched(self, before: Modes, after: Modes, found: Modes) -> None:
        """Take note of a step."""


def added(one: Modes | None, other: Modes) -> Modes:
    return other if one is None else {name: one[name] + other[name] for name in other}


def measure(
    memory: Memory,
    setting: Setting,
    modes: Modes,
    rows: Tensor,
    truth: Tensor,
    form: Callable[[dict[str, curvature.Trace]], Modes],
) -> None:
    """Take the curvature at `modes`, in `form`, into the running mean ``memory["measured"]``."""
    given = (setting.network, modes, rows, truth)
    labels = curvature.drawn_labels(*given, setting.candidates, setting.random)
    found = form(curvature.traces(*given, labels, setting.candidates))
    found |= curvature.other_diagonal(*given, labels, setting.candidates)
    before = memory.get("measured")
    memory["measured"] = (
        found if before is None else {name: _KEPT * before[name] + (1 - _KEPT) * found[name] for name in found}
    )
