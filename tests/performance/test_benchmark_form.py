"""The benchmark's short version: the whole of it runs, compares, and writes its record. No time is asserted."""

from __future__ import annotations

import json
import shutil

import pytest

from backend.benchmarks import pipeline
from backend.benchmarks.form import Figures, at_least, at_most

TINY = pipeline.Plan(frames=4, baseline_frames=1, still_frames=4, soak_s=0.1, seeds=(1,))


@pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="the baseline needs Tesseract: apt-get install tesseract-ocr"
)
def test_the_pipeline_benchmark_runs_compares_and_writes_its_record(tmp_path):
    figures = pipeline.run(TINY, tmp_path / "keys", lambda text: None)
    figures.write(tmp_path / "out" / "pipeline.json")
    told = json.loads((tmp_path / "out" / "pipeline.json").read_text())
    assert set(told) >= {"name", "command", "machine", "versions", "seeds", "rows", "checks"}
    assert [set(check) for check in told["checks"]] == [{"name", "value", "unit", "goal", "met"}] * 4
    kinds = {row["what"] for row in told["rows"]}
    assert kinds >= {"baseline", "ours tree", "ours canvas", "ours unchanged", "memory"}
    assert all(row["seconds"] > 0 for row in told["rows"])
    assert "<svg" in pipeline.draw(figures, tmp_path / "out").read_text()
    assert any(note.startswith("next bottleneck") for note in figures.notes)


def test_a_missed_goal_stays_visible():
    figures = Figures("x", [1], checks=[at_least("speed", 3.0, 40.0, "x"), at_most("share", 0.1, 0.5, "")])
    assert [(check["goal"], check["met"]) for check in figures.as_json()["checks"]] == [
        (">= 40", False),
        ("<= 0.5", True),
    ]
