"""``mindproof replicate mota``: its measures, its intervals, its data, and the way through, on tasks made up here."""

from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("scipy")

from backend.errors import InputError
from studies.replications import mota
from studies.replications.form import data_folder
from studies.replications.mota_features import of_grey
from studies.replications.mota_intervals import interval, paired
from studies.replications.mota_runs import CEILING, CHOSEN, METHODS, OURS, budget, measures, run
from studies.replications.mota_shifts import Part, Shift, Sizes, Task, read_idx, shifts

TINY = replace(mota.QUICK, seeds=(1, 2), search_seeds=(101,), modes=(1, 3), ablations=True, part_seeds=1)


def made_up(kind, candidates="all") -> Shift:
    """Two classes along an axis that turns from task to task; or with "present" two new classes in each."""

    def drawn(seed):
        random = np.random.default_rng(seed)
        tasks = []
        for number in range(3):
            names = ("a", "b") if candidates == "all" else (f"a{number}", f"b{number}")
            parts = []
            for n in (40, 12, 12):
                sign = random.integers(0, 2, n)
                rows = random.normal(size=(n, 4)).astype(np.float32)
                rows[:, number] += 4 * sign - 2
                rows[:, 3] += 2 * sign - 1
                parts.append(Part(rows, np.array(names)[sign]))
            tasks.append(Task(str(number), *parts, names))
        return tuple(tasks)

    classes = ("a", "b") if candidates == "all" else tuple(sorted(f"{one}{n}" for one in "ab" for n in range(3)))
    return Shift(f"made up, {kind}", kind, classes, candidates, 4, drawn)


SHIFTS = [made_up("task", "present"), made_up("domain"), made_up("sub-population")]


@pytest.fixture(scope="module")
def work(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def figures(work):
    return mota.compare(SHIFTS, replace(TINY, work=work), lambda _: None)


def test_every_method_is_searched_as_long_and_kept_to_the_budget():
    assert {len(method.grid()) for method in METHODS} == {6}
    for shift in SHIFTS:
        tasks = shift.drawn(1)
        for method in METHODS:
            found = run(shift, tasks, method, method.grid()[0], 1, "test")
            assert found.parameters <= budget(4, len(shift.classes))
            assert found.accuracy.shape == (4, 3)


def test_runs_of_one_seed_are_the_same():
    method = next(one for one in METHODS if one.name == OURS)
    first, second = (run(SHIFTS[1], SHIFTS[1].drawn(3), method, method.grid()[0], 3, "test") for _ in range(2))
    np.testing.assert_array_equal(first.accuracy, second.accuracy)
    np.testing.assert_array_equal(first.allocation, second.allocation)


def test_all_methods_start_untrained_alike_at_a_guess():
    rows = [run(SHIFTS[1], SHIFTS[1].drawn(1), one, one.grid()[0], 1, "test").accuracy[0] for one in METHODS[:4]]
    for row in rows[1:]:
        np.testing.assert_array_equal(row, rows[0])


def test_the_figures_hold_every_table(figures):
    tables = {row["table"] for row in figures.rows}
    assert tables == {"search", "runs", "shifts", "kinds", "allocation", "cost", "modes", "ablation"}
    assert len([row for row in figures.rows if row["table"] == "runs"]) == 3 * len(METHODS) * 2
    whole = [row for row in figures.rows if row["table"] == "modes" and row["variant"] == "N = 3"]
    assert all(row["ahead"] == 0 for row in whole), "the sweep at three modes is the design itself"
    json.dumps(figures.as_json())


def test_what_was_run_is_not_run_again(figures, work, monkeypatch):
    monkeypatch.setattr("studies.replications.mota_runs.run", lambda *_, **__: pytest.fail("it was run again"))
    again = mota.compare(SHIFTS, replace(TINY, work=work), lambda _: None)
    assert again.rows == figures.rows


def test_summary_and_pictures(figures, tmp_path):
    for one in mota.summary(figures):
        assert all(len(row) == len(one.columns) for row in one.rows)
    assert mota.draw(figures, tmp_path) == tmp_path / "mota.svg"
    for name in ("mota.svg", "mota-allocation.svg"):
        ElementTree.parse(tmp_path / name)
    assert OURS in (tmp_path / "mota-allocation.svg").read_text()


def test_the_goal_is_checked_against_methods_without_rows_only(figures):
    rows = [row for row in figures.rows if row["table"] == "kinds"]
    assert {row["method"] for row in rows} >= {CHOSEN, OURS, CEILING}
    assert [check.goal for check in figures.checks] == [">= 3", ">= 2"]


def test_measures_of_a_known_table():
    table = np.array([[0.5, 0.5], [0.9, 0.6], [0.7, 0.8]])
    found = measures(table)
    assert found["average accuracy"] == pytest.approx(0.75)
    assert found["forgetting"] == pytest.approx(0.2)
    assert found["backward transfer"] == pytest.approx(-0.2)
    assert found["forward transfer"] == pytest.approx(0.1)


def test_intervals_are_those_of_students_t():
    found = interval([1.0, 2, 3, 4, 5])
    assert (found.low, found.high) == pytest.approx((3 - 1.963, 3 + 1.963), abs=1e-3)
    ahead = paired({1: 0.8, 2: 0.9}, {1: 0.7, 2: 0.8, 3: 0.1})
    assert (ahead.value, ahead.low, ahead.high) == pytest.approx((0.1, 0.1, 0.1))


def test_idx_files_are_read_and_others_refused(tmp_path):
    content = b"\0\0\x08\x03" + b"".join(n.to_bytes(4) for n in (2, 28, 28)) + bytes(range(256)) * 6 + bytes(32)
    plain, packed = tmp_path / "train-images-idx3-ubyte", tmp_path / "train-images-idx3-ubyte.gz"
    plain.write_bytes(content)
    packed.write_bytes(gzip.compress(content))
    np.testing.assert_array_equal(read_idx(plain), read_idx(packed))
    assert of_grey(read_idx(plain)).shape == (2, 196)
    for broken in (content[:-1], b"", b"\0\0\x09\x01" + bytes(8)):
        plain.write_bytes(broken)
        with pytest.raises(InputError, match="IDX"):
            read_idx(plain)


def test_a_missing_data_set_is_one_clear_line(tmp_path):
    with pytest.raises(InputError, match=r"cifar10\.parquet"):
        next(shifts(tmp_path, None, Sizes(1, 1, 1), Sizes(1, 1, 1), lambda _: None))


@pytest.mark.skipif(not (data_folder() / "cifar10.parquet").is_file(), reason="the public data sets are not here")
def test_tasks_of_photographs_share_no_row_and_keep_their_classes(tmp_path):
    found = next(shifts(data_folder(), tmp_path, Sizes(4, 3, 2), Sizes(1, 1, 1), lambda _: None))
    tasks = found.drawn(1)
    assert sorted(name for task in tasks for name in task.classes) == list(found.classes)
    rows = {
        part: {row.tobytes() for task in tasks for row in getattr(task, part).rows}
        for part in ("train", "valid", "test")
    }
    assert [len(rows[part]) for part in ("train", "valid", "test")] == [40, 30, 20]
    assert not rows["train"] & rows["valid"]
    assert not (rows["train"] | rows["valid"]) & rows["test"]
    assert [task.name for task in tasks] != [task.name for task in found.drawn(2)]
