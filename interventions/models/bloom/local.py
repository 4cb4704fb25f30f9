"""A language model that runs here, through transformers: BLOOM or any other causal model.

Cost. What all texts of a call begin with (instruction, demonstrations) is read once and its keys and values are kept
for the next call; of an item only its own tokens are read, once for all labels (see `packing`); items of about the
same length run together; and the vocabulary, 250,680 tokens with BLOOM, is looked at only where a label's token is
predicted.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import BloomModel
from transformers.cache_utils import Cache

from interventions.models.bloom.alibi import PackedAlibi
from interventions.models.bloom.checkpoint import open_checkpoint
from interventions.models.bloom.encoding import Encoded, Encoder, Tokens, common
from interventions.models.bloom.language_model import Query, Scores
from interventions.models.bloom.packing import Batch, Tree, buckets, pack, tree
from interventions.models.bloom.prefix_cache import PrefixCache
from interventions.models.bloom.whole import score_whole
from interventions.models.errors import ModelFault

log = logging.getLogger(__name__)
_AGREE = {torch.float32: 1e-3, torch.float64: 1e-6}
_AGREE_ROUNDED = 0.3
"""How far two ways of scoring may lie apart, in nats, by the type of the weights: rounding differs with the shape of a
batch, and in 16 bits by much more than in 32."""


class NotANumber(ModelFault):
    """The model answered with something that is not a number."""


class LocalLanguageModel:
    """A checkpoint of this machine's, ready to score labels.

    Args:
        where, dtype, device_map: see `open_checkpoint`.
        context: the longest text in tokens; 0 for what the model was trained on.
        rows, tokens: how many items, and tokens with padding, run together at most. More is faster and takes more
            memory.
        packed: False reads every (item, label) text from its beginning, as is done for models that the packed way
            does not suit.

    Raises:
        WeightsMissing, WeightsBroken, WrongInput: see `open_checkpoint`.
    """

    def __init__(
        self,
        where: str,
        dtype: str = "float32",
        device_map: Any = None,
        *,
        context: int = 0,
        rows: int = 32,
        tokens: int = 4096,
        packed: bool = True,
    ) -> None:
        opened = open_checkpoint(where, dtype, device_map)
        self.name = where
        self.version = f"{opened.digest[:12]}-{str(opened.model.dtype).removeprefix('torch.')}"
        self.folder = opened.folder
        self.model = opened.model
        self.context = context or opened.context
        self._rows, self._tokens = rows, tokens
        self._encoder = Encoder(opened.tokenizer, self.context)
        self._prefixes = PrefixCache(partial(_read, self.model))
        self._one_at_a_time = Lock()
        bloom = getattr(self.model, "transformer", None)
        self._alibi = PackedAlibi(bloom) if isinstance(bloom, BloomModel) else None
        self.packed = packed and self._packs(Encoder(opened.tokenizer, opened.context))

    def score(self, prefix: str, queries: Sequence[Query], labels: Sequence[str]) -> Scores:
        """See `LanguageModel.score`. Calls from several threads wait for each other."""
        with self._one_at_a_time:  # the tokenizer too: it is set up anew for every call
            encoded = self._encoder.encode(prefix, queries, labels)
            if not encoded:
                none = np.zeros((0, len(labels)))
                return Scores(none, none.astype(np.int64), np.zeros(0, dtype=np.bool_))
            found = self._packed(encoded, self._encoder.prefix(prefix)) if self.packed else self._whole(encoded)
        finite = np.isfinite(found).all(axis=1)
        if not finite.all():
            first = int(np.argmin(finite))
            raise NotANumber(
                f"the language model {self.name} answered with something that is not a number for item {first}: "
                f"{queries[first].item[:60]!r}",
                "its weights are damaged, or numbers overflow: try another dtype",
            )
        tokens = np.array([[len(tail) for tail in one.tails] for one in encoded], dtype=np.int64)
        truncated = np.array([one.truncated for one in encoded], dtype=np.bool_)
        if truncated.any():
            log.warning("%d of %d items were longer than %s reads (%d tokens in all): their middle was left out",
                        int(truncated.sum()), len(encoded), self.name, self.context)  # fmt: skip
        return Scores(found, tokens, truncated)

    def _whole(self, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
        return score_whole(self.model, encoded, self._rows, self._tokens)

    def _packed(self, encoded: Sequence[Encoded], prefix: Tokens) -> NDArray[np.float64]:
        """Log-probabilities ``(n, k)``. As much of `prefix` is shared as all texts have in their tokens, which may end
        a little before it: the first characters of an item can change the tokens in front."""
        shared = min(common(prefix, one.context[:-1]) for one in encoded)
        trees = [tree(one.tails) for one in encoded]
        lengths = [len(one.context) - shared + len(nodes.tokens) for one, nodes in zip(encoded, trees, strict=True)]
        found = np.zeros((len(encoded), len(encoded[0].tails)))
        for numbers in buckets(lengths, self._rows, self._tokens):
            mine, labels = [encoded[number] for number in numbers], [trees[number] for number in numbers]
            found[numbers] = self._score_batch(mine, labels, prefix, shared)
        return found

    @torch.inference_mode()
    def _score_batch(
        self, encoded: Sequence[Encoded], trees: Sequence[Tree], prefix: Tokens, shared: int
    ) -> NDArray[np.float64]:
        batch = pack(encoded, trees, shared)
        logits = self._run(batch, self._prefixes.layers(prefix, shared) if shared else None)
        places = [
            (row, step + 1, token)
            for row, (one, labels) in enumerate(zip(encoded, trees, strict=True))
            for steps, tail in zip(labels.steps, one.tails, strict=True)
            for step, token in zip(steps, tail, strict=True)
        ]
        rows, columns, tokens = (torch.tensor(part, device=logits.device) for part in zip(*places, strict=True))
        normal = logits.float().logsumexp(-1)
        parts = (logits[rows, columns, tokens].float() - normal[rows, columns]).double().cpu().numpy()
        ends = np.cumsum([len(tail) for one in encoded for tail in one.tails])
        return np.add.reduceat(parts, [0, *ends[:-1]]).reshape(len(encoded), -1)

    def _run(self, batch: Batch, cache: Cache | None) -> torch.Tensor:
        """Logits ``(n, kept, vocabulary)`` at the columns that predictions are made at."""
        device = self.model.device
        tokens, positions = (torch.from_numpy(part).to(device) for part in (batch.tokens, batch.positions))
        sees = torch.from_numpy(batch.sees).to(device)[:, None]
        hidden = torch.finfo(self.model.dtype).min
        mask = torch.zeros(sees.shape, dtype=self.model.dtype, device=device).masked_fill_(~sees, hidden)
        prefix = sees.shape[-1] - tokens.shape[1]
        keys = torch.cat([torch.arange(prefix, device=device).expand(len(tokens), -1), positions], dim=1)
        with self._alibi.at(keys) if self._alibi else nullcontext():
            answer = self.model(
                input_ids=tokens, attention_mask=mask, position_ids=positions, cache=cache,
                use_cache=cache is not None, logits_to_keep=batch.kept,
            )  # fmt: skip
        logits: torch.Tensor = answer.logits
        return logits

    def _packs(self, encoder: Encoder) -> bool:
        """Whether this model gives the same answers packed as it does one text at a time; tried, not assumed, since
        architectures differ in how they place tokens and take masks."""
        if getattr(self.model.config, "sliding_window", None):
            return False
        prefix = "Say of every line whether it is about the sea.\n\nLine: ships\nAnswer: sea\n\n"
        queries = [Query("Line: ", item, "\nAnswer:") for item in ("a wave rolls over the pier in the evening", "tea")]
        encoded = encoder.encode(prefix, queries, [" sea and water", " sea and salt, surely", " no"])
        expected = self._whole(encoded)
        try:
            found = self._packed(encoded, encoder.prefix(prefix))
        except (TypeError, ValueError, RuntimeError, AttributeError, IndexError) as error:
            log.info("%s cannot be read in packed rows (%s)", self.name, error)
            return False
        apart = float(np.abs(found - expected).max())
        agrees = apart <= _AGREE.get(self.model.dtype, _AGREE_ROUNDED) or not np.isfinite(expected).all()
        if not agrees:
            log.warning("%s answers otherwise in packed rows (%.3g nats): every text is read in full, which is slower",
                        self.name, apart)  # fmt: skip
        return agrees


@torch.inference_mode()
def _read(model: Any, tokens: Tokens, cache: Cache) -> None:
    """Read one text into `cache`. A function, so that the language model is no part of what it keeps: gigabytes are
    given back as soon as nobody holds it."""
    model(input_ids=torch.tensor([tokens], device=model.device), cache=cache, use_cache=True, logits_to_keep=1)
