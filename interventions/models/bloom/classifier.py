"""Texts classified by prompt: the estimator."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray

from interventions.models import tensors
from interventions.models.bloom import demonstrations as showing
from interventions.models.bloom import templates
from interventions.models.bloom.demonstrations import Choice, Demonstration
from interventions.models.bloom.language_model import LanguageModel, Query
from interventions.models.bloom.opening import open_language_model
from interventions.models.bloom.scoring import SCORINGS, Scoring, log_scores, softmax
from interventions.models.bloom.templates import Prompt
from interventions.models.card import Card
from interventions.models.checks import check_items, check_labels
from interventions.models.errors import WeightsBroken, WrongInput
from interventions.models.fitted import FittedClassifier
from interventions.models.progress import Progress, Watch

_POOL = 2000
"""Items, at most, that the nearest demonstrations are looked for among."""
_PROMPT, _TEMPLATE, _EMBEDDINGS = "prompt.json", "template.jinja", "embeddings.safetensors"


class BloomClassifier(FittedClassifier):
    """Asks a language model which answer it finds likeliest, after an instruction and `shots` demonstrations.

    Without demonstrations it needs no fit, where classes are known from the template or from `labels`. `fit` selects
    demonstrations; no weight ever changes.

    Args:
        model: a checkpoint's path, an endpoint's address (``http://...``), or ``smollm2`` for the packaged model.
        template: one of `templates.names`, or the path of a ``.jinja`` file.
        labels: classes with their answers, or just classes, which are then their own answers; None for the template's,
            or for the classes that `fit` sees where the template has none.
        shots: how many demonstrations a prompt has.
        scoring: which of the four ways `predict_proba` gives; `predict_all` gives all.
        demonstrations: ``balanced`` over the classes, ``random``, or ``nearest`` to each item by MiniLM embeddings;
            prompts then share the instruction only, and each costs what its demonstrations are long, twice.
        random_state: the seed of the selection.
        dtype, device_map, context: see `LocalLanguageModel`; an endpoint needs none of them.
    """

    family = "bloom"
    input = "text"
    family_version = "1"
    intended_use = (
        "Classification of texts in any language the model reads, for tasks that have no training data; a second "
        "opinion on what a cheaper judge is unsure of."
    )
    limits = (
        "As good as the model and the prompt. The packaged SmolLM2 (135 million parameters) tells good reviews from "
        "bad, ranks abusive tweets a little better than chance (area under the curve .71 with the default template), "
        "and is at chance on HateCheck. Answers vary with the wording of the template: look at several. Slow beside "
        "every trained judge."
    )
    source = "BigScience Workshop, BLOOM, arXiv 2211.05100; the weights are those of the checkpoint that `model` names"
    licence = "that of the checkpoint; the packaged SmolLM2 is Apache-2.0"
    quick: ClassVar[Mapping[str, Any]] = {"template": "any/plain.en"}
    _indecisive = (*FittedClassifier._indecisive, "device_map")

    def __init__(
        self,
        model: str = "smollm2",
        template: str = "abuse/plain.en",
        labels: Mapping[str, str] | Sequence[str] | None = None,
        shots: int = 0,
        scoring: Scoring = "pmi",
        demonstrations: Choice = "balanced",
        random_state: int = 0,
        dtype: str = "float32",
        device_map: Any = None,
        context: int = 0,
    ) -> None:
        self.model = model
        self.template = template
        self.labels = labels
        self.shots = shots
        self.scoring = scoring
        self.demonstrations = demonstrations
        self.random_state = random_state
        self.dtype = dtype
        self.device_map = device_map
        self.context = context

    # -- scikit-learn's contract -------------------------------------------------------------------------

    @property
    def classes_(self) -> tuple[str, ...]:
        learnt = self.__dict__.get("_learnt")
        if learnt is not None:
            return tuple(learnt)
        known = self._known_answers()
        if self.shots or not known:
            raise AttributeError("classes_: known only after a fit")
        return tuple(sorted(known))

    @classes_.setter
    def classes_(self, classes: tuple[str, ...]) -> None:
        self.__dict__["_learnt"] = classes

    def fit(self, X: Any, y: Sequence[Any], *, progress: Watch | None = None) -> Self:
        """Select demonstrations among the texts `X` with classes `y`; with no shots, only check them.

        Raises:
            WrongInput: a class that has no answer, or a parameter that is none.
        """
        self._check_parameters()
        check_items(X, self.input, type(self).__name__)
        classes, codes = check_labels(y, len(X), type(self).__name__)
        known = self._known_answers()
        if strange := [name for name in classes if known and name not in known]:
            raise WrongInput(
                f"class {strange[0]!r} has no answer in {self.template}, which has {', '.join(sorted(known))}",
                "give labels: a mapping from every class to its answer",
            )
        self._forget()
        self.classes_ = tuple(sorted(known)) if known else classes
        self._select(list(X), [classes[code] for code in codes])
        if progress is not None:
            progress(Progress(1, 1, note=f"{len(self._shown())} texts to show"))
        return self

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """Class probabilities ``(n, k)``: the scores of `scoring`, normalised over the answers.

        Raises:
            NotFitted, WrongInput, and what opening or asking the model may raise.
        """
        return self.predict_all(X)[self.scoring]

    def predict_all(self, X: Any) -> dict[Scoring, NDArray[np.float64]]:
        """Class probabilities by each of the four ways of scoring; they cost no more than one of them."""
        self._check_parameters()
        self._ready(X)
        if not len(X):
            return {way: np.zeros((0, len(self.classes_))) for way in SCORINGS}
        prompt = self.prompt
        prefix, queries = self._questions(prompt, X)
        answers = [prompt.answers[name] for name in self.classes_]
        texts = [prompt.gap + answer for answer in answers]
        model = self._language_model()
        scores = model.score(prefix, queries, texts)
        self.__dict__["_truncated"] = self.truncated_ + int(scores.truncated.sum())
        free = self._content_free(model, prompt, prefix, queries, texts)
        return {way: softmax(found) for way, found in log_scores(scores, free, answers).items()}

    @property
    def truncated_(self) -> int:
        """Items so far that were too long for the model's context and were judged without their middle."""
        return int(self.__dict__.get("_truncated", 0))

    # -- the prompt --------------------------------------------------------------------------------------

    @property
    def prompt(self) -> Prompt:
        """The template with its answers filled in.

        Raises:
            NotFitted, WrongInput
        """
        if "_prompt" not in self.__dict__:
            answers = self._known_answers() or {name: name for name in self.classes_}
            self.__dict__["_prompt"] = templates.compose(self.template, self._source(), answers)
        prompt: Prompt = self.__dict__["_prompt"]
        return prompt

    def _known_answers(self) -> dict[str, str]:
        """Answers by class as far as they are known without a fit."""
        if self.labels:
            labels = self.labels if isinstance(self.labels, Mapping) else {name: name for name in self.labels}
            return {str(name): str(answer) for name, answer in labels.items()}
        if "_own_choices" not in self.__dict__:
            self.__dict__["_own_choices"] = templates.choices_of(self.template, self._source())
        return dict(self.__dict__["_own_choices"])

    def _source(self) -> str:
        """The template's text: the one saved with this model, or the installed one."""
        name, text = self.__dict__.get("_saved_template", ("", ""))
        return text if name == self.template else templates.source(self.template)

    def _questions(self, prompt: Prompt, texts: Sequence[str]) -> tuple[str, list[Query]]:
        """What all prompts begin with, and what each has of its own."""
        items = [showing.on_one_line(text) for text in texts]
        shown = self._shown()
        if self.demonstrations != "nearest" or not shown:
            shared = "".join(prompt.demonstration(one.text, one.label) for one in shown)
            return prompt.instruction + shared + prompt.before, [Query("", item, prompt.after) for item in items]
        from interventions.models.bloom.similar import embed

        chosen = showing.nearest(embed(items), self.__dict__["_embeddings"], self.shots)
        own = ["".join(prompt.demonstration(shown[i].text, shown[i].label) for i in row) for row in chosen]
        return prompt.instruction, [
            Query(before + prompt.before, item, prompt.after) for before, item in zip(own, items, strict=True)
        ]

    def _content_free(
        self, model: LanguageModel, prompt: Prompt, prefix: str, queries: Sequence[Query], answers: Sequence[str]
    ) -> NDArray[np.float64]:
        """Log-probabilities ``(n, k)`` of the answers after an item that says nothing, in each query's own prompt."""
        known: dict[Any, NDArray[np.float64]] = self.__dict__.setdefault("_free", {})
        keys = [(model.version, prefix, query.before, tuple(answers)) for query in queries]
        asked = dict.fromkeys(key for key in keys if key not in known)
        if asked:
            empty = [Query(key[2], prompt.content_free, prompt.after) for key in asked]
            found = dict(zip(asked, model.score(prefix, empty, answers).logprob, strict=True))
            if self.demonstrations != "nearest":
                known |= found
            return np.stack([found[key] if key in found else known[key] for key in keys])
        return np.stack([known[key] for key in keys])

    # -- demonstrations ----------------------------------------------------------------------------------

    def _shown(self) -> tuple[Demonstration, ...]:
        """The selected demonstrations; those to choose from where the choice is the nearest."""
        return tuple(self.__dict__.get("_selected", ()))

    def _select(self, texts: list[str], labels: list[str]) -> None:
        if not self.shots:
            return
        if self.demonstrations == "balanced":
            chosen = showing.balanced(labels, self.shots, self.random_state)
        else:
            most = self.shots if self.demonstrations == "random" else _POOL
            chosen = showing.random(labels, most, self.random_state)
        self.__dict__["_selected"] = tuple(Demonstration(showing.shown(texts[i]), labels[i]) for i in chosen)
        if self.demonstrations == "nearest":
            from interventions.models.bloom.similar import embed

            self.__dict__["_embeddings"] = embed([one.text for one in self._shown()])

    # -- the language model ------------------------------------------------------------------------------

    def _language_model(self) -> LanguageModel:
        key = (self.model, self.dtype, self.device_map, self.context)
        opened = self.__dict__.get("_opened")
        if opened is None or opened[0] != key:
            opened = key, open_language_model(*key)
            self.__dict__["_opened"] = opened
        model: LanguageModel = opened[1]
        expected = self.__dict__.get("_saved_checkpoint")
        if expected is not None and expected != (self.model, model.version):
            if expected[0] == self.model:
                raise WeightsBroken(
                    f"the checkpoint {self.model} is not the one this classifier was made with: it is "
                    f"{model.version}, not {expected[1]}",
                    "bring that checkpoint back, or fit the classifier again",
                )
            self.__dict__["_saved_checkpoint"] = None
        return model

    def open_weights(self) -> Self:
        """Open the model and read the prompt's beginning, so that the first verdict is not late.

        Raises:
            NotFitted, WrongInput, WeightsMissing, WeightsBroken
        """
        self._check_fitted()
        self.predict_proba([""])
        return self

    def _check_parameters(self) -> None:
        """Raises WrongInput for a parameter that is none of what it may be."""
        if self.scoring not in SCORINGS:
            raise WrongInput(f"there is no scoring {self.scoring!r}", f"use one of: {', '.join(SCORINGS)}")
        if self.demonstrations not in showing.CHOICES:
            raise WrongInput(
                f"there is no way {self.demonstrations!r} to choose demonstrations",
                f"use one of: {', '.join(showing.CHOICES)}",
            )
        if not isinstance(self.shots, int) or self.shots < 0:
            raise WrongInput(f"shots is a number of demonstrations, 0 or more, not {self.shots!r}")

    # -- on disk -----------------------------------------------------------------------------------------

    @property
    def card(self) -> Card:
        """The card; the classes that count as harm are the template's unless they were described."""
        card = super().card
        harmful = tuple(name for name in self.prompt.harmful if name in card.classes)
        return card if card.harmful or not harmful else card.changed(harmful=harmful)

    def _files(self) -> dict[str, bytes]:
        """Template, demonstrations, and what the checkpoint was: its weights stay where they are."""
        described = {
            "checkpoint": {"model": self.model, "version": self._language_model().version},
            "template": self.template,
            "demonstrations": [{"text": one.text, "label": one.label} for one in self._shown()],
        }
        files = {
            _PROMPT: json.dumps(described, indent=1, ensure_ascii=False).encode("utf-8", "replace"),
            _TEMPLATE: self._source().encode(),
        }
        if "_embeddings" in self.__dict__:
            files[_EMBEDDINGS] = tensors.pack({"embeddings": self.__dict__["_embeddings"]})
        return files

    def _restore(self, card: Card, files: Mapping[str, Path]) -> None:
        try:
            described = json.loads(files[_PROMPT].read_text(encoding="utf-8"))
            checkpoint = str(described["checkpoint"]["model"]), str(described["checkpoint"]["version"])
            selected = tuple(Demonstration(str(d["text"]), str(d["label"])) for d in described["demonstrations"])
            template = str(described["template"]), files[_TEMPLATE].read_text(encoding="utf-8")
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise WeightsBroken(f"{_PROMPT} is not what a {self.family} model saves: {error!r}") from error
        self.__dict__ |= {"_saved_checkpoint": checkpoint, "_selected": selected, "_saved_template": template}
        if _EMBEDDINGS in files:
            self.__dict__["_embeddings"] = tensors.unpack(files[_EMBEDDINGS], "embeddings")["embeddings"]

    def _forget(self) -> None:
        super()._forget()
        for name in ("_learnt", "_selected", "_embeddings", "_prompt", "_free", "_saved_checkpoint", "_saved_template"):
            self.__dict__.pop(name, None)

    def _parameters_changed(self) -> None:
        super()._parameters_changed()
        for name in ("_prompt", "_own_choices", "_free"):
            self.__dict__.pop(name, None)
