"""``mindproof models`` as a researcher uses it, from a table to a judge on another machine."""

from __future__ import annotations

import errno
import json
import os
import stat
import zipfile
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pyarrow
import pytest
from click.testing import Result
from PIL import Image
from pyarrow import parquet
from typer.testing import CliRunner

from backend.cli import app
from backend.commands.console import err, out
from backend.serving import ModelHost, registry
from tests.models.nearest_word import NearestWord

Run = Callable[..., Result]

ROWS = [("you stupid worthless idiot " + str(n), "abuse") for n in range(30)]
ROWS += [("what a lovely garden " + str(n), "neither") for n in range(50)]


@pytest.fixture(autouse=True)
def guests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two small families beside the packaged ones."""
    packaged = {
        name: point for name, point in registry.installed().items() if name in ("hatesonar", "nudenet", "opennsfw")
    }
    for name, kind in (("nearest_word", "NearestWord"), ("nearest_point", "NearestPoint")):
        packaged[name] = EntryPoint(name, f"tests.models.{name}:{kind}", registry.GROUP)
    monkeypatch.setattr(registry, "installed", lambda: packaged)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "home"))
    for console in (out, err):  # a worker of pytest-xdist is told a width of its own before they are made
        monkeypatch.setattr(console, "_width", 180)
    return lambda *args: CliRunner().invoke(app, ["models", *map(str, args)], catch_exceptions=False)


@pytest.fixture
def posts(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "posts.csv", ROWS)


def write_csv(path: Path, rows: list[tuple[str, str]]) -> Path:
    path.write_text("text,label\n" + "".join(f'"{text}",{label}\n' for text, label in rows), encoding="utf-8")
    return path


def data(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def fit(run: Run, posts: Path, *more: str, name: str = "mine") -> Any:
    return data(run("fit", "nearest_word", "--data", posts, "--out", name, "--harmful", "abuse", "--json", *more))


def test_from_a_table_to_a_judge_on_another_machine(
    run: Run, posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fitted = fit(run, posts, "--param", "smoothing=0.5", "--seed", "7")
    assert fitted["card"]["harmful"] == ["abuse"]
    assert fitted["card"]["parameters"] == {"smoothing": 0.5, "skip": [], "random_state": 7}
    assert fitted["card"]["training_rows"] == fitted["learnt_from"] == 64
    assert fitted["held_out"] == 16
    assert fitted["card"]["command"] == (
        "mindproof models fit nearest_word --data posts.csv --out mine --harmful abuse --seed 7 --param smoothing=0.5"
    )
    area = {metric["name"]: metric for metric in fitted["card"]["metrics"]}["area under the curve"]
    assert area["value"] == 1.0
    assert area["n"] == 16
    assert fitted["card"]["reliability"]
    assert str(tmp_path) not in json.dumps(fitted["card"])

    measured = data(run("eval", "mine", "--data", posts, "--json"))
    assert measured["rows"] == 80
    archive = tmp_path / "mine.zip"
    data(run("export", "mine", archive, "--json"))
    again = tmp_path / "again.zip"
    data(run("export", "mine", again, "--json"))
    assert again.read_bytes() == archive.read_bytes()

    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "elsewhere"))
    imported = data(run("import", archive, "--name", "theirs", "--json"))
    assert imported["digest"] == fitted["digest"]
    assert data(run("eval", "theirs", "--data", posts, "--json"))["metrics"] == measured["metrics"]
    judge = ModelHost().load("theirs")
    assert judge.harmful == ("abuse",)
    assert judge.version == measured["version"]
    assert data(run("rm", "theirs", "--yes", "--json"))["versions_removed"] == 1
    assert run("show", "theirs").exit_code == 1


def test_the_same_command_makes_the_same_model(run: Run, posts: Path) -> None:
    assert fit(run, posts)["digest"] == fit(run, posts)["digest"]
    assert fit(run, posts, "--seed", "1")["digest"] != fit(run, posts)["digest"]


def test_a_name_can_go_back_to_what_it_was(run: Run, posts: Path) -> None:
    first = fit(run, posts)["digest"]
    fit(run, posts, "--param", "smoothing=3")
    assert data(run("rollback", "mine", "--json"))["digest"] == first
    versions = data(run("show", "mine", "--json"))["versions"]
    assert [kept["digest"] for kept in versions][::2] == [first, first]


def test_the_list_tells_own_shipped_and_families_apart(run: Run, posts: Path) -> None:
    fit(run, posts)
    listed = {entry["name"]: entry for entry in data(run("list", "--json"))}
    assert listed["mine"]["origin"] == "own"
    assert listed["mine"]["bytes"] > 100
    assert listed["hatesonar"]["origin"] == "family"
    assert listed["nearest_word"]["card"] is None
    shown = run("list").stdout
    assert "AUC 1.00 (1.00 to 1.00)" in shown
    assert "learns" in shown


def test_a_broken_model_is_listed_with_its_trouble_and_hides_no_other(
    run: Run, posts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fit(run, posts)
    fit(run, posts, name="other")
    folder = registry.own_models().path("mine")
    assert folder is not None
    (folder / "model.json").unlink()
    listed = {entry["name"]: entry for entry in data(run("list", "--json"))}
    assert "model.json" in listed["mine"]["trouble"]
    assert listed["hatesonar"]["trouble"] == listed["other"]["trouble"] == ""
    assert "model.json" in run("show", "mine").stdout
    with monkeypatch.context() as without:
        without.setattr(registry, "installed", dict)
        assert "its family nearest_word is not installed" in data(run("show", "other", "--json"))["trouble"]
    assert fit(run, posts)["trouble"] == ""


def test_a_card_can_be_read_by_a_newcomer(run: Run, posts: Path) -> None:
    fit(run, posts)
    shown = run("show", "mine").stdout
    for part in ("What it is for", "Where it fails", "counts as harm  abuse", "over-blocking", "it says", "posts.csv"):
        assert part in shown


def test_what_is_repeated_is_left_out_and_said(run: Run, tmp_path: Path) -> None:
    rows = [*ROWS, ("You  stupid worthless IDIOT 3", "abuse"), ("what a lovely garden 4", "abuse")]
    fitted = fit(run, write_csv(tmp_path / "posts.csv", rows))
    assert "2 repeated items were left out" in fitted["notes"][0]
    assert "1 of them had another label" in fitted["notes"][0]
    assert fitted["learnt_from"] + fitted["held_out"] == len(ROWS)


def test_labels_may_go_by_other_names(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "posts.jsonl"
    path.write_text("\n".join(json.dumps({"body": text, "bad": label == "abuse"}) for text, label in ROWS))
    fitted = data(
        run(
            *("fit", "nearest_word", "--data", path, "--out", "mine", "--text", "body", "--label", "bad"),
            *("--rename", "true=abuse", "--rename", "false=neither", "--harmful", "abuse", "--json"),
        )
    )
    assert fitted["card"]["classes"] == ["abuse", "neither"]


def test_parquet_and_tables_of_numbers(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "points.parquet"
    ys = [n % 2 for n in range(40)]
    columns = {"a": [5.0 * y + n / 100 for n, y in enumerate(ys)], "b": list(range(40)), "label": ys}
    parquet.write_table(pyarrow.table(columns), path)
    fitted = data(run("fit", "nearest_point", "--data", path, "--out", "points", "--columns", "a", "--json"))
    assert fitted["card"]["classes"] == ["0", "1"]
    assert fitted["card"]["metrics"][0]["value"] == 1.0
    assert any("no class is marked harmful" in note for note in fitted["notes"])
    assert data(run("eval", "points", "--data", path, "--columns", "a", "--json"))["rows"] == 40


def test_pictures_are_named_by_their_paths(run: Run, tmp_path: Path) -> None:
    for name, shade in (("dark", 20), ("light", 230)):
        Image.new("RGB", (40, 30), (shade, shade, shade)).save(tmp_path / f"{name}.png")
    table = tmp_path / "pictures.csv"
    table.write_text("file,label\ndark.png,sfw\nlight.png,sfw\n")
    measured = data(run("eval", "opennsfw", "--data", table, "--text", "file", "--json"))
    assert measured["metrics"][0]["value"] == 1.0
    table.write_text("file,label\ndark.png,sfw\npictures.csv,sfw\n")
    assert "row 2: " in run("eval", "opennsfw", "--data", table, "--text", "file").stderr


BAD = {
    "missing column": ("a.csv", b"body,label\nhi,a\n", "no column 'text'"),
    "one class only": ("a.csv", b"text,label\nhi,a\nho,a\n", "all examples are 'a'"),
    "one example of a class": ("a.csv", b"text,label\nhi,a\nho,a\nhu,b\n", "the class 'b' has one example"),
    "empty file": ("a.csv", b"", "holds no row"),
    "header only": ("a.csv", b"text,label\n", "holds no row"),
    "not UTF-8": ("a.csv", b"text,label\nok,a\ncaf\xe9,b\n", "line 3 holds the byte 0xe9"),
    "empty label": ("a.csv", b"text,label\nhi,a\nho,\n", "1 of 2 rows have no 'label' (row 2)"),
    "NaN label": ("a.jsonl", b'{"text": "hi", "label": NaN}\n', "1 of 1 rows have no 'label'"),
    "no text": ("a.jsonl", b'{"text": null, "label": "a"}\n', "rows have no 'text'"),
    "number for a text": ("a.jsonl", b'{"text": 3, "label": "a"}\n', "'text' is no text but int"),
    "ragged rows": ("a.csv", b"text,label\nhi, there,a\n", "line 2: 3 fields, but the header has 2"),
    "open quote": ("a.csv", b'text,label\n"hi,a\n', "line"),
    "NUL": ("a.csv", b"text,label\n\x00,a\n", "all examples are 'a'"),
    "not JSON": ("a.jsonl", b'{"text": "hi", "label": "a"}\nhello\n', "line 2 is not JSON"),
    "no objects": ("a.jsonl", b"[1]\n", "line 1 is not a JSON object"),
    "twice a column": ("a.csv", b"text,text,label\na,b,c\n", "names a column twice"),
    "no Parquet": ("a.parquet", b"PAR1 not really PAR1", "is not Parquet"),
    "empty Parquet": ("a.parquet", b"", "is not Parquet"),
    "no table": ("a.xlsx", b"PK", "ends in .xlsx, which is no table"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_table_is_one_clear_error(run: Run, tmp_path: Path, case: str) -> None:
    name, content, says = BAD[case]
    path = tmp_path / name
    path.write_bytes(content)
    result = run("fit", "nearest_word", "--data", path, "--out", "mine")
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("error:") == 1
    assert "Traceback" not in result.stderr
    assert registry.own_models().names() == ()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("fit", "nosuch"), "there is no model family 'nosuch'"),
        (("fit", "hatesonar"), "hatesonar comes trained"),
        (("fit", "nearest_word", "--param", "depth=3"), "no parameter 'depth'"),
        (("fit", "nearest_word", "--param", "smoothing=much"), "does not take 'much'"),
        (("fit", "nearest_word", "--param", "smoothing"), "no NAME=VALUE"),
        (("fit", "nearest_word", "--harmful", "hate"), "no label 'hate'"),
        (("fit", "nearest_word", "--rename", "x=y"), "no label 'x' to rename"),
        (("fit", "nearest_word", "--out", "a/b"), "'a/b' cannot be a model's name"),
        (("fit", "nearest_point"), "is no number"),
        (("eval", "nearest_word"), "learnt nothing yet"),
        (("eval", "nudenet"), "is a detector"),
        (("eval", "hatesonar"), "the label 'abuse', which is no class of hatesonar"),
        (("eval", "nosuch"), "there is no model 'nosuch'"),
    ],
)
def test_a_wrong_wish_is_one_clear_error(run: Run, posts: Path, arguments: tuple[str, ...], says: str) -> None:
    out = () if arguments[0] == "eval" or "--out" in arguments else ("--out", "mine")
    result = run(*arguments, "--data", posts, *out)
    assert result.exit_code == 1
    assert says in result.stderr
    assert registry.own_models().names() == ()


def test_a_library_that_only_the_fit_needs_is_named(run: Run, posts: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fit(self: Any, X: Any, y: Any, *, progress: Any = None) -> Any:
        raise ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn")

    monkeypatch.setattr(NearestWord, "fit", fit)
    result = run("fit", "nearest_word", "--data", posts, "--out", "mine")
    assert "family nearest_word needs torch, which is not installed" in result.stderr
    assert "requirements/models.txt" in result.stderr


def test_a_missing_file_is_one_clear_error(run: Run, tmp_path: Path) -> None:
    assert "cannot read" in run("eval", "hatesonar", "--data", tmp_path / "none.csv").stderr
    assert "no file" in run("import", tmp_path / "none.zip").stderr


def test_a_full_disk_keeps_what_was_there(
    run: Run, posts: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = fit(run, posts)["digest"]
    data(run("export", "mine", tmp_path / "mine.zip", "--json"))
    exported = (tmp_path / "mine.zip").read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(os, "fsync", full)
        for arguments in (
            ("fit", "nearest_word", "--data", posts, "--out", "mine", "--param", "smoothing=5"),
            ("import", tmp_path / "mine.zip"),
            ("export", "mine", tmp_path / "mine.zip"),
        ):
            result = run(*arguments)
            assert result.exit_code == 1
            assert "No space left" in result.stderr
    assert data(run("show", "mine", "--json"))["versions"][-1]["digest"] == before
    assert (tmp_path / "mine.zip").read_bytes() == exported
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "mine.zip", "posts.csv"]


def test_what_comes_with_a_package_stays(run: Run) -> None:
    assert "comes with Mindproof" in run("rm", "hatesonar", "--yes").stderr
    assert "no model of your own" in run("rm", "nosuch", "--yes").stderr
    assert "nothing to export" in run("export", "hatesonar", "x.zip").stderr


def test_removing_asks_first(run: Run, posts: Path) -> None:
    fit(run, posts)
    assert run("rm", "mine").exit_code == 1
    assert registry.own_models().names() == ("mine",)


def test_a_graph_goes_to_other_programs(run: Run, posts: Path, tmp_path: Path) -> None:
    data(run("export", "hatesonar", tmp_path / "graph.onnx", "--onnx", "--json"))
    texts = np.array(["you are a stupid bitch"], dtype=object)
    _, rows = onnxruntime.InferenceSession(tmp_path / "graph.onnx").run(None, {"text": texts})
    assert rows[0][1] > 0.9
    fit(run, posts)
    assert "cannot be written as ONNX" in run("export", "mine", tmp_path / "x.onnx", "--onnx").stderr


@pytest.fixture
def parcel(run: Run, posts: Path, tmp_path: Path) -> Path:
    fit(run, posts)
    run("export", "mine", tmp_path / "mine.zip")
    return tmp_path / "mine.zip"


def rewritten(parcel: Path, change: Callable[[zipfile.ZipFile, dict[str, bytes]], None]) -> Path:
    """The archive again, as somebody hostile writes it."""
    with zipfile.ZipFile(parcel) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    hostile = parcel.with_name("hostile.zip")
    with zipfile.ZipFile(hostile, "w", zipfile.ZIP_DEFLATED) as archive:
        change(archive, members)
        for name, content in members.items():
            archive.writestr(name, content)
    return hostile


def link(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    info = zipfile.ZipInfo("words.json")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(info, "/etc/passwd")
    del members["words.json"]


def bomb(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
    archive.writestr("zeros.txt", b"\0" * 50_000_000)


def described(**fields: Any) -> Callable[[zipfile.ZipFile, dict[str, bytes]], None]:
    def change(archive: zipfile.ZipFile, members: dict[str, bytes]) -> None:
        members["model.json"] = json.dumps(json.loads(members["model.json"]) | fields).encode()

    return change


HOSTILE: dict[str, tuple[Callable[[zipfile.ZipFile, dict[str, bytes]], Any], str]] = {
    "path traversal": (lambda archive, _: archive.writestr("../../escaped.txt", "x"), "is not in its card"),
    "absolute path": (lambda archive, _: archive.writestr("/tmp/escaped.txt", "x"), "is not in its card"),
    "traversal in the card": (described(files={"../x.json": "0" * 64}), "no file of a model"),
    "pickle in the card": (described(files={"x.pkl": "0" * 64}), "no file of a model"),
    "link": (link, "a folder, a link, or encrypted"),
    "folder": (lambda archive, _: archive.writestr("sub/", ""), "a folder, a link, or encrypted"),
    "extra file": (lambda archive, _: archive.writestr("run.py", "x"), "'run.py' is not in its card"),
    "bomb": (bomb, "unpacks to more than"),
    "twice the same": (lambda archive, members: archive.writestr("words.json", "[]"), "or one twice"),
    "changed file": (lambda _, members: members.update({"words.json": b"[]"}), "words.json is not the file"),
    "missing file": (lambda _, members: members.pop("words.json"), "'words.json' is missing"),
    "no card": (lambda _, members: members.pop("model.json"), "holds no model.json"),
    "card that is none": (lambda _, members: members.update({"model.json": b"[" * 100_000}), "is not JSON"),
    "newer": (described(format=99), "has format 99"),
    "foreign": (described(family="oracle"), "'oracle', which is not installed"),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_archive_is_refused_and_leaves_nothing(run: Run, parcel: Path, case: str) -> None:
    change, says = HOSTILE[case]
    before = sorted(parcel.parent.rglob("*"))
    hostile = rewritten(parcel, change)
    result = run("import", hostile, "--name", "theirs")
    assert result.exit_code == 1
    assert says in result.stderr
    assert result.stderr.count("error:") == 1
    assert sorted(parcel.parent.rglob("*")) == sorted([*before, hostile])


@pytest.mark.parametrize("kept", [0, 10, 400, -30])
def test_half_an_archive_is_refused(run: Run, parcel: Path, kept: int) -> None:
    parcel.write_bytes(parcel.read_bytes()[:kept])
    result = run("import", parcel, "--name", "theirs")
    assert result.exit_code == 1
    assert "mine.zip" in result.stderr


def test_a_folder_can_be_imported_too(run: Run, posts: Path, tmp_path: Path) -> None:
    digest = fit(run, posts)["digest"]
    folder = registry.open_model("mine").save(tmp_path / "saved")  # type: ignore[attr-defined]
    assert data(run("import", folder, "--name", "copy", "--json"))["digest"] == digest
