"""``--judge``: it reaches hate_speech, and what cannot be is refused before anything starts."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from backend.cli import app
from backend.commands.judges import judged_by, show_escalations
from backend.serving.cascade import Escalation


def test_it_is_the_judge_of_hate_speech_and_nothing_where_it_is_not_given():
    assert judged_by("hatesonar > bloom", ["hate_speech"]) == {"hate_speech": {"judge": "hatesonar > bloom"}}
    assert judged_by("", []) == {}


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--with", "stories_bar", "--judge", "hatesonar"], "--judge is for hate_speech"),
        (["--judge", "hatesonar >"], "is no cascade of two models"),
    ],
)
def test_what_cannot_be_is_one_clear_error(tmp_path, monkeypatch, words, says):
    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    result = CliRunner().invoke(app, ["demo", *words, "--no-browser", "--out", str(tmp_path / "out")])
    assert result.exit_code == 1
    assert says in result.output
    assert "Traceback" not in result.output


def test_the_share_escalated_is_told_with_what_came_of_it(capsys):
    show_escalations(
        [Escalation("a > b", judged=200, escalated=17, answered=12, overturned=3, waiting=5, seconds=1.25)]
    )
    told = capsys.readouterr().out
    assert "8.5 % of the texts (17 of 200)" in told
    assert "answered on 12, after 1.2 s on average, and overturned 3; 5 still waited" in told
