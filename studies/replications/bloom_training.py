"""Training the small BLOOM of `mindproof replicate bloom`, or taking it up where it was cut off."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from transformers import BloomForCausalLM, PreTrainedTokenizerFast

from interventions.models.bloom import small
from interventions.models.bloom.small import Point, Recipe, Shape, Tokens
from studies.replications.bloom_reviews import Reviews, as_tokens, stretches
from studies.replications.form import Say

_FOR_THE_TOKENIZER = 6_000
"""Stretches of documents that the tokenizer is trained on."""


@dataclass(frozen=True, slots=True)
class Trained:
    """What training gave: the model with its tokenizer, and the curve of its loss."""

    model: BloomForCausalLM
    tokenizer: PreTrainedTokenizerFast
    curve: tuple[Point, ...]


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
    return Trained(model.eval(), tokenizer, tuple(curve))
