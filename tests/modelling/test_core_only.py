"""Without the extras, models can be listed, fitted and measured all the same, and what needs more says so."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

CORE_ONLY = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {absent!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)
sys.meta_path.insert(0, Absent())
from backend.cli import app
app(sys.argv[1:])
"""
ABSENT = ("torch", "sklearn", "scipy", "pandas", "transformers", "tokenizers", "accelerate", "gguf", "pyarrow", "ray")


def run(home: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", CORE_ONLY.format(absent=ABSENT), "models", *map(str, arguments)],
        env={"MINDPROOF_HOME": str(home), "PATH": "", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_the_core_suffices_to_list_fit_and_measure(tmp_path: Path) -> None:
    listed = json.loads(run(tmp_path, "list", "--json").stdout)
    assert {"hatesonar", "nudenet", "opennsfw", "ngrams"} <= {entry["name"] for entry in listed}
    troubles = {entry["name"]: entry["trouble"] for entry in listed if entry["trouble"]}
    assert not {"hatesonar", "nudenet", "opennsfw", "ngrams", "abuse_small"} & troubles.keys()
    assert all("which is not installed" in trouble for trouble in troubles.values())  # written on torch throughout
    posts = tmp_path / "posts.csv"
    rows = [f"you stupid idiot {n},abuse" for n in range(20)] + [f"a lovely garden {n},neither" for n in range(20)]
    posts.write_text("text,label\n" + "\n".join(rows) + "\n")
    fitted = run(tmp_path, "fit", "ngrams", "--data", posts, "--out", "mine", "--harmful", "abuse", "--json")
    assert json.loads(fitted.stdout)["card"]["classes"] == ["abuse", "neither"], fitted.stderr
    measured = run(tmp_path, "eval", "mine", "--data", posts, "--json")
    assert json.loads(measured.stdout)["rows"] == 40, measured.stderr


def test_what_needs_an_extra_says_which(tmp_path: Path) -> None:
    table = tmp_path / "posts.parquet"
    table.write_bytes(b"PAR1")
    result = run(tmp_path, "eval", "hatesonar", "--data", table)
    assert result.returncode == 1
    assert "needs pyarrow, which is not installed" in result.stderr
    assert "requirements/models.txt" in result.stderr
