"""What the benchmark and the table of prompted quality are computed from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
pytest.importorskip("transformers")
pytest.importorskip("pyarrow")

from backend.benchmarks import bloom as bench
from backend.errors import InputError, ModelError
from studies.replications import bloom_prompted as prompted
from tests.models.bloom_reference import save_bloom


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> bench.Plan:
    model = save_bloom(tmp_path_factory.mktemp("bloom"), context=2048)
    return bench.Plan(items=5, shots=3, seeds=(1,), model=str(model))


def test_both_ways_of_the_benchmark_score_alike(
    plan: bench.Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "find_spec", lambda _name: None)
    figures = bench.run(plan, lambda _: None)

    apart = next(check for check in figures.checks if check.name.startswith("scores apart"))
    assert apart.met
    assert [what for what, *_ in bench.summary(figures)] == [bench.OURS, bench.SCRATCH]
    assert "lm-evaluation-harness is not installed" in figures.notes[0]
    assert bench.draw(figures, tmp_path).read_text().startswith("<?xml")


def test_a_seed_decides_what_is_asked(plan: bench.Plan) -> None:
    assert bench.questions(plan, 1) == bench.questions(plan, 1)
    assert bench.questions(plan, 1) != bench.questions(plan, 2)
    asked = bench.questions(plan, 1)
    assert asked.prefix.count("Kind:") == 3
    assert asked.contexts[0].endswith("\nKind:")


def test_own_texts_can_be_judged(plan: bench.Plan, tmp_path: Path) -> None:
    path = tmp_path / "texts.txt"
    path.write_text("\n".join(f"text {number}" for number in range(8)))

    assert all(query.item.startswith("text ") for query in bench.questions(replace(plan, texts=path), 1).queries)
    for texts in (path.with_name("absent.txt"), tmp_path):
        with pytest.raises(InputError):
            bench.questions(replace(plan, texts=texts), 1)
    path.write_text("only one\n")
    with pytest.raises(InputError, match="1 lines; 8 are needed"):
        bench.questions(replace(plan, texts=path), 1)


def test_what_cannot_run_is_said(plan: bench.Plan, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="there is no checkpoint"):
        bench.run(replace(plan, model="/nowhere"), lambda _: None)
    with pytest.raises(InputError, match="lm-evaluation-harness did not run"):
        bench.run(replace(plan, harness=str(tmp_path)), lambda _: None)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.1, 0.2, 0.5, 0.9])), min_size=2, max_size=30))
def test_the_area_under_the_curve_is_the_chance_of_the_right_order(pairs: list[tuple[bool, float]]) -> None:
    truth, scores = np.array([t for t, _ in pairs]), np.array([s for _, s in pairs])
    if truth.all() or not truth.any():
        return
    orders = [(a > b) + (a == b) / 2 for a in scores[truth] for b in scores[~truth]]

    assert prompted.area_under_curve(truth, scores) == pytest.approx(np.mean(orders))


def test_an_interval_holds_its_value_and_is_the_same_again() -> None:
    truth = np.arange(100) % 2 == 0
    scores = np.where(truth, 0.6, 0.4) + np.random.default_rng(0).normal(0, 0.2, 100)

    value, low, high = prompted.interval(truth, scores, prompted.area_under_curve, 1)

    assert low < value < high
    assert prompted.interval(truth, scores, prompted.area_under_curve, 1) == (value, low, high)


def test_test_items_are_never_shown() -> None:
    plan = prompted.Plan(items=40, pool=20)
    if not (plan.data / "reviews.parquet").is_file():
        pytest.skip("the public data sets are not there")

    for task in (prompted.reviews(plan, 1), prompted.hatecheck(plan, "german", 1)):
        groups = [{item.group for item in items} for items in (task.pool, task.test)]
        assert not groups[0] & groups[1]
        assert sum(item.positive for item in task.test) * 2 == len(task.test)


def test_the_table_gives_median_and_spread_over_templates() -> None:
    rows = [
        {"task": "reviews", "language": "all", "shots": 0, "scoring": "raw", "accuracy": a, "auc": a + 0.1}
        for a in (0.5, 0.6, 0.9)
    ]

    [row] = prompted.over_templates(rows)

    assert (row["median accuracy"], row["least accuracy"], row["most auc"]) == (0.6, 0.5, 1.0)
    assert row["templates"] == 3
