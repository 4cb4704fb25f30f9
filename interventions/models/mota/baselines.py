"""What MOTA is compared with: ways of going on learning that keep no rows either."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from interventions.models.mota import curvature
from interventions.models.mota.anchoring import held_by_diagonal
from interventions.models.mota.learners import MEASURED_EVERY, FineTuning, Update, added, measure
from interventions.models.mota.losses import among, disagreement, distilled
from interventions.models.mota.modes import Modes


@dataclass
class Distilled(FineTuning):
    """Learning without forgetting (Li and Hoiem, arXiv 1606.09282): answer new rows as before, beside learning them."""

    strength: float = 1.0

    def objective(self, free: Modes, rows: Tensor, truth: Tensor) -> Tensor:
        learnt = super().objective(free, rows, truth)
        if "before" not in self.memory:
            return learnt
        network = self.setting.network
        with torch.no_grad():
            before = network.logits(self.memory["before"], rows)
        return learnt + self.strength * distilled(network.logits(free, rows), before).sum()

    def settle(self, modes: Modes) -> None:
        self.memory["before"] = dict(modes)


@dataclass
class Elastic(FineTuning):
    """Elastic weight consolidation (Kirkpatrick et al., arXiv 1612.00796) in its on-line form with one anchor (Schwarz
    et al., 1805.06370), the Fisher information measured while learning (Chaudhry et al., 1801.10112).

    With several modes and `cooperation` it is in the style of CoSCL (Wang et al., 2207.06543): small learners side by
    side, each held by its own Fisher information, and drawn to what they all say.
    """

    strength: float = 1.0
    cooperation: float = 0.0
    updates: int = 0

    def update(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update:
        if self.updates % MEASURED_EVERY == 0:
            measure(self.memory, self.setting, modes, rows, truth, curvature.diagonal)
        self.updates += 1
        return super().update(modes, rows, truth)

    def objective(self, free: Modes, rows: Tensor, truth: Tensor) -> Tensor:
        learnt = super().objective(free, rows, truth)
        if not self.cooperation:
            return learnt
        logits = among(self.setting.network.logits(free, rows), truth, self.setting.candidates)
        return learnt + self.cooperation * disagreement(logits).sum()

    def held(self, reached: Modes) -> Modes:
        if "anchor" not in self.memory:
            return reached
        pull = self.setting.rate * self.strength
        return held_by_diagonal(reached, self.memory["anchor"], self.memory["fisher"], pull)

    def settle(self, modes: Modes) -> None:
        self.memory["fisher"] = added(self.memory.get("fisher"), self.memory.pop("measured"))
        self.memory["anchor"] = dict(modes)
        self.updates = 0


@dataclass
class Synaptic(FineTuning):
    """Synaptic intelligence (Zenke et al., arXiv 1703.04200): a parameter is held by what its way did for the loss."""

    strength: float = 1.0
    damping: float = 1e-3

    def update(self, modes: Modes, rows: Tensor, truth: Tensor) -> Update:
        self.memory.setdefault("anchor", dict(modes))
        return super().update(modes, rows, truth)

    def held(self, reached: Modes) -> Modes:
        if "importance" not in self.memory:
            return reached
        pull = 2 * self.setting.rate * self.strength
        return held_by_diagonal(reached, self.memory["anchor"], self.memory["importance"], pull)

    def watched(self, before: Modes, after: Modes, found: Modes) -> None:
        step = {name: -found[name] * (after[name] - before[name]) for name in before}
        self.memory["way"] = added(self.memory.get("way"), step)

    def settle(self, modes: Modes) -> None:
        anchor, way = self.memory["anchor"], self.memory.pop("way")
        gained = {
            name: (way[name] / ((mode - anchor[name]).square() + self.damping)).clamp_min(0)
            for name, mode in modes.items()
        }
        self.memory["importance"] = added(self.memory.get("importance"), gained)
        self.memory["anchor"] = dict(modes)
