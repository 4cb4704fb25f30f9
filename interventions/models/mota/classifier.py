"""MOTA as an estimator, over rows of numbers and over texts."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from interventions.models.errors import WrongInput
from interventions.models.mota.baselines import Distilled, Elastic, Synaptic
from interventions.models.mota.continual import ContinualClassifier
from interventions.models.mota.learners import FineTuning, Learner, Setting
from interventions.models.mota.mota import Allocation, Mota
from interventions.models.mota.networks import Factory

Candidates = Literal["all", "present"]
PredictBy = Literal["softmaxes", "parameters"]
Method = Literal["finetuning", "ewc", "lwf", "si", "coscl"]


class MotaClassifier(ContinualClassifier):
    """N modes of one network that share a budget of parameters (arXiv 2209.14996); see `mota.Mota` for how they learn.

    `allocation` "backtracking" is the design we read out of the paper's abstract, "curvature" is ours, "none" is for
    comparison. `diversity` is beta_max; `anchoring` is beta_min, of the order of 1 for "curvature", of 0.01 for the
    others; `halvings` is K of the backtracking. Other parameters: `ContinualClassifier`.
    """

    family: ClassVar[str] = "mota_rows"
    intended_use: ClassVar[str] = (
        "Rows of numbers, such as embeddings, from people or sources that come one after another."
    )
    limits: ClassVar[str] = (
        "Learns on without keeping rows, so what it knew is guarded by an approximation: a source that says the "
        "opposite of an earlier one still overrules it."
    )
    source: ClassVar[str] = "Mindproof, after arXiv 2209.14996 and 1805.07810"

    def __init__(
        self,
        modes: int = 3,
        budget: int = 24_000,
        rate: float = 0.2,
        epochs: int = 10,
        batch: int = 32,
        passes: int = 1,
        allocation: Allocation = "curvature",
        diversity: float = 0.1,
        anchoring: float = 3.0,
        halvings: int = 4,
        candidates: Candidates = "all",
        settle: int = 32,
        standardise: bool = True,
        averaging: float = 0.9,
        predict_by: PredictBy = "softmaxes",
        factory: Factory | None = None,
        random_state: int = 0,
    ) -> None:
        self.modes = modes
        self.budget = budget
        self.rate = rate
        self.epochs = epochs
        self.batch = batch
        self.passes = passes
        self.allocation: Allocation = allocation
        self.diversity = diversity
        self.anchoring = anchoring
        self.halvings = halvings
        self.candidates = candidates
        self.settle = settle
        self.standardise = standardise
        self.averaging = averaging
        self.predict_by = predict_by
        self.factory = factory
        self.random_state = random_state

    def _learner(self, setting: Setting) -> Learner:
        _check(self.allocation, "allocation", ("backtracking", "curvature", "none"))
        return Mota(setting, self.diversity, self.anchoring, self.halvings, self.allocation)


class ContinualBaseline(ContinualClassifier):
    """What MOTA is compared with, behind the same interface: `method` "finetuning", "ewc", "lwf", "si", or "coscl".

    `strength` is that of what it does against forgetting, `cooperation` the pull of "coscl" on its `modes` to agree.

    Joint training, the ceiling, is `fit` on the rows of all tasks.
    """

    family: ClassVar[str] = "continual_baseline"
    intended_use: ClassVar[str] = "To compare with."
    limits: ClassVar[str] = "See the papers of the methods."
    source: ClassVar[str] = "arXiv 1612.00796 (ewc), 1606.09282 (lwf), 1703.04200 (si), 2207.06543 (coscl)"

    def __init__(
        self,
        method: Method = "finetuning",
        strength: float = 1.0,
        cooperation: float = 0.0,
        modes: int = 1,
        budget: int = 24_000,
        rate: float = 0.1,
        epochs: int = 10,
        batch: int = 32,
        passes: int = 1,
        candidates: Candidates = "all",
        settle: int = 32,
        standardise: bool = True,
        averaging: float = 0.0,
        predict_by: PredictBy = "softmaxes",
        factory: Factory | None = None,
        random_state: int = 0,
    ) -> None:
        self.method: Method = method
        self.strength = strength
        self.cooperation = cooperation
        self.modes = modes
        self.budget = budget
        self.rate = rate
        self.epochs = epochs
        self.batch = batch
        self.passes = passes
        self.candidates = candidates
        self.settle = settle
        self.standardise = standardise
        self.averaging = averaging
        self.predict_by = predict_by
        self.factory = factory
        self.random_state = random_state

    def _learner(self, setting: Setting) -> Learner:
        _check(self.method, "method", ("finetuning", "ewc", "lwf", "si", "coscl"))
        match self.method:
            case "ewc":
                return Elastic(setting, strength=self.strength)
            case "coscl":
                return Elastic(setting, strength=self.strength, cooperation=self.cooperation)
            case "lwf":
                return Distilled(setting, strength=self.strength)
            case "si":
                return Synaptic(setting, strength=self.strength)
            case _:
                return FineTuning(setting)


def _check(given: Any, name: str, known: tuple[str, ...]) -> None:
    if given not in known:
        raise WrongInput(f"{name}={given!r} is not known", f"one of: {', '.join(known)}")
