"""What is said of a phone, and of this machine, where something is missing."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from backend.errors import AgentError
from backend.phones.agent import frida_library, ptrace
from backend.phones.agent.capabilities import Capabilities, best_sink, probe
from backend.phones.agent.frida_library import explain, library, library_version, within
from backend.phones.agent.reach import Reach, is_local
from backend.phones.agent.scope import AppRef
from backend.phones.doctor.agent import agent_checks, server, sink
from backend.phones.phone import Phone
from device_agent.virtual_phone import host

BARE = Capabilities("test", "17.0.0", takes_lanes=True, no_root="there is no su")


@pytest.mark.parametrize(
    ("found", "name", "why"),
    [
        (replace(BARE, library=""), "mirror", "not installed"),
        (replace(BARE, takes_lanes=False), "mirror", "adb tcpip 5555"),
        (BARE, "mirror", "there is no su"),
        (replace(BARE, root="su -c"), "mirror", "without a frida-server"),
        (replace(BARE, root="su -c", supplied=Path("x")), "app", "rooted"),
        (replace(BARE, root="su -c", installed={"x": library_version()}), "app", "rooted"),
        (replace(BARE, root="su -c", installed={"x": "1.0.0"}), "mirror", "without a frida-server"),
        (replace(BARE, where="local"), "app", "virtual phone"),
        (replace(BARE, where="gadget"), "app", "gadget"),
        (replace(BARE, where="server"), "app", "every app"),
        (replace(BARE, where="server", front="com.snapchat.android", hardened=True), "overlay", "defends itself"),
        (replace(BARE, why_not="the kernel refused", remedy="do this"), "mirror", "the kernel refused; do this"),
    ],
)
def test_the_best_place_to_act_is_named_with_its_reason(found: Capabilities, name: str, why: str) -> None:
    assert best_sink(found)[0] == name
    assert why in best_sink(found)[1]
    assert sink(found).found.startswith(f"{name}: ")


def test_the_virtual_phone_is_of_this_machine_and_another_is_not(
    virtual: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert is_local(virtual)
    monkeypatch.setattr("device_agent.virtual_phone.host.mark", lambda: "another boot")
    assert not is_local(virtual)
    monkeypatch.setattr("device_agent.virtual_phone.host.mark", lambda: "")
    assert not is_local(virtual)


def test_a_process_of_this_machine_that_is_not_the_app_is_never_touched(frida: Any, virtual: Phone) -> None:
    reach = Reach(virtual)
    launcher = int(virtual.shell("pidof org.mindproof.launcher").out)
    assert reach.stage(AppRef("org.mindproof.launcher", launcher)) == "up"
    assert reach.stage(AppRef("org.mindproof.feed", launcher)) == "gone"
    assert reach.stage(AppRef("org.mindproof.feed", 1)) == "gone"
    assert reach.stage(AppRef("org.mindproof.feed", 2**22 - 1)) == "gone"


def test_an_app_whose_virtual_machine_does_not_run_yet_is_not_entered() -> None:
    program = "import sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", program, "org.example"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as one:
        assert one.stdout is not None
        assert one.stdout.readline()
        assert host.stage(one.pid, "org.example") == "starting"
        one.kill()
        one.wait()
        assert host.stage(one.pid, "org.example") == "gone"


def test_the_virtual_phone_is_probed_for_real(frida: Any, virtual: Phone) -> None:
    found = probe(virtual)
    assert (found.local, found.where, found.abi, found.sdk) == (True, "local", "x86_64", 34)
    assert best_sink(found)[0] == "app"
    assert {name: check(virtual).status for name, check in agent_checks().items()} == {
        "Frida": "ok",
        "Frida on the phone": "ok",
        "app in front": "ok",
        "acts on": "ok",
    }


@pytest.mark.parametrize(
    ("scope", "remedy"),
    [
        ("0", "same user"),
        ("1", "kernel.yama.ptrace_scope=0"),
        ("2", "kernel.yama.ptrace_scope=1"),
        ("3", "nobody trace until it boots"),
        ("nonsense", "same user"),
        (None, "same user"),
    ],
)
def test_a_kernel_that_forbids_tracing_is_named_with_what_to_do(
    frida: Any, virtual: Phone, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, scope: str | None, remedy: str
) -> None:
    if scope is not None:
        (tmp_path / "ptrace_scope").write_text(f"{scope}\n")
    monkeypatch.setattr(ptrace, "SCOPE", tmp_path / "ptrace_scope")

    def refuse(_self: object, _pid: int) -> None:
        raise frida.PermissionDeniedError("unable to access process due to system restrictions")

    monkeypatch.setattr(type(frida.get_local_device()), "attach", refuse)
    found = probe(virtual)
    assert found.where is None
    assert "the kernel refused" in found.why_not
    assert remedy in found.remedy
    assert best_sink(found)[0] == "mirror"
    assert server(found).status == "warn"


@pytest.mark.parametrize(
    ("name", "local", "what"),
    [
        ("PermissionDeniedError", False, "refused"),
        ("ProcessNotFoundError", True, "the app has ended"),
        ("ProcessNotRespondingError", False, "may defend itself"),
        ("ServerNotRunningError", False, "the link to Frida on the phone broke"),
        ("ProtocolError", False, "does not speak the language"),
        ("OperationCancelledError", False, "did not finish within 3 s"),
        ("NotSupportedError", False, "not possible"),
        ("InvalidArgumentError", False, "failed"),
    ],
)
def test_what_frida_raises_is_said_in_our_words_with_a_remedy(frida: Any, name: str, local: bool, what: str) -> None:
    error = explain("test", "entering org.example", 3, getattr(frida, name)("its words"), local)
    assert what in error.message
    assert error.remedy


def test_every_error_of_frida_is_one_of_ours(frida: Any) -> None:
    for name in dir(frida):
        if name.endswith("Error"):
            with pytest.raises(AgentError), within("test", "x", 5):
                raise getattr(frida, name)("its words")


def test_without_frida_there_is_one_line_that_says_how_to_get_it(
    virtual: Phone, heard: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from backend.phones.agent.host import AgentHost
    from backend.phones.agent.scope import Scope

    monkeypatch.setitem(sys.modules, "frida", None)
    monkeypatch.setattr(frida_library, "version", _no_package)
    with pytest.raises(AgentError, match="the extra `agent` is not installed") as error:
        library("test")
    assert "pip install 'mindproof[agent]'" in error.value.remedy
    found = probe(virtual)
    assert best_sink(found)[0] == "mirror"
    with AgentHost(virtual, Scope(), heard.message, heard.state, script=lambda: "") as one:
        heard.until(lambda: one.state.kind == "unavailable")
        assert "the extra `agent` is not installed" in one.state.detail


def _no_package(_name: str) -> str:
    from importlib.metadata import PackageNotFoundError

    raise PackageNotFoundError("frida")


def test_everything_can_be_imported_without_frida() -> None:
    program = (
        "import sys; sys.modules['frida'] = sys.modules['frida_tools'] = None\n"
        "import importlib, pkgutil, backend.phones.agent as agent, backend.phones.doctor\n"
        "[importlib.import_module(m.name) for m in pkgutil.iter_modules(agent.__path__, 'backend.phones.agent.')]\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
