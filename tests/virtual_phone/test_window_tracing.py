"""Apps let a tracer in where the kernel asks for it, and keep their process id."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from device_agent.virtual_phone.window.tracing import traceable

COMMAND = [sys.executable, "-c", "import os, sys; print(os.getpid(), *sys.argv[1:])", "a b", "c"]


@pytest.mark.parametrize("scope", ["0", "2", "3", None])
def test_a_kernel_that_does_not_ask_gets_the_command_as_it_is(tmp_path: Path, scope: str | None) -> None:
    file = tmp_path / "ptrace_scope"
    if scope is not None:
        file.write_text(scope + "\n")
    assert traceable(COMMAND, file) == COMMAND


def test_under_scope_1_the_same_program_runs_under_the_same_process_id(tmp_path: Path) -> None:
    file = tmp_path / "ptrace_scope"
    file.write_text("1\n")
    with subprocess.Popen(traceable(COMMAND, file), stdout=subprocess.PIPE, text=True) as process:
        out, _ = process.communicate(timeout=20)
    assert out.split() == [str(process.pid), "a", "b", "c"]
    assert process.returncode == 0
