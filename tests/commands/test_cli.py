"""The command line as a person uses it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from font_roboto import Roboto
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from backend.cli import app

SCREENS = Path(__file__).parents[3] / "shared" / "data" / "screens"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Run a command with a home of its own; the result of typer's runner."""
    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args], catch_exceptions=False)


@pytest.fixture
def insult(tmp_path) -> Path:
    """A screenshot with an abusive line between two kind ones."""
    picture = Image.new("RGB", (1080, 700), (250, 250, 248))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.truetype(Roboto, 44)
    for row, text in enumerate(("what a lovely morning", "you stupid worthless bitch", "see you tomorrow")):
        draw.text((60, 150 + row * 160), text, font=font, fill=(20, 20, 24))
    path = tmp_path / "screen.png"
    picture.save(path)
    return path


def test_help_names_every_command(run):
    text = run("--help").output
    for command in [
        "demo",
        "deploy",
        "serve",
        "new",
        "inspect",
        "interventions",
        "record",
        "replay",
        "phones",
        "doctor",
        "phone",
        "bench",
    ]:
        assert command in text


def test_new_writes_an_intervention_whose_test_passes(run, tmp_path):
    made = run("new", "quiet", "--in", tmp_path)
    assert made.exit_code == 0
    tested = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path / "quiet")],
        capture_output=True,
        text=True,
    )
    assert "2 passed" in tested.stdout, tested.stdout + tested.stderr


@pytest.mark.parametrize("name", ["Quiet", "my-idea", "class", "1st", ""])
def test_new_refuses_a_name_that_cannot_be_one(run, tmp_path, name):
    refused = run("new", name, "--in", tmp_path)
    assert refused.exit_code == 1
    assert "try: use small letters" in refused.output
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "home"])


def test_inspect_gives_lines_findings_actions_timings_and_a_covered_picture(run, insult, tmp_path):
    covered = tmp_path / "covered.png"
    result = run("inspect", insult, "--with", "hate_speech", "--out", covered, "--json")
    assert result.exit_code == 0
    told = json.loads(result.stdout)
    assert [line["text"].lower() for line in told["lines"]] == [
        "what a lovely morning", "you stupid worthless bitch", "see you tomorrow",
    ]  # fmt: skip
    (finding,) = told["findings"]
    assert finding["intervention"] == "hate_speech"
    assert finding["score"] >= 0.5
    left, top, right, bottom = finding["box"]
    assert top < 330 < bottom
    assert {"see/ocr", "decide/hate_speech", "total"} <= told["timings_s"].keys()
    again = json.loads(run("inspect", covered, "--with", "hate_speech", "--json").stdout)
    assert [line["text"].lower() for line in again["lines"]] == ["what a lovely morning", "see you tomorrow"]
    assert again["findings"] == []
    assert left < right


@pytest.mark.skipif(not SCREENS.is_dir(), reason="the real screenshots are not beside the project")
@pytest.mark.parametrize("path", sorted(SCREENS.glob("*.png")), ids=lambda path: path.stem)
def test_inspect_runs_on_every_real_screenshot(run, path):
    told = json.loads(run("inspect", path, "--json").stdout)
    assert told["lines"]
    assert told["failures"] == {}
    if path.stem == "image_censor":
        assert any(finding["intervention"] == "explicit_images" for finding in told["findings"])
    if path.stem == "twitter_stories_before":
        assert any(action["intervention"] == "stories_bar" for action in told["actions"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["inspect", "no_such.png"], "cannot be read"),
        (["inspect", __file__], "is not a picture"),
        (["inspect", "SCREEN", "--tree", __file__], "give the XML"),
        (["inspect", "SCREEN", "--with", "unheard_of"], "there is no intervention named 'unheard_of'"),
        (["inspect", "SCREEN", "--with", "a,,b"], "has an empty name"),
        (["inspect", "SCREEN", "--out", "/no/such/folder/x.png"], "cannot be written"),
        (["replay", "no_such.mindproof"], "there is no recording"),
        (["replay", __file__], "cannot be read"),
        (["phone", "virtual", "--size", "big"], "is no screen size"),
        (["record", "127.0.0.1:1", "--out", "x.mindproof", "--consent", "P1"], "127.0.0.1:1"),
        (["doctor", "127.0.0.1:1"], "127.0.0.1:1"),
    ],
)
def test_bad_input_gets_one_clear_error(run, insult, tmp_path, monkeypatch, arguments, said):
    monkeypatch.chdir(tmp_path)
    result = run(*(insult if argument == "SCREEN" else argument for argument in arguments))
    assert result.exit_code == 1
    assert said in " ".join(result.output.split())
    assert "Traceback" not in result.output


def test_a_wrong_setting_names_its_variable(run, monkeypatch):
    monkeypatch.setenv("MINDPROOF_PORT", "telephone")
    result = run("interventions")
    assert result.exit_code == 1
    assert "MINDPROOF_PORT='telephone'" in result.output
