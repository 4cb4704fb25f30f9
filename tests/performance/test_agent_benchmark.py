"""The agent benchmark runs end to end on a small plan, and what does not depend on the machine's speed holds."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")

from backend.benchmarks import agent

PLAN = agent.Plan(calls=40, scrolls=1, views=100, trees=2, starts=1, seeds=(1,))


def test_a_small_run_measures_everything_and_loses_no_verdict(tmp_path: Path) -> None:
    figures = agent.run(PLAN, tmp_path / "keys", lambda _: None)
    reached = {check.name: check for check in figures.checks}
    assert reached["verdicts lost in a burst"].met
    assert reached["a scroll's update, share of the full tree's bytes, mean"].met
    counts = {what: count for what, count, *_ in agent.summary(figures)}
    assert counts["setText, no agent"] == counts["setText, verdict: replace"] == PLAN.calls
    assert counts["start alone"] == counts["start with the agent"] == PLAN.starts
    assert agent.draw(figures, tmp_path).read_text(encoding="utf-8").startswith("<?xml")
