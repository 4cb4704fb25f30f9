"""A BLOOM of a few million parameters, trained here: the architecture of the 176-billion one, end to end.

What is the same: ``BloomForCausalLM`` (ALiBi, embedding layer-norm, fused QKV, tied head), byte-level BPE behind
BLOOM's own splitting pattern, AdamW with betas .9 and .95, weight decay .1, clipping at 1, and a cosine from the peak
down to a tenth of it after a linear warm-up (Le Scao et al. 2022, table 3). What is smaller: everything else.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch import Tensor, nn
from transformers import BloomConfig, BloomForCausalLM, PreTrainedTokenizerFast
from transformers.utils import logging as transformers_log

from interventions.models.errors import WeightsBroken

Tokens = NDArray[np.int64]
"""Token ids, (n,)."""

_SPLIT = r" ?[^(\s|[.,!?…。，、।۔،])]+"
"""Where BLOOM's tokenizer splits before it merges."""
_SPECIAL = ["<unk>", "<s>", "</s>", "<pad>"]
_STATE, _CURVE = "state.safetensors", "curve.json"


@dataclass(frozen=True, slots=True)
class Shape:
    """`heads` need not be a power of two: ALiBi's slopes are defined for any number. `context` in tokens."""

    layers: int = 5
    heads: int = 6
    width: int = 192
    vocabulary: int = 2048
    context: int = 256


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast. `batch` in sequences of `Shape.context` tokens; `rate` is the peak learning rate."""

    steps: int = 1500
    batch: int = 8
    rate: float = 3e-3
    warmup: int = 75
    decay: float = 0.1
    clip: float = 1.0
    evaluate_every: int = 100
    keep_every: int = 100


@dataclass(frozen=True, slots=True)
class Point:
    """Of the loss curve: bits a byte in training (mean since the point before), and on held-out text."""

    step: int
    tokens: int
    rate: float
    train: float
    held_out: float


def train_tokenizer(texts: Sequence[str], vocabulary: int) -> PreTrainedTokenizerFast:
    """Byte-level BPE with `vocabulary` entries, the special tokens included: nothing is out of its vocabulary."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=_SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    unknown, begin, end, pad = _SPECIAL
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, unk_token=unknown, bos_token=begin, eos_token=end, pad_token=pad
    )


def byte_lengths(tokenizer: PreTrainedTokenizerFast) -> Tokens:
    """Bytes of text each token stands for, (vocabulary,); 0 for special tokens. Byte-level: one character, one byte."""
    special = set(tokenizer.all_special_tokens)
    entries = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    return np.array([0 if entry in special else len(entry) for entry in entries], dtype=np.int64)


def new_model(shape: Shape, tokenizer: PreTrainedTokenizerFast, seed: int) -> BloomForCausalLM:
    """An untrained BLOOM whose weights follow from `seed`."""
    torch.manual_seed(seed)
    config = BloomConfig(
        vocab_size=len(tokenizer),
        hidden_size=shape.width,
        n_layer=shape.layers,
        n_head=shape.heads,
        seq_length=shape.context,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        use_cache=True,
    )
    return BloomForCausalLM(config)


def parameter_count(model: nn.Module) -> int:
    """Trained numbers; the head shares the embedding's and is counted once."""
    return sum(parameter.numel() for parameter in model.parameters())


def batches(stream: Callable[[int], Tokens], shape: Shape, recipe: Recipe, start: int) -> Iterator[Tensor]:
    """The batches from step `start` on, (batch, context + 1) each: they follow from the step alone, so that a run that
    was cut off goes on as if it had not been. `stream` gives the text of an epoch as tokens.
    """
    rows = recipe.batch * shape.context
    step, epoch = 0, 0
    while True:
        tokens = stream(epoch)
        for first in range(0, len(tokens) - rows, rows):
            if step >= start:
                starts = first + np.arange(recipe.batch) * shape.context
                yield torch.from_numpy(np.stack([tokens[at : at + shape.context + 1] for at in starts]))
            step += 1
        epoch += 1


def rate_at(step: int, recipe: Recipe) -> float:
    """Linear up to the peak within the warm-up, then a cosine down to a tenth of it."""
    if step < recipe.warmup:
        return recipe.rate * (step + 1) / recipe.warmup
    done = (step - recipe.warmup) / max(1, recipe.steps - recipe.warmup)
    return recipe.rate * (0.1 + 0.45 * (1 + math.cos(math.pi * min(1.0, done))))


class Training:
    """A run that can be cut off at any step: `folder` holds its newest state (safetensors and JSON, no pickle)."""

    def __init__(
        self,
        model: BloomForCausalLM,
        stream: Callable[[int], Tokens],
        held_out: Tokens,
        lengths: Tokens,
        shape: Shape,
        recipe: Recipe,
        folder: Path | None = None,
    ) -> None:
        self.model, self.stream, self.held_out = model, stream, held_out
        self.lengths = torch.from_numpy(lengths)
        self.shape, self.recipe, self.folder = shape, recipe, folder
        decayed = [p for p in model.parameters() if p.dim() > 1]
        plain = [p for p in model.parameters() if p.dim() <= 1]
        groups = [{"params": decayed, "weight_decay": recipe.decay}, {"params": plain, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.rate, betas=(0.9, 0.95))
        self.step = 0
        self.curve: list[Point] = []

    def run(self, progress: Callable[[Point], None] = lambda point: None) -> list[Point]:
        """Train to the end of the recipe, from where the folder says; the curve."""
        if self.folder is not None:
            self._take_up(self.folder)
        nats = length = 0.0
        for batch in batches(self.stream, self.shape, self.recipe, self.step):
            if self.step >= self.recipe.steps:
                break
            rate = rate_at(self.step, self.recipe)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            loss = cross_entropy(self.model, batch)
            torch.autograd.backward(loss.mean())
            nn.utils.clip_grad_norm_(self.model.parameters(), self.recipe.clip)
            self.optimiser.step()
            self.optimiser.zero_grad(set_to_none=True)
            nats += float(loss.detach().sum())
            length += float(self.lengths[batch[:, 1:]].sum())
            self.step += 1
            last = self.step == self.recipe.steps
            if last or self.step % self.recipe.evaluate_every == 0:
                point = Point(self.step, self._tokens, rate, nats / length / math.log(2), self._held_out())
                self.curve.append(point)
                progress(point)
                nats = length = 0.0
            if self.folder is not None and (last or self.step % self.recipe.keep_every == 0):
                self._keep(self.folder)
        return self.curve

    @property
    def _tokens(self) -> int:
        return self.step * self.recipe.batch * self.shape.context

    def _held_out(self) -> float:
        return bits_per_byte(self.model, self.held_out, self.lengths, self.shape.context, self.recipe.batch)

    def _named(self) -> dict[str, Tensor]:
        """Everything that the next step depends on."""
        state = {f"model/{name}": parameter.detach() for name, parameter in self.model.named_parameters()}
        for name, parameter in self.model.named_parameters():
            for key, value in self.optimiser.state.get(parameter, {}).items():
                state[f"{key}/{name}"] = torch.as_tensor(value)
        return state

    def _keep(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        told = {"step": self.step, **self._settings(), "curve": [asdict(point) for point in self.curve]}
        fresh = folder / f".{_STATE}"
        save_file({name: value.contiguous() for name, value in self._named().items()}, fresh, {"run": json.dumps(told)})
        fresh.replace(folder / _STATE)
        (folder / _CURVE).write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")

    def _settings(self) -> dict[str, Any]:
        return {"shape": asdict(self.shape), "recipe": asdict(self.recipe)}

    def _take_up(self, folder: Path) -> None:
        """Go on from the state in `folder`, if there is one.

        Raises:
            WeightsBroken: when it is of another shape or recipe.
        """
        path = folder / _STATE
        if not path.is_file():
            return
        told = run_of(path)
        if {"shape": told["shape"], "recipe": told["recipe"]} != self._settings():
            raise WeightsBroken(f"{path} is of a run of another shape or recipe", "name another folder, or remove it")
        state = load_file(path)
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                parameter.copy_(state.pop(f"model/{name}"))
        for name, parameter in self.model.named_parameters():
            kept = {key.partition("/")[0]: value for key, value in state.items() if key.partition("/")[2] == name}
            self.optimiser.state[parameter] = kept
        self.step = told["step"]
        self.curve = [Point(**point) for point in told["curve"]]


def run_of(path: Path) -> dict[str, Any]:
    """Step, settings and curve that were saved with the state at `path`."""
    with safe_open(path, "pt") as file:
        told: dict[str, Any] = json.loads(file.metadata()["run"])
    return told


def cross_entropy(model: BloomForCausalLM, batch: Tensor) -> Tensor:
    """Nats of each token after the first given those before it; `batch` (n, t + 1), the result (n, t)."""
    logits = model(batch[:, :-1], use_cache=False).logits
    return nn.functional.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten(), reduction="none").view(
        batch.shape[0], -1
    )


@torch.no_grad()
def bits_per_byte(model: BloomForCausalLM, tokens: Tokens, lengths: Tensor, context: int, batch: int) -> float:
    """Bits the model needs for a byte of the text of `tokens`, read in stretches of `context` tokens.

    The first token of a stretch is given, and counts neither as bits nor as bytes.
    """
    count = (len(tokens) - 1) // context
    rows = torch.from_numpy(np.stack([tokens[at * context : (at + 1) * context + 1] for at in range(count)]))
    nats = sum(float(cross_entropy(model, part).sum()) for part in torch.split(rows, batch))
    return nats / math.log(2) / float(lengths[rows[:, 1:]].sum())


def save(model: BloomForCausalLM, tokenizer: PreTrainedTokenizerFast, folder: Path, shard: str = "4MB") -> Path:
    """The checkpoint as `transformers` has it, in several shards as the large ones come."""
    shown = transformers_log.is_progress_bar_enabled()
    transformers_log.disable_progress_bar()
    try:
        model.save_pretrained(folder, max_shard_size=shard)
    finally:
        if shown:
            transformers_log.enable_progress_bar()
    tokenizer.save_pretrained(folder)
    return folder
