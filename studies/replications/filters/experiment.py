"""The steps of the experiment; each adds rows to the figures."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np

from backend.benchmarks.form import Figures
from interventions.models.artifact import read
from interventions.models.card import ReliabilityBin
from interventions.models.errors import ModelFault
from interventions.models.progress import Progress
from interventions.models.sessions import open_session
from studies.replications.filters import guests, phone_texts
from studies.replications.filters.corpora import Example, functional_tests, ordinary_sentences, training_corpora
from studies.replications.filters.folds import THRESHOLD, corpus_figures, folds, functional, measured, test_area
from studies.replications.filters.judges import Judge, Remembering, of_model
from studies.replications.filters.measuring import Estimate, area, reliability, share
from studies.replications.filters.shipping import fitted, save, small_card, tuned_card
from studies.replications.filters.training import (
    Mixture,
    digest,
    kept_for_measuring,
    labels,
    sampled,
    spelt,
    training_set,
)
from studies.replications.form import Say, data_file

if TYPE_CHECKING:
    from studies.replications.filters import Plan

Found = Iterable[tuple[str, str, Estimate]]
HATEXPLAIN = "hatexplain_val"
_ORDINARY = 4000
_TIMED = 400


class Experiment:
    """Data read once, and what each step adds."""

    def __init__(self, plan: Plan, figures: Figures, say: Say) -> None:
        self.plan, self.figures, self.say = plan, figures, say
        say("reading the corpora")
        self.corpora = training_corpora(plan.data)
        self.tests = functional_tests(data_file(plan.data, "hatecheck_4_languages.parquet"))
        english = plan.data / "hatecheck_english.csv"
        self.english = functional_tests(english) if english.is_file() else []
        self.ordinary = ordinary_sentences(plan.data)
        self._spelt_tests = {spelt(one.text) for one in [*self.tests, *self.english]}
        self.seed = plan.seeds[0]
        self.reliability: tuple[ReliabilityBin, ...] = ()

    def _training_set(self, mixture: Mixture, seed: int) -> list[Example]:
        return training_set(mixture, self.corpora, self.ordinary, self._spelt_tests, seed)

    def _add(self, judge: str, fold: str, seed: int, found: Found) -> None:
        for figure, on, estimate in found:
            row = {"filter": judge, "fold": fold, "figure": figure, "on": on, "seed": seed, **estimate.row()}
            self.figures.rows.append(row)

    # -- what the filters are compared with -------------------------------------------------------------

    def compare_guests(self) -> None:
        """HateSonar and the list of words, as they come."""
        from interventions.models.hatesonar import HateSonar
        from interventions.models.profanity import Profanity

        for model in (HateSonar(), Profanity()):
            name = model.card.family
            self.say(f"measuring {name}")
            judge = of_model(model)
            self._add(name, "comes trained", 0, corpus_figures(HATEXPLAIN, self.corpora[HATEXPLAIN], judge))
            self._add(name, "comes trained", 0, corpus_figures("olid_train", self.corpora["olid_train"], judge))
            self._add(name, "comes trained", 0, self._on_tests(judge))
            self._add(name, "comes trained", 0, self._alarms(judge))

    def freeze(self) -> None:
        """MiniLM as it is with a trained head, HateXplain kept out."""
        from interventions.models.minilm_head import MiniLmHead

        self.say("training a head on frozen MiniLM")
        mixture = Mixture(without_corpora=(HATEXPLAIN,), each=self.plan.mixture.each)
        examples = sampled(self._training_set(mixture, self.seed), self.plan.frozen, self.seed)
        judge = of_model(fitted(MiniLmHead(longest=48, random_state=self.seed), examples))
        found = list(corpus_figures(HATEXPLAIN, self.corpora[HATEXPLAIN], judge))
        self._add("minilm_head", f"corpus {HATEXPLAIN}", self.seed, found)
        tests = self.tests[:: max(1, len(self.tests) // 3000)]
        self._add("minilm_head", f"corpus {HATEXPLAIN}", self.seed,
                  [("area under the curve", "HateCheck", test_area(tests, judge))])  # fmt: skip

    # -- the small filter -------------------------------------------------------------------------------

    def keep_out(self) -> None:
        """The small filter, trained without one thing after another."""
        for fold in folds(self.plan.mixture):
            if not fold.name.startswith(self.plan.kept_out):
                continue
            for seed in self.plan.seeds[: fold.seeds]:
                self.say(f"abuse_small without {fold.name}, seed {seed}")
                model = fitted(Remembering(random_state=seed), self._training_set(fold.mixture, seed))
                judge = of_model(model)
                self._add("abuse_small", fold.name, seed, measured(fold, judge, self.corpora, self.tests))
                if fold.name == f"corpus {HATEXPLAIN}" and seed == self.seed:
                    posts = self.corpora[HATEXPLAIN]
                    truth = np.array([one.abuse for one in posts])
                    self.reliability = reliability(
                        "HateXplain posts, kept out", truth, judge([one.text for one in posts])
                    )

    def ship_small(self) -> None:
        """The small filter, trained on everything; each seed is measured, the first is shipped."""
        for seed in self.plan.seeds:
            self.say(f"abuse_small on everything, seed {seed}")
            examples = self._training_set(self.plan.mixture, seed)
            model = fitted(Remembering(random_state=seed), examples)
            judge = of_model(model)
            if seed != self.seed:
                found = [("area under the curve", "HateCheck", test_area(self.tests, judge))]
                self._add("abuse_small", "everything", seed, found)
                continue
            self._add("abuse_small", "everything", seed, self._on_tests(judge))
            self._add("abuse_small", "everything", seed, self._alarms(judge))
            self._time("abuse_small", judge)
            if self.plan.work is not None:
                card = small_card(self.figures.rows, self.reliability)
                save(model, self.plan.work / "abuse_small", examples, **card)

    # -- the tuned encoder ------------------------------------------------------------------------------

    def ship_tuned(self) -> None:
        """MiniLM, tuned without HateXplain, so that what is shipped is also what is measured on it.

        One that is in the work folder already is not tuned again if it was tuned on the same texts.
        """
        mixture = Mixture(without_corpora=(HATEXPLAIN,), each=self.plan.mixture.each)
        examples = sampled(self._training_set(mixture, self.seed), self.plan.tuned, self.seed)
        model = self._tuned(examples)
        judge = of_model(model)
        self.say("measuring abuse_minilm")
        fold = f"corpus {HATEXPLAIN}"
        self._add("abuse_minilm", fold, self.seed, corpus_figures(HATEXPLAIN, self.corpora[HATEXPLAIN], judge))
        self._add("abuse_minilm", fold, self.seed, self._on_tests(judge))
        self._add("abuse_minilm", fold, self.seed, self._alarms(judge, every=4))
        self._time("abuse_minilm", judge)
        self._add("abuse_minilm", fold, self.seed, self._in_int8(model, judge))
        if self.plan.work is not None:
            card = tuned_card(self.figures.rows, self._reliability(judge))
            save(model, self.plan.work / "abuse_minilm", examples, **card)

    def _in_int8(self, model: Any, judge: Judge) -> Found:
        """What is lost where the model is exported as an ONNX graph with weights of eight bits."""
        posts = self.corpora[HATEXPLAIN]
        texts = [one.text for one in posts]
        read, scores = model.tokens(texts), np.empty(len(texts))
        with TemporaryDirectory() as folder:
            path = model.to_onnx(Path(folder) / "int8.onnx", int8=True)
            session = open_session(path.read_bytes(), path, 1)
            for chosen in read.batches():
                inputs = {name: tensor.numpy() for name, tensor in read.tensors(chosen).items()}
                scores[chosen] = session.run(None, inputs)[0][:, 0]
        changed = (scores >= THRESHOLD) != (judge(texts) >= THRESHOLD)
        yield "area under the curve", f"{HATEXPLAIN}, exported in int8", area([one.abuse for one in posts], scores)
        yield "verdicts changed", f"{HATEXPLAIN}, exported in int8", share(changed)

    def _tuned(self, examples: Sequence[Example]) -> Any:
        from interventions.models.minilm_tuned import MiniLmTuned

        there = self.plan.work / "abuse_minilm" if self.plan.work is not None else None
        if there is not None and _is_of(there, examples):
            self.say(f"{there} was tuned on these texts already")
            return MiniLmTuned.load(there)
        model = MiniLmTuned(random_state=self.seed)
        texts = [one.text for one in examples]
        return model.fit(
            texts, labels(examples), progress=lambda at: self.say(f"step {at.step} of {at.steps}, {at.note}")
        )

    def _told(self, at: Progress) -> None:
        self.say(f"step {at.step} of {at.steps}, {at.note}")

    # -- what is measured of every filter ---------------------------------------------------------------

    def _on_tests(self, judge: Judge) -> Found:
        yield from functional(self.tests, judge)
        if self.english:
            yield "area under the curve", "HateCheck, English", test_area(self.english, judge)

    def _alarms(self, judge: Judge, every: int = 1) -> Found:
        """False alarms on harmless texts, and misses among the insults of the virtual phone's apps."""
        kept = [text for text in self.ordinary if kept_for_measuring(text)][:_ORDINARY]
        dumped = phone_texts.dumped_texts(self.plan.data / "trees")
        harmless = {
            "ordinary sentences of reviews and blogs": kept,
            "calm texts of the virtual phone": phone_texts.calm_lines(),
            "texts of real phones' UI trees": dumped,
        }
        for on, texts in harmless.items():
            if texts:
                yield "false alarms", on, share(judge(texts[::every]) >= THRESHOLD)
        yield "misses", "insults of the virtual phone", share(judge(phone_texts.abusive_lines()) < THRESHOLD)

    def _reliability(self, judge: Judge) -> tuple[ReliabilityBin, ...]:
        posts = self.corpora[HATEXPLAIN]
        truth = np.array([one.abuse for one in posts])
        return reliability("HateXplain posts, kept out", truth, judge([one.text for one in posts]))

    def _time(self, name: str, judge: Judge) -> None:
        """The median time of a verdict on one text at a time, each new to the judge."""
        texts = [f"{one.text} {number}" for number, one in enumerate(self.corpora["olid_train"][:_TIMED])]
        judge(texts[:20])
        times = []
        for text in texts[20:]:
            started = time.perf_counter()
            judge([text])
            times.append(1000 * (time.perf_counter() - started))
        low, middle, high = np.quantile(times, (0.025, 0.5, 0.975))
        found = Estimate(float(middle), float(low), float(high), len(times))
        self._add(name, "everything", self.seed, [("milliseconds a verdict", "tweets, one at a time", found)])

    # -- pictures ---------------------------------------------------------------------------------------

    def count_picture_alarms(self) -> None:
        """False alarms of the two picture models."""
        from interventions.models.nudenet import NudeNet
        from interventions.models.opennsfw import OpenNsfw

        sets = {
            "photographs of CIFAR-10, enlarged": guests.photographs(self.plan.data, self.plan.photographs),
            "tiles of screenshots": guests.screens(self.plan.data / "screens"),
        }
        for model in (NudeNet(), OpenNsfw()):
            self.say(f"measuring {model.card.family}")
            for on, pictures in sets.items():
                self._add(model.card.family, "comes trained", 0, guests.picture_alarms(model, on, pictures, 0.5))


def _is_of(folder: Path, examples: Sequence[Example]) -> bool:
    """Whether the artifact in `folder` is one that was trained on these examples."""
    try:
        return read(folder).card.training_data_sha256 == digest(examples)
    except ModelFault:
        return False
