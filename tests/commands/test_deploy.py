"""``mindproof deploy`` on a virtual phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from backend.cli import app
from backend.commands.deploy import cover_line, farewell
from backend.phones.agent.scope import AppRef
from backend.phones.agent.state import AppState, HostState
from backend.phones.virtual import start_virtual_phone
from backend.settings import Settings
from backend.store.journal import Journal

Run = Callable[..., Result]


@pytest.fixture(scope="module")
def serial(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    keys = tmp_path_factory.mktemp("phone") / "adb_keys"
    with start_virtual_phone(0, (480, 960), trusted_keys=keys, accept_first=True) as phone:
        yield phone.serial


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture
def run(home: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("MINDPROOF_HOME", str(home))
    monkeypatch.setenv("COLUMNS", "160")
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args], catch_exceptions=False)


def test_on_the_mirror_the_phone_is_not_touched(run: Run, serial: str) -> None:
    done = run("deploy", "stories_bar", "--phone", serial, "--on", "mirror", "--seconds", 1)
    assert done.exit_code == 0, done.output
    assert "The phone itself was not touched" in done.output


def test_auto_says_what_it_takes_and_why_and_everything_is_undone(run: Run, serial: str, home: Path) -> None:
    pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")
    done = run("deploy", "stories_bar", "--phone", serial, "--seconds", 6)
    assert done.exit_code == 0, done.output
    assert "On app: the virtual phone's apps can be entered" in done.output
    assert "From here on covered: inside " in done.output
    assert "Everything is undone" in done.output
    journal = Journal.open(Settings(home=home).journal_url)
    assert any(record.name == "agent.attached" for record in journal.search(kind="event"))
    journal.close()


def test_an_intervention_that_is_not_there_is_one_clear_error(run: Run, serial: str) -> None:
    done = run("deploy", "no_such_thing", "--phone", serial, "--on", "mirror")
    assert done.exit_code == 1
    assert "there is no intervention named 'no_such_thing'" in done.output


def test_what_did_not_say_that_all_is_undone_is_named() -> None:
    class Ended:
        def __init__(self, *apps: AppState) -> None:
            self.on_phone = self
            self.state = HostState("stopped", apps)

    left = AppState(AppRef("org.example.a", 1), "left")
    unsure = AppState(AppRef("org.example.b", 2), "left", "the agent did not say that all is undone")
    assert "org.example.a" in farewell(Ended(left))  # type: ignore[arg-type]
    assert "org.example.b did not say" in farewell(Ended(left, unsure))  # type: ignore[arg-type]


def test_the_status_line_says_what_is_covered_and_what_is_not_yet() -> None:
    class Host:
        def __init__(self, settled: bool, **kinds: str) -> None:
            self.settled = settled
            apps = [AppState(AppRef(f"org.{name}", at), kind) for at, (name, kind) in enumerate(kinds.items())]  # type: ignore[arg-type]
            self.state = HostState("watching", tuple(apps))

    def line(settled: bool, **kinds: str) -> str:
        return cover_line(Host(settled, **kinds))  # type: ignore[arg-type]

    assert line(True, a="attached", b="attached", c="left") == "inside org.a, org.b"
    assert "not covered yet[/]: the apps that run" in line(False)
    assert "not covered yet[/]: org.b" in line(False, a="attached", b="entering")
    assert "not covered[/]: org.b" in line(True, a="attached", b="failed")
