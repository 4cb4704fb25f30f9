"""What ``mindproof bench leaks`` makes of its runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from backend.benchmarks import leak_runs
from backend.benchmarks.form import Figures


def figures(*leaked: tuple[int, int]) -> Figures:
    made = Figures("leaks", list(range(1, len(leaked) + 1)))
    for seed, pair in enumerate(leaked, 1):
        for on, number in zip(("mirror", "app"), pair, strict=True):
            row: dict[str, Any] = {"on": on, "seed": seed, "frames": 90, "leaked": number, "skipped": 0}
            made.rows.append(row | {"lines": {"a line": number} if number else {}, "hidden": 3 * (on == "app")})
    return made


def met(made: Figures) -> list[bool]:
    return [check.met for check in leak_runs.checks(made)]


def test_the_goal_is_no_frame_on_app_of_those_that_show_something_on_the_mirror() -> None:
    assert met(figures((12, 0), (0, 0))) == [True, True]
    assert met(figures((12, 0), (9, 1))) == [False, True]


def test_nothing_to_hide_is_no_success() -> None:
    assert met(figures((0, 0))) == [True, False]


def test_the_table_has_a_row_a_run_and_the_figure_a_bar(tmp_path: Path) -> None:
    made = figures((12, 0))
    assert leak_runs.summary(made) == [("mirror", 1, 90, 12, 1, 0), ("app", 1, 90, 0, 0, 3)]
    assert "app, seed 1" in leak_runs.draw(made, tmp_path).read_text(encoding="utf-8")
