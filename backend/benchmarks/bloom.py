"""``mindproof bench bloom``: classification by prompt, against scoring every (item, label) text from its beginning.

Same model, same texts, same run: 8 demonstrations, 4 labels of one to three tokens. Ours reads the shared prefix once
and each item once; the other way reads both again for every label, in batches of texts of about the same length. Each
seed brings other demonstrations, so nothing is known from before. Where lm-evaluation-harness is installed (here, or in
the environment of a Python that is named), it scores the same texts with the same weights.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from backend.benchmarks.chart import bars
from backend.benchmarks.form import Figures, at_least, at_most
from backend.benchmarks.network_origin import feeds
from backend.errors import InputError, ModelError
from backend.extras import how_to_install
from interventions.models.bloom.language_model import Query
from interventions.models.errors import ModelFault

if TYPE_CHECKING:
    from interventions.models.bloom.local import LocalLanguageModel

OURS, SCRATCH, HARNESS = "ours", "every text from scratch", "lm-evaluation-harness"
ANSWERS = (" friendly", " abusive and hurtful", " an advertisement", " news")
SPEED_GOAL, APART_GOAL = 8.0, 1e-4
_HARNESS_TIMEOUT_S = 1800


@dataclass(frozen=True)
class Plan:
    """How much to measure. `texts` is a file with a text a line, or None for drawn words; `harness` a Python with
    lm-eval, or empty for this one."""

    items: int = 24
    shots: int = 8
    seeds: tuple[int, ...] = (1, 2, 3)
    model: str = "smollm2"
    texts: Path | None = None
    harness: str = ""


QUICK = Plan(items=12, seeds=(1,))


@dataclass(frozen=True)
class Questions:
    """What is asked under one seed."""

    prefix: str
    queries: list[Query]

    @property
    def contexts(self) -> list[str]:
        return [self.prefix + query.before + query.item + query.after for query in self.queries]


def run(plan: Plan, say: Callable[[str], None]) -> Figures:
    """Measure.

    Raises:
        ModelError: the model, or a library it needs, is not there.
        InputError: the file of texts cannot be used.
    """
    model = _opened(plan.model)
    figures = Figures("bloom", list(plan.seeds))
    worst, agreed = 0.0, []
    for seed in plan.seeds:
        asked = questions(plan, seed)
        scores = {}
        for what, packed in ((OURS, True), (SCRATCH, False)):
            say(f"seed {seed}: {what}, {plan.items} items")
            model.packed = packed
            began = time.perf_counter()
            scores[what] = model.score(asked.prefix, asked.queries, ANSWERS).logprob
            figures.rows.append(_row(what, seed, plan.items, time.perf_counter() - began))
        worst = max(worst, float(np.abs(scores[OURS] - scores[SCRATCH]).max()))
        say(f"seed {seed}: {HARNESS}")
        theirs = _harness(plan, model.folder, asked)
        if theirs is not None:
            found, seconds = theirs
            figures.rows.append(_row(HARNESS, seed, plan.items, seconds))
            agreed.append(float((found.argmax(1) == scores[OURS].argmax(1)).mean()))
            figures.rows[-1]["apart"] = float(np.abs(found - scores[OURS]).max())
    rates = {what: rate for what, _, _, rate in summary(figures)}
    figures.checks = [
        at_least("items a second, against from scratch", rates[OURS] / rates[SCRATCH], SPEED_GOAL, "x"),
        at_most("scores apart, at most", worst, APART_GOAL, " nats"),
    ]
    if agreed:
        figures.checks.append(at_least(f"predictions that agree with {HARNESS}", fmean(agreed), 1.0, ""))
        figures.notes.append(f"{HARNESS}: {rates[OURS] / rates[HARNESS]:.1f} times as many items a second as it")
    else:
        figures.notes.append(f"{HARNESS} is not installed, so it was not compared: pip install lm-eval into an "
                             "environment of its own, and name its Python: --harness PYTHON")  # fmt: skip
    figures.notes.append(f"model {plan.model}, version {model.version}; {plan.shots} shots, {len(ANSWERS)} labels")
    return figures


def questions(plan: Plan, seed: int) -> Questions:
    """Texts and demonstrations of one seed, at random lengths up to 40 words."""
    drawn = random.Random(seed)  # noqa: S311  (no secret)
    texts = _texts(plan.texts) if plan.texts else _drawn_words(drawn, plan.items + plan.shots)
    if len(texts) < plan.items + plan.shots:
        raise InputError(f"{plan.texts} has {len(texts)} lines; {plan.items + plan.shots} are needed", "add texts")
    texts = drawn.sample(texts, plan.items + plan.shots)
    shown = "".join(
        f"Text: {text}\nKind:{ANSWERS[number % len(ANSWERS)]}\n\n" for number, text in enumerate(texts[plan.items :])
    )
    prefix = f"Say of each text of which kind it is:{','.join(ANSWERS)}.\n\n{shown}Text: "
    return Questions(prefix, [Query("", text, "\nKind:") for text in texts[: plan.items]])


def _drawn_words(drawn: random.Random, count: int) -> list[str]:
    posts = [post["text"] for page in feeds(drawn.randrange(10**6), -(-3 * count // 50)) for post in _posts(page)]
    texts = [" ".join(posts[3 * number : 3 * number + 3]).split() for number in range(count)]
    return [" ".join(words[: drawn.randint(4, 40)]) for words in texts]


def _posts(page: bytes) -> list[dict[str, Any]]:
    posts: list[dict[str, Any]] = json.loads(page)["posts"]
    return posts


def _texts(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read the texts in {path}: {error}", "give a text file, one text a line") from error
    return sorted({line.strip() for line in lines if line.strip()})


def _opened(model: str) -> LocalLanguageModel:
    try:
        from interventions.models.bloom.local import LocalLanguageModel

        return LocalLanguageModel(model)
    except ModelFault as fault:
        raise ModelError(fault.message, fault.remedy) from fault
    except ModuleNotFoundError as error:
        raise ModelError(
            f"language models need {error.name}, which is not installed",
            how_to_install("models"),
        ) from error


def _harness(plan: Plan, folder: Path, asked: Questions) -> tuple[NDArray[np.float64], float] | None:
    """Log-probabilities ``(n, k)`` by lm-evaluation-harness, in a process of its own, and the seconds that scoring
    took; None where it is not installed."""
    if not plan.harness and find_spec("lm_eval") is None:
        return None
    request = {"model": str(folder), "contexts": asked.contexts, "answers": ANSWERS}
    command = [plan.harness or sys.executable, str(Path(__file__).with_name("bloom_harness.py"))]
    try:
        done = subprocess.run(
            command, input=json.dumps(request), capture_output=True, text=True, timeout=_HARNESS_TIMEOUT_S, check=True
        )
        answer = json.loads(done.stdout.strip().splitlines()[-1])
    except (OSError, subprocess.SubprocessError, ValueError, IndexError) as error:
        told = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise InputError(
            f"{HARNESS} did not run in {command[0]}: {told[-1] if told else error}",
            "name a Python that has lm-eval, or leave --harness out",
        ) from error
    return np.array(answer["logprob"], dtype=np.float64), float(answer["seconds"])


def _row(what: str, seed: int, items: int, seconds: float) -> dict[str, Any]:
    return {"what": what, "seed": seed, "items": items, "seconds": seconds}


def summary(figures: Figures) -> list[tuple[str, int, float, float]]:
    """Way of scoring, items in all, seconds an item, items a second."""
    found: list[tuple[str, int, float, float]] = []
    for what in (OURS, SCRATCH, HARNESS):
        mine = [row for row in figures.rows if row["what"] == what]
        if mine:
            items, seconds = sum(row["items"] for row in mine), sum(row["seconds"] for row in mine)
            found.append((what, items, seconds / items, items / seconds))
    return found


def draw(figures: Figures, folder: Path) -> Path:
    """Items a second, ours and theirs."""
    rows: Sequence[tuple[str, float]] = [(what, rate) for what, _, _, rate in summary(figures)]
    return bars(
        folder / "bloom.svg",
        "Texts classified a second (8 shots, 4 labels)",
        rows,
        lambda value: f"{value:.2g}" if value < 10 else f"{value:.0f}",
        theirs=lambda name: name != OURS,
    )
