"""The agent's script is built once for its sources, and says what is wrong with them."""

from __future__ import annotations

import shutil
from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest

from device_agent.agent import build
from device_agent.agent.build import AgentBuildError, agent_version, bundle


def test_the_script_is_kept_and_taken_from_where_it_is_kept(tmp_path: Path) -> None:
    first = bundle(tmp_path / "new")
    (kept,) = (tmp_path / "new").iterdir()
    assert f'MINDPROOF_AGENT = "{agent_version()}"' in first
    kept.write_text("kept", encoding="utf-8")
    assert bundle(tmp_path / "new") == "kept"


def test_what_does_not_compile_is_named_with_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sources = tmp_path / "src"
    shutil.copytree(build.SOURCES, sources)
    monkeypatch.setattr(build, "SOURCES", sources)
    good = agent_version()
    with (sources / "targets.ts").open("a", encoding="utf-8") as file:
        file.write('export const WRONG: number = "text";\n')
    assert agent_version() != good
    with pytest.raises(AgentBuildError, match=r"targets\.ts:\d+:14: Type 'string' is not assignable"):
        bundle(tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_without_frida_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(build, "version", missing)
    with pytest.raises(AgentBuildError, match=r"frida is not installed.*pip install 'mindproof\[agent\]'"):
        bundle(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AgentBuildError, match="cannot be kept in"):
        bundle(tmp_path / "file" / "folder")
