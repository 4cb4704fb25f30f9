"""Estimators whose weights come trained, as one ONNX graph.

They follow scikit-learn's contract by shape, without importing it: the constructor only stores its
parameters, `get_params` and `set_params` read and write them, and what a fitted estimator knows ends in
``_``. The weights are read on first use, or by `open_weights`.

On disk a model is a folder: ``model.json`` (card, parameters, digest of the weights) and ``weights.onnx``.
Nothing in it can run code.
"""

from __future__ import annotations

import hashlib
import inspect
import json
from abc import ABC, abstractmethod
from dataclasses import asdict
from pathlib import Path
from threading import Lock
from typing import Any, ClassVar, NoReturn, Self

from interventions.models.card import Card
from interventions.models.errors import NotTrainable, WeightsBroken, WeightsMissing, WrongInput
from interventions.models.sessions import open_session, read_weights

DESCRIPTION = "model.json"
WEIGHTS = "weights.onnx"


class PretrainedOnnx(ABC):
    """Base of the packaged models.

    Subclasses give `card`, `packaged_weights` and the prediction itself. Parameters common to all: `weights`,
    a path that replaces the packaged file (empty: the packaged one), and `threads`, how many cores one
    prediction may use.
    """

    card: ClassVar[Card]

    def __init__(self, weights: str = "", threads: int = 1) -> None:
        self.weights = weights
        self.threads = threads
        self._opening = Lock()
        self._opened: tuple[Any, str] | None = None

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

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The constructor's parameters. `deep` is there for scikit-learn; no parameter is an estimator."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **params: Any) -> Self:
        """Change parameters; the weights are opened anew on the next use.

        Raises:
            WrongInput: for a name the constructor does not take.
        """
        names = self._parameter_names()
        for name, value in params.items():
            if name not in names:
                raise WrongInput(f"{type(self).__name__} has no parameter {name!r}; it takes: {', '.join(names)}")
            setattr(self, name, value)
        self._opened = None
        return self

    @classmethod
    def _parameter_names(cls) -> tuple[str, ...]:
        return tuple(name for name in inspect.signature(cls).parameters)

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
        with self._opening:
            if self._opened is None:
                graph = read_weights(self.weights_path)
                session = open_session(self.prepare(graph), self.weights_path, self.threads)
                self._opened = session, f"{self.card.version}+{self._digest(graph)}"
            return self._opened

    def _digest(self, graph: bytes) -> str:
        digest = hashlib.sha256(graph)
        decisive = {k: v for k, v in self.get_params().items() if k not in ("weights", "threads")}
        digest.update(json.dumps(decisive, sort_keys=True).encode())
        return digest.hexdigest()[:12]

    # -- the project's folder format -------------------------------------------------------------------

    def save(self, folder: str | Path) -> Path:
        """Write ``model.json`` and ``weights.onnx`` into `folder`, made if absent.

        Raises:
            WeightsMissing: when the weights to be saved cannot be read.
            OSError: when the folder cannot be written.
        """
        folder = Path(folder)
        graph = read_weights(self.weights_path)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / WEIGHTS).write_bytes(graph)
        params = {k: v for k, v in self.get_params().items() if k != "weights"}
        description = {**asdict(self.card), "parameters": params, "weights_sha256": hashlib.sha256(graph).hexdigest()}
        (folder / DESCRIPTION).write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
        return folder

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """The model saved in `folder`, with its weights checked against the digest kept beside them.

        Raises:
            WeightsMissing: when a file is absent.
            WeightsBroken: when one is not what was saved, or belongs to another family.
        """
        folder = Path(folder)
        described = read_description(folder)
        if described.get("family") != cls.card.family:
            raise WeightsBroken(
                f"{folder / DESCRIPTION} describes a {described.get('family')!r} model, not {cls.card.family!r}",
                "load it with its own family",
            )
        found = hashlib.sha256(read_weights(folder / WEIGHTS)).hexdigest()
        if found != described.get("weights_sha256"):
            raise WeightsBroken(
                f"{folder / WEIGHTS} is not the file that was saved: its SHA-256 starts {found[:12]}",
                "save the model again",
            )
        params = described.get("parameters")
        if not isinstance(params, dict):
            raise WeightsBroken(f"{folder / DESCRIPTION} has no parameters", "save the model again")
        try:
            return cls(weights=str(folder / WEIGHTS)).set_params(**params)
        except WrongInput as error:
            raise WeightsBroken(f"{folder / DESCRIPTION}: {error.message}", "save the model again") from error


def read_description(folder: Path) -> dict[str, Any]:
    """The content of ``model.json``.

    Raises:
        WeightsMissing: when the file is not there.
        WeightsBroken: when it is not a JSON object.
    """
    path = folder / DESCRIPTION
    try:
        described = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WeightsMissing(
            f"cannot read the model file {path}: {error.strerror or error}", "give the folder a model was saved to"
        ) from error
    except ValueError as error:
        raise WeightsBroken(f"the model file {path} is not JSON: {error}", "save the model again") from error
    if not isinstance(described, dict):
        raise WeightsBroken(f"the model file {path} is not a JSON object", "save the model again")
    return described
