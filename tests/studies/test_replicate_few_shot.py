"""Accuracy by number of labels, on real texts where they are kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from studies.replications import few_shot
from studies.replications.form import data_folder


def test_balanced_accuracy_counts_both_kinds_alike() -> None:
    truth = np.array([True] * 9 + [False])
    assert few_shot.balanced(np.ones(10, bool), truth) == 0.5
    assert few_shot.balanced(truth, truth) == 1.0


@pytest.mark.skipif(not (data_folder() / "reviews.parquet").is_file(), reason="the public data sets are not here")
def test_more_labels_help_and_the_figure_is_drawn(tmp_path: Path) -> None:
    plan = replace(few_shot.QUICK, seeds=(1,), counts=(4, 96), tested=80)
    figures = few_shot.run(plan, lambda text: None)
    told = {(row["task"], row["method"], row["labels"]): row["accuracy"] for row in figures.rows if "labels" in row}
    assert len(told) == 8
    assert told["reviews", "kernel head", 96] > 0.55
    assert [check.name.startswith("200 labels") for check in figures.checks] == [True]
    assert few_shot.summary(figures).columns == ("", "4", "96")
    assert few_shot.draw(figures, tmp_path).stat().st_size > 1000
