"""``mindproof replicate bloom`` in miniature: it trains, saves, loads back, prompts, and writes its record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("transformers")

from interventions.models.bloom.small import Recipe, Shape
from studies.replications import bloom
from studies.replications.bloom_reviews import passages, read_reviews, stretches

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_reviews = pytest.mark.skipif(
    not (DATA / "reviews.parquet").is_file(), reason="reviews.parquet is not there: see MINDPROOF_DATA"
)
TINY = replace(
    bloom.QUICK,
    characters=150,
    shape=Shape(layers=2, heads=3, width=24, vocabulary=500, context=256),
    recipe=Recipe(steps=4, batch=2, warmup=2, evaluate_every=2, keep_every=4),
    held_out_tokens=600,
    passages=300,
    items=8,
    shots=(0, 2),
    data=DATA,
)


def test_passages_are_whole_sentences_up_to_a_length():
    text = "It broke at once. <br />I sent it back!  And they never answered me. " + "word " * 80
    pieces = list(passages(text, 60))
    assert pieces[0] == "It broke at once. I sent it back!"
    assert pieces[1] == "And they never answered me."
    assert all(20 <= len(piece) <= 60 for piece in pieces)


@needs_reviews
def test_nothing_held_out_is_in_what_it_is_trained_on():
    reviews = read_reviews(DATA / "reviews.parquet", "kitchen", 300)
    trained = {one.text for one in reviews.train}
    assert not trained & {one.text for one in (*reviews.held_out, *reviews.kept_out)}
    assert {one.source for one in reviews.kept_out} == {"kitchen"}
    assert "kitchen" not in {one.source for one in reviews.train}
    assert next(stretches(reviews.train, "a")) == next(stretches(reviews.train, "a"))


@needs_reviews
def test_it_trains_loads_back_prompts_and_takes_up_what_was_done(tmp_path):
    said: list[str] = []
    plan = replace(TINY, work=tmp_path / "work")
    figures = bloom.run(plan, said.append)
    told = json.loads(json.dumps(figures.as_json()))
    assert [row["step"] for row in told["rows"] if row["what"] == "loss"] == [2, 4]
    (model,) = [row for row in told["rows"] if row["what"] == "model"]
    assert model["apart"] < 1e-4, "what is loaded back by its path scores as what was trained"
    prompts = [row for row in told["rows"] if row["what"] == "prompt"]
    assert len(prompts) == 2 * len(bloom.PROMPTS) * 2
    assert all(0 <= row["low"] <= row["auc"] <= row["high"] <= 1 for row in prompts)
    assert told["versions"]["torch"]
    assert len(figures.checks) == 5
    assert [len(one.rows) for one in bloom.summary(figures)] == [1, 2 * len(bloom.PROMPTS)]
    assert "<svg" in bloom.draw(figures, tmp_path / "figures").read_text()
    assert (tmp_path / "figures" / "bloom-small-shots.svg").is_file()
