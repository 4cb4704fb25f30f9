"""``mindproof replicate bloom`` in miniature: it trains, saves, loads back, prompts, and writes its record."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("pyarrow")
pytest.importorskip("torch")
pytest.importorskip("transformers")

import pyarrow
import pyarrow.parquet

from backend.errors import InputError
from interventions.models.bloom.small import Recipe, Shape
from studies.replications import bloom
from studies.replications.bloom_reviews import passages, read_reviews, stretches

TINY = replace(
    bloom.QUICK,
    shape=Shape(layers=2, heads=3, width=24, vocabulary=500, context=256),
    recipe=Recipe(steps=4, batch=2, warmup=2, evaluate_every=2, keep_every=4),
    passages=300,
    held_out_tokens=600,
    items=8,
    shots=(0, 2),
)


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """A folder with reviews of two sources, in the form of the real file."""
    rows = []
    for number in range(600):
        good, source = number % 2 == 1, ("books", "kitchen", "dvd")[number % 3]
        word = ("dreadful", "wonderful")[good]
        text = f"I bought number {number} in spring. <br />It is a {word} thing to have, {word} all year round."
        rows.append({"domain": source, "label": int(good), "product": str(number // 2), "text": text})
    folder = tmp_path_factory.mktemp("data")
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), folder / "reviews.parquet")
    return folder


def test_passages_are_whole_sentences_up_to_a_length():
    text = "It broke at once. <br />I sent it back!  And they never answered me. " + "word " * 80
    pieces = list(passages(text, 60))
    assert pieces[0] == "It broke at once. I sent it back!"
    assert pieces[1] == "And they never answered me."
    assert all(20 <= len(piece) <= 60 for piece in pieces)


def test_nothing_held_out_is_in_what_it_is_trained_on(data):
    reviews = read_reviews(data / "reviews.parquet", "kitchen", 300)
    assert reviews.held_out
    trained = {one.text for one in reviews.train}
    assert not trained & {one.text for one in (*reviews.held_out, *reviews.kept_out)}
    assert {one.source for one in reviews.kept_out} == {"kitchen"}
    assert "kitchen" not in {one.source for one in reviews.train}
    assert next(stretches(reviews.train, "a")) == next(stretches(reviews.train, "a"))


def test_a_file_that_holds_no_reviews_is_one_clear_error(tmp_path):
    (tmp_path / "reviews.parquet").write_text("nothing of the kind")
    with pytest.raises(InputError, match="cannot read reviews"):
        read_reviews(tmp_path / "reviews.parquet", "kitchen", 300)


def test_it_trains_loads_back_prompts_and_takes_up_what_was_done(data, tmp_path):
    said: list[str] = []
    plan = replace(TINY, data=data, work=tmp_path / "work")
    figures = bloom.run(plan, said.append)
    told = json.loads(json.dumps(figures.as_json()))
    assert [row["step"] for row in told["rows"] if row["what"] == "loss"] == [2, 4]
    (model,) = [row for row in told["rows"] if row["what"] == "model"]
    assert model["apart"] < 1e-4, "what is loaded back by its path scores as what was trained"
    prompts = [row for row in told["rows"] if row["what"] == "prompt"]
    assert len(prompts) == 2 * (4 + 2 + 2)
    assert all(0 <= row["low"] <= row["auc"] <= row["high"] <= 1 for row in prompts)
    assert told["versions"]["torch"]
    assert len(figures.checks) == 6
    assert [len(one.rows) for one in bloom.summary(figures)] == [1, 2 * (4 + 2 + 2)]
    assert "<svg" in bloom.draw(figures, tmp_path / "figures").read_text()
    assert (tmp_path / "figures" / "bloom-small-shots.svg").is_file()
