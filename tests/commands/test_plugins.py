"""Commands that other packages bring: they join the others, and a broken one harms nobody."""

from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest
import typer
from typer.testing import CliRunner

from backend.commands import plugins


def point(name: str, value: str) -> EntryPoint:
    return EntryPoint(name, value, plugins.GROUP)


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command("demo")(lambda: print("the real demo"))
    app.command("other")(lambda: print("another"))
    return app


def invoke(app: typer.Typer, *words: str):
    return CliRunner().invoke(app, list(words))


def test_a_function_and_a_typer_app_become_commands(app, monkeypatch):
    group = typer.Typer()
    group.callback(rich_help_panel="Measure")(lambda: None)
    group.command("say")(lambda: print("said"))
    monkeypatch.setattr(plugins, "brought", group, raising=False)
    monkeypatch.setattr(plugins, "alone", lambda: print("alone"), raising=False)
    attach = [point("group", "backend.commands.plugins:brought"), point("one", "backend.commands.plugins:alone")]
    plugins.attach(app, attach)
    assert "said" in invoke(app, "group", "say").output
    assert "alone" in invoke(app, "one").output
    helped = invoke(app, "--help").output
    assert helped.index("From plugins") < helped.index(" one ") < helped.index("Measure") < helped.index(" group ")


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("no_such_package_at_all:app", "No module named 'no_such_package_at_all'"),
        ("backend.commands.plugins:no_such_name", "has no attribute 'no_such_name'"),
        ("backend.commands.plugins:GROUP", "neither a typer app nor a function"),
    ],
)
def test_a_broken_plugin_says_why_in_one_line_and_takes_nothing_down(app, value, why):
    plugins.attach(app, [point("broken", value)])
    result = invoke(app, "broken")
    assert result.exit_code == 1
    errors = [line for line in result.output.splitlines() if line.startswith("error:")]
    assert len(errors) == 1
    assert why in errors[0]
    assert "Traceback" not in result.output
    assert "another" in invoke(app, "other").output
    assert "broken" in invoke(app, "--help").output


def test_no_plugin_takes_the_name_of_a_command_that_is_there(app, caplog):
    plugins.attach(app, [point("demo", "backend.commands.plugins:attach")])
    assert "the real demo" in invoke(app, "demo").output
    assert "left out" in caplog.text
