"""``mindproof replicate``: one form for every replication, and its options reach the plan."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
from typer.testing import CliRunner

from backend.benchmarks.form import Figures, at_least
from backend.cli import app
from backend.errors import InputError
from studies import commands
from studies.replications.form import Summary, data_file, planned


@dataclass(frozen=True)
class Plan:
    seeds: tuple[int, ...] = (1, 2)
    steps: int = 100
    data: Path = Path("data")


@pytest.fixture
def module(monkeypatch) -> ModuleType:
    """A replication that does nothing but tell its plan, under the name of a real one."""
    module = ModuleType("studies.replications.bloom")
    module.Plan, module.QUICK = Plan, Plan(seeds=(1,), steps=3)

    def run(plan, say):
        say("running")
        rows = [{"steps": plan.steps, "data": str(plan.data)}]
        return Figures("bloom", list(plan.seeds), rows, [at_least("goal", 1.0, 2.0, "")])

    def draw(figures, folder):
        return folder / "figure.svg"

    module.run, module.draw = run, draw
    module.summary = lambda figures: Summary("Steps", ("what", "steps"), (("all", figures.rows[0]["steps"]),))
    monkeypatch.setitem(sys.modules, "studies.replications.bloom", module)
    return module


def invoke(*words: str):
    return CliRunner().invoke(app, ["replicate", *words], catch_exceptions=False)


def test_the_command_line_reaches_the_plan_and_the_record(module, tmp_path):
    file = tmp_path / "figures.json"
    result = invoke("bloom", "--quick", "--seeds", "7,8", "--data", str(tmp_path), "--json", str(file))
    assert result.exit_code == 0, result.output
    assert "missed goal" in result.output, "a missed goal is shown, and no reason to fail"
    told = json.loads(file.read_text())
    assert told["seeds"] == [7, 8]
    assert told["rows"] == [{"steps": 3, "data": str(tmp_path)}]


def test_what_a_replication_has_no_use_for_is_refused_in_one_line(module, tmp_path):
    result = invoke("bloom", "--work", str(tmp_path))
    assert result.exit_code == 1
    assert "takes no --work" in result.output


def test_seeds_that_are_none_are_refused_in_one_line(module):
    result = invoke("bloom", "--seeds", "one")
    assert result.exit_code == 1
    assert "not a list of whole numbers" in result.output


def test_a_missing_library_is_named_with_what_brings_it(monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr(commands, "import_module", missing)
    result = invoke("bloom")
    assert result.exit_code == 1
    assert "needs torch" in result.output
    assert "requirements/models.txt" in result.output


def test_a_data_set_that_is_absent_is_named(tmp_path):
    with pytest.raises(InputError, match=r"reviews\.parquet"):
        data_file(tmp_path, "reviews.parquet")


def test_what_is_not_given_leaves_the_plan_alone():
    assert planned(Plan(), seeds=None, data=None) == Plan()
