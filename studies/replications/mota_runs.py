"""One run of `mota`: a method goes through the tasks of a shift, and is asked about all of them after each."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from interventions.models.mota import ContinualBaseline, MotaClassifier
from interventions.models.mota.continual import ContinualClassifier
from studies.replications.mota_features import digest
from studies.replications.mota_shifts import Shift, Task

HIDDEN = 60
"""The budget of parameters, for every method, is that of one network with so many hidden units."""
CEILING = "joint (ceiling)"
_RATES = (0.07, 0.2)


@dataclass(frozen=True, slots=True)
class Method:
    """`fixed` parameters, and those that are searched: `rates` times the values of `strength`, the parameter of what is
    done against forgetting. All methods have the same number of combinations."""

    name: str
    family: Callable[..., ContinualClassifier]
    fixed: Mapping[str, Any]
    rates: tuple[float, ...] = _RATES
    strength: str = ""
    strengths: tuple[float, ...] = ()

    def grid(self) -> list[dict[str, float]]:
        if not self.strength:
            return [{"rate": rate} for rate in self.rates]
        return [{"rate": rate, self.strength: one} for rate in self.rates for one in self.strengths]


_SIX = (0.02, 0.04, 0.07, 0.12, 0.2, 0.35)


def _baseline(name: str, method: str, strengths: tuple[float, ...], **more: Any) -> Method:
    return Method(name, ContinualBaseline, {"method": method} | more, strength="strength", strengths=strengths)


CHOSEN, OURS, CONTROL = "MOTA (chosen)", "MOTA (ours)", "LwF, averaged (control)"
METHODS: tuple[Method, ...] = (
    Method("fine-tuning", ContinualBaseline, {"method": "finetuning"}, rates=_SIX),
    _baseline("EWC", "ewc", (1.0, 10.0, 100.0)),
    _baseline("LwF", "lwf", (0.1, 0.3, 1.0)),
    _baseline("SI", "si", (0.01, 0.1, 1.0)),
    _baseline("CoSCL-style", "coscl", (1.0, 10.0, 100.0), modes=5, cooperation=0.1),
    Method(
        CHOSEN, MotaClassifier, {"modes": 3, "allocation": "backtracking", "averaging": 0.0},
        strength="anchoring", strengths=(0.001, 0.01, 0.1),
    ),
    Method(
        OURS, MotaClassifier, {"modes": 3, "allocation": "curvature", "averaging": 0.9},
        strength="anchoring", strengths=(1.0, 3.0, 10.0),
    ),
    _baseline(CONTROL, "lwf", (0.1, 0.3, 1.0), averaging=0.9),
    Method(CEILING, ContinualBaseline, {"method": "finetuning", "averaging": 0.9}, rates=_SIX),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """`accuracy` ``(tasks + 1, tasks)``: row i after i tasks, column j on task j, judged among its classes. `among_all`
    is the mean at the end judged among all classes. `allocation` ``(tasks, modes)``."""

    accuracy: NDArray[np.float64]
    among_all: float
    allocation: NDArray[np.float64]
    mode_distances: NDArray[np.float64]
    parameters: int
    memory: int
    update_ms: float


def kept_run(work: Path | None, shift: Shift, tasks: Sequence[Task], method: Method, **how: Any) -> Run:
    """`run`, or with a folder what an earlier one found for the same rows and settings."""
    if work is None:
        return run(shift, tasks, method, **how)
    told = (shift.name, shift.candidates, method.name, method.fixed, how, [one.train.rows.sum() for one in tasks])
    path = work / "runs" / f"{digest(told)}.json"
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        return Run(**{name: np.array(one) if isinstance(one, list) else one for name, one in found.items()})
    result = run(shift, tasks, method, **how)
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {name: one.tolist() if isinstance(one, np.ndarray) else one for name, one in asdict(result).items()}
    path.write_text(json.dumps(plain), encoding="utf-8")
    return result


def budget(inputs: int, classes: int) -> int:
    return HIDDEN * (inputs + 1 + classes) + classes


def run(
    shift: Shift,
    tasks: Sequence[Task],
    method: Method,
    settings: Mapping[str, Any],
    seed: int,
    part: Literal["valid", "test"],
    told: bool = True,
) -> Run:
    """Go through the tasks. `told` says whether the method hears where a task begins."""
    allowed = budget(shift.inputs, len(shift.classes))
    common = {
        "budget": allowed,
        "candidates": shift.candidates,
        "standardise": False,
        "passes": 2,
        "random_state": seed,
    }
    model = method.family(**(common | dict(method.fixed) | {"settle": 0 if told else 32} | dict(settings)))
    if method.name == CEILING:
        return _joint(model, shift, tasks, part, allowed)
    accuracy, spent, updates = [_untrained(model, shift, tasks, part)], 0.0, 0
    for task in tasks:
        if told:
            model.begin_task()
        began = time.process_time()
        model.partial_fit(task.train.rows, task.train.labels, classes=shift.classes)
        spent += time.process_time() - began
        updates += model.passes * -(-len(task.train.rows) // model.batch)
        asked, among_all = _asked(model, tasks, part)
        accuracy.append(asked)
    return _run(model, accuracy, among_all, allowed, 1000 * spent / updates)


def _joint(
    model: ContinualClassifier, shift: Shift, tasks: Sequence[Task], part: Literal["valid", "test"], allowed: int
) -> Run:
    """As many updates, on the rows of all tasks at once; told in the form of a run, all its rows are the last."""
    rows = np.concatenate([task.train.rows for task in tasks])
    labels = np.concatenate([task.train.labels for task in tasks])
    untrained = _untrained(model, shift, tasks, part)
    began = time.process_time()
    model.partial_fit(rows, labels, classes=shift.classes)
    spent = time.process_time() - began
    found, among_all = _asked(model, tasks, part)
    return _run(model, [untrained, *[found] * len(tasks)], among_all, allowed, 1000 * spent / (2 * -(-len(rows) // 32)))


def _run(model: ContinualClassifier, accuracy: list[list[float]], among_all: float, allowed: int, ms: float) -> Run:
    assert model.parameters_ <= allowed, f"{model!r} has {model.parameters_} parameters, {allowed} are allowed"
    return Run(
        np.array(accuracy), among_all, model.allocation_, model.mode_distances_, model.parameters_, model.memory_, ms
    )


def _untrained(
    model: ContinualClassifier, shift: Shift, tasks: Sequence[Task], part: Literal["valid", "test"]
) -> list[float]:
    """Accuracies before anything is learnt: of a network with the same start, after a step of no length."""
    fresh = type(model)(**(model.get_params() | {"rate": 0.0, "passes": 1}))
    first = tasks[0].train
    fresh.partial_fit(first.rows[:2], first.labels[:2], classes=shift.classes)
    return _asked(fresh, tasks, part)[0]


def _asked(
    model: ContinualClassifier, tasks: Sequence[Task], part: Literal["valid", "test"]
) -> tuple[list[float], float]:
    """Accuracy on each task among its own classes, and the mean over tasks among all classes."""
    parts = [task.valid if part == "valid" else task.test for task in tasks]
    chances = model.predict_proba(np.concatenate([one.rows for one in parts]))
    own, every, start = [], [], 0
    names = np.array(model.classes_)
    for task, one in zip(tasks, parts, strict=True):
        mine = chances[start : start + len(one.rows)]
        start += len(one.rows)
        columns = [model.classes_.index(name) for name in task.classes]
        own.append(float((names[columns][mine[:, columns].argmax(1)] == one.labels).mean()))
        every.append(float((names[mine.argmax(1)] == one.labels).mean()))
    return own, float(np.mean(every))


MEASURES = ("average accuracy", "forgetting", "backward transfer", "forward transfer")


def measures(accuracy: NDArray[np.float64]) -> dict[str, float]:
    """Of ``(tasks + 1, tasks)`` accuracies R, row 0 untrained (Lopez-Paz and Ranzato, arXiv 1706.08840; forgetting as
    Chaudhry et al., 1801.10112), with T tasks counted from 1:

    - average accuracy: mean_j R[T, j]
    - backward transfer: mean_{j < T} R[T, j] - R[j, j]
    - forgetting: mean_{j < T} max_{j <= i <= T} R[i, j] - R[T, j]
    - forward transfer: mean_{j > 1} R[j - 1, j] - R[0, j]
    """
    tasks = accuracy.shape[1]
    last = accuracy[tasks]
    learnt = np.array([accuracy[j + 1, j] for j in range(tasks)])
    best = np.array([accuracy[j + 1 :, j].max() for j in range(tasks)])
    ahead = [accuracy[j, j] - accuracy[0, j] for j in range(1, tasks)]
    return {
        "average accuracy": float(last.mean()),
        "backward transfer": float((last - learnt)[:-1].mean()),
        "forgetting": float((best - last)[:-1].mean()),
        "forward transfer": float(np.mean(ahead)),
    }
