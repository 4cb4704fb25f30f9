"""Training the small BLOOM of `mindproof replicate bloom`, or taking it up where it was cut off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from transformers import BloomForCausalLM, PreTrainedTokenizerFast

from interventions.models.bloom import small
from interventions.models.bloom.small import Point, Recipe, Shape, Tokens
from studies.replications.bloom_reviews import ANSWER_FOLLOWS, WORDS, Reviews, as_tokens, stretches
from studies.replications.form import Say

_FOR_THE_TOKENIZER = 6_000
"""Stretches of documents that the tokenizer is trained on."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gave: the model with its tokenizer, and the curve of its loss."""

    model: BloomForCausalLM
    tokenizer: PreTrainedTokenizerFast
    shape: Shape
    held_out_tokens: int
    curve: tuple[Point, ...]


def finetune(trained: Trained, reviews: Reviews, recipe: Recipe, seed: int, folder: Path | None, say: Say) -> Trained:
    """The model taught to answer ``good`` or ``bad``: of its documents only the ratings count."""
    tokenizer, shape = trained.tokenizer, trained.shape
    held_out = as_tokens(stretches(reviews.held_out, "held out", WORDS[:1]), tokenizer)[: trained.held_out_tokens]
    kept: dict[int, Tokens] = {}

    def stream(number: int) -> Tokens:
        if number not in kept:
            kept.clear()
            kept[number] = as_tokens(stretches(reviews.train, f"{seed}/answers/{number}", WORDS[:1]), tokenizer)
        return kept[number]

    lengths = small.byte_lengths(tokenizer)
    training = small.Training(
        trained.model.train(), stream, held_out, lengths, shape, recipe, folder, answers_only(tokenizer)
    )
    curve = training.run(
        lambda point: say(
            f"seed {seed}: finetuned {point.step:,} of {recipe.steps:,} steps: {point.train:.3f} bits a byte of the "
            f"answers in training, {point.held_out:.3f} held out"
        )
    )
    return replace(trained, model=trained.model.eval(), curve=tuple(curve))


def answers_only(tokenizer: PreTrainedTokenizerFast) -> small.Weigh:
    """Counts the first token of every rating, and nothing else."""
    ahead = tokenizer(ANSWER_FOLLOWS, add_special_tokens=False).input_ids

    def weigh(batch: torch.Tensor) -> torch.Tensor:
        follows = torch.ones(batch[:, 1:].shape)
        for back, token in enumerate(reversed(ahead)):
            follows[:, :back] = 0
            follows[:, back:] *= batch[:, : batch.shape[1] - 1 - back] == token
        return follows

    return weigh


def train(
    reviews: Reviews, shape: Shape, recipe: Recipe, seed: int, folder: Path | None, held_out_tokens: int, say: Say
) -> Trained:
    """A BLOOM trained on `reviews.train`; its loss is also told on `reviews.held_out`, `held_out_tokens` of them.

    With a `folder` the state is kept there, and a run that was cut off goes on from it.
    """
    epoch = list(stretches(reviews.train, f"{seed}/tokenizer"))
    tokenizer = small.train_tokenizer(epoch[:_FOR_THE_TOKENIZER], shape.vocabulary)
    held_out = as_tokens(stretches(reviews.held_out, "held out"), tokenizer)[:held_out_tokens]
    kept: dict[int, Tokens] = {}

    def stream(number: int) -> Tokens:
        if number not in kept:
            kept.clear()
            kept[number] = as_tokens(stretches(reviews.train, f"{seed}/{number}"), tokenizer)
        return kept[number]

    model = small.new_model(shape, tokenizer, seed)
    say(f"seed {seed}: a BLOOM of {small.parameter_count(model):,} parameters, {recipe.steps:,} steps")
    training = small.Training(model, stream, held_out, small.byte_lengths(tokenizer), shape, recipe, folder)
    curve = training.run(
        lambda point: say(
            f"seed {seed}: step {point.step:,} of {recipe.steps:,}, {point.tokens:,} tokens: "
            f"{point.train:.3f} bits a byte in training, {point.held_out:.3f} held out"
        )
    )
    return Trained(model.eval(), tokenizer, shape, held_out_tokens, tuple(curve))
