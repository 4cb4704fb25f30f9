"""Estimators whose weights come trained, as one ONNX graph.

They follow scikit-learn's contract by shape, without importing it (see `Parameters`); what a fitted estimator knows
ends in ``_``. The weights are read on first use, or by `open_weights`.

On disk a model is an artifact of its card, with the parameters in it, and ``weights.onnx``. Nothing in it can run code.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, NoReturn, Self

from interventions.models.artifact import DESCRIPTION, read, write
from interventions.models.card import Card
from interventions.models.errors import NotTrainable, WeightsBroken, WrongInput
from interventions.models.parameters import Parameters
from interventions.models.sessions import open_session, read_weights

WEIGHTS = "weights.onnx"


class PretrainedOnnx(Parameters, ABC):
    """Base of the packaged models.

    Subclasses give `card`, `packaged_weights` and the prediction itself. Parameters common to all: `weights`,
    a path that replaces the packaged file (empty: the packaged one), and `threads`, how many cores one
    prediction may use.
    """

    card: ClassVar[Card]
    _indecisive = (*Parameters._indecisive, "weights")

    def __init__(self, weights: str = "", threads: int = 1) -> None:
        self.weights = weights
        self.threads = threads

    # -- scikit-learn's contract -----------------------------------------------------------------------

    @property
    def classes_(self) -> tuple[str, ...]:
        return self.card.classes

    def fit(self, X: Any, y: Any = None) -> NoReturn:
        """Always refuses: these weights were trained elsewhere and are used as they are.

        Raises:
            NotTrainable
        """
        raise NotTrainable(
            f"{type(self).__name__} comes trained and cannot be fitted",
            "use predict_proba as it is, or train a model family that learns",
        )

    def _parameters_changed(self) -> None:
        self.__dict__.pop("_opened", None)

    # -- weights ---------------------------------------------------------------------------------------

    @abstractmethod
    def packaged_weights(self) -> Path:
        """Where the installed package keeps its graph."""

    def prepare(self, graph: bytes) -> bytes:
        """The graph as the runtime shall see it; the packaged bytes unless a subclass mends something."""
        return graph

    @property
    def weights_path(self) -> Path:
        return Path(self.weights) if self.weights else self.packaged_weights()

    @property
    def version(self) -> str:
        """The published version and a digest of weights and parameters: equal versions give equal verdicts."""
        return self._open()[1]

    def open_weights(self) -> Self:
        """Read the weights now instead of on first use.

        Raises:
            WeightsMissing, WeightsBroken
        """
        self._open()
        return self

    @property
    def session(self) -> Any:
        """The open ``onnxruntime.InferenceSession``; made once, by the first thread that asks."""
        return self._open()[0]

    def _open(self) -> tuple[Any, str]:
        # Not made in the constructor, which only stores parameters; setdefault is atomic.
        with self.__dict__.setdefault("_opening", Lock()):
            if "_opened" not in self.__dict__:
                graph = read_weights(self.weights_path)
                session = open_session(self.prepare(graph), self.weights_path, self.threads)
                self.__dict__["_opened"] = session, f"{self.card.version}+{self._digest(graph)}"
            opened: tuple[Any, str] = self.__dict__["_opened"]
            return opened

    def _digest(self, graph: bytes) -> str:
        digest = hashlib.sha256(graph)
        digest.update(json.dumps(self._decisive_parameters(), sort_keys=True).encode())
        return digest.hexdigest()[:12]

    def to_onnx(self) -> bytes:
        """The graph as the runtime sees it, for other programs.

        Raises:
            WeightsMissing
        """
        return self.prepare(read_weights(self.weights_path))

    # -- on disk ---------------------------------------------------------------------------------------

    def save(self, folder: str | Path) -> Path:
        """Write the model as the artifact `folder`; all or nothing.

        Raises:
            WeightsMissing: when the weights to be saved cannot be read.
            NotSaved: when the folder cannot be written.
        """
        graph = read_weights(self.weights_path)
        params = {name: value for name, value in self._saved_parameters().items() if name != "weights"}
        return write(folder, self.card.changed(parameters=params), {WEIGHTS: graph}).folder

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The model saved in `folder`, verified.

        Raises:
            WeightsMissing: when a file is absent.
            WeightsBroken: when one is not what was saved, or belongs to another family.
            ArtifactTooNew: when a newer version saved it.
        """
        artifact = read(folder)
        path = artifact.folder / DESCRIPTION
        if artifact.card.family != cls.card.family:
            raise WeightsBroken(
                f"{path} describes a {artifact.card.family!r} model, not {cls.card.family!r}",
                "load it with its own family",
            )
        if WEIGHTS not in artifact.files:
            raise WeightsBroken(f"{path} lists no {WEIGHTS}", "save the model again")
        try:
            return cls._with_saved(artifact.card.parameters).set_params(weights=str(artifact.files[WEIGHTS]))
        except WrongInput as error:
            raise WeightsBroken(f"{path}: {error.message}", "save the model again") from error
