"""The agent's script, built when it is first needed."""

from __future__ import annotations

import os
from pathlib import Path

from backend.errors import AgentError
from device_agent.agent.build import AgentBuildError, bundle, java_bridge


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/mindproof/agent``: what can always be made again."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "mindproof" / "agent"


def agent_script(serial: str, cache: Path | None = None) -> str:
    """The script, from `cache` or built into it, which takes some seconds. Raises AgentError."""
    try:
        return bundle(cache or cache_folder())
    except AgentBuildError as error:
        what, _, remedy = str(error).partition("; ")
        raise AgentError(serial, what, remedy) from error


def script_with_java(serial: str, source: str) -> str:
    """`source` with Frida's Java bridge in front, for scripts beside the agent's. Raises AgentError."""
    try:
        return java_bridge() + source
    except AgentBuildError as error:
        what, _, remedy = str(error).partition("; ")
        raise AgentError(serial, what, remedy) from error
