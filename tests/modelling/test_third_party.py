"""A package that nobody here knows brings a family: registered by its entry point alone, it is listed, fitted, judged
with, and held to the checks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CHECKS = """
import pytest
from interventions.models.conformance import CHECKS, Subject
from stranger import NearestWord

@pytest.fixture(scope="module")
def subject(tmp_path_factory):
    return Subject(NearestWord, tmp_path_factory.mktemp("saved"))

@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_it_conforms(check, subject):
    if reason := check.not_for(subject):
        pytest.skip(reason)
    check(subject)
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder with the package ``stranger`` as pip leaves it."""
    folder = tmp_path / "site"
    described = folder / "stranger-1.0.dist-info"
    described.mkdir(parents=True)
    (folder / "stranger.py").write_text((ROOT / "tests" / "models" / "nearest_word.py").read_text())
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[mindproof.models]\nnearest_word = stranger:NearestWord\n")
    return folder


def run(package: Path, *arguments: object) -> str:
    paths = os.pathsep.join([str(package), str(ROOT)])
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": paths, "MINDPROOF_HOME": str(package.parent / "home"), "OMP_NUM_THREADS": "1"},
        cwd=package.parent,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_family_is_like_ours(package: Path) -> None:
    command = "import sys; from backend.cli import app; app(sys.argv[1:])"
    posts = package.parent / "posts.csv"
    posts.write_text("text,label\n" + "".join(f"bad {n},rude\ngood {n},kind\n" for n in range(20)))
    run(package, "-c", command, "models", "fit", "nearest_word", "--data", posts, "--out", "theirs")
    listed = {entry["name"]: entry for entry in json.loads(run(package, "-c", command, "models", "list", "--json"))}
    assert listed["theirs"]["family"] == "nearest_word"
    assert listed["theirs"]["trouble"] == ""


def test_its_own_tests_can_run_our_checks(package: Path) -> None:
    (package.parent / "test_stranger.py").write_text(CHECKS)
    said = run(package, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_stranger.py")
    assert "passed" in said
    assert "failed" not in said
