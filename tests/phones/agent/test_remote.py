"""Frida over TCP, through an ADB forward. Frida's portal plays frida-server: it speaks the same language, and processes
of this machine that join it are the phone's apps.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.errors import AgentError
from backend.phones.agent.capabilities import best_sink, probe
from backend.phones.agent.frida_library import LinkLost, library_version
from backend.phones.agent.gate import GadgetGate, SpawnGate
from backend.phones.agent.host import AgentHost
from backend.phones.agent.messages import Configure, Ping
from backend.phones.agent.reach import Reach
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.agent.server import PORT
from backend.phones.phone import Phone
from device_agent.virtual_phone.adb import shell_protocol as v2

APP = "org.example"  # what the scripted phone shows


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe_socket:
        return int(probe_socket.getsockname()[1])


class Server:
    """A stand-in for frida-server, with the processes that have joined it."""

    def __init__(self, frida: Any) -> None:
        self._frida = frida
        self.cluster, self.control = _free_port(), _free_port()
        self.app = 0
        self._joined: list[Any] = []
        self._portal: Any = None

    def start(self) -> None:
        def at(port: int) -> Any:
            return self._frida.EndpointParameters(address="127.0.0.1", port=port)

        self._portal = self._frida.PortalService(at(self.cluster), at(self.control))
        self._portal.start()

    def stop(self) -> None:
        """End. Frida may crash a process whose portal vanishes while somebody is in it: it is not used again."""
        self._joined.clear()
        if self._portal is not None:
            self._portal.stop()
            self._portal = None

    def take(self, pid: int) -> None:
        """Have the process join: it is the phone's app from now on."""
        self.app = pid
        session = self._frida.attach(pid)
        self._joined.append((session, session.join_portal(f"127.0.0.1:{self.cluster}")))


@pytest.fixture
def server(frida: Any, scripted: Any, process: subprocess.Popen[bytes]) -> Iterator[Server]:
    """frida-server runs on the scripted phone, and `process` is its app."""
    one = Server(frida)
    one.start()
    one.take(process.pid)
    scripted.ports[PORT] = one.control
    scripted.commands |= {
        f"pidof {APP}": lambda stream: _out(stream, f"{one.app}\n".encode()),
        "ps -A": lambda stream: _out(stream, f"  PID NAME\n{one.app} {APP}\n 9001 frida-server\n".encode()),
        "id": b"uid=2000(shell)\n",
        "logcat": _silent_log,
    }
    yield one
    one.stop()


def _out(stream: Any, data: bytes) -> None:
    stream.write(v2.encode(v2.STDOUT, data))


def _silent_log(stream: Any) -> None:
    stream.write(b"--------- beginning of main\n")
    stream.read()


@pytest.fixture
def host(server: Server, phone: Phone, heard: Any, agent: str) -> Iterator[AgentHost]:
    with AgentHost(phone, Scope((APP,)), heard.message, heard.state, script=lambda: agent) as one:
        yield one


def test_an_app_is_entered_hears_and_is_left_over_the_forward(host: AgentHost, heard: Any) -> None:
    host.configure(Configure(texts=True))
    heard.until_kind("attached", APP)
    assert host.state.detail == "server"
    assert host.send(APP, Ping(seq=1))
    heard.until(lambda: heard.echoes() == ["configure", "ping"])
    host.stop()
    assert heard.types()[-1] == "bye"


def test_a_server_that_ends_is_reported_and_the_app_entered_again_when_it_is_back(
    host: AgentHost, server: Server, spawn: Callable[[], subprocess.Popen[bytes]], heard: Any
) -> None:
    heard.until_kind("attached", APP)
    server.stop()
    heard.until(lambda: host.state.kind == "unavailable")
    assert host.attached == ()
    assert host.state.remedy
    server.start()
    server.take(spawn().pid)  # the phone has restarted
    heard.until_kind("attached", APP, times=2)


def test_a_phone_that_leaves_and_comes_back_is_entered_again(host: AgentHost, scripted: Any, heard: Any) -> None:
    heard.until_kind("attached", APP)
    scripted.stop()
    heard.until(lambda: host.state.kind == "unavailable")
    scripted.start()
    heard.until_kind("attached", APP, times=2)


def test_what_listens_there_and_is_not_frida_is_an_error_not_a_wait(scripted: Any, phone: Phone, frida: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        scripted.ports[PORT] = listener.getsockname()[1]
        listener.settimeout(10)

        def hang_up() -> None:
            for _ in range(2):
                client, _ = listener.accept()
                client.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(LinkLost, match="asking Frida on the phone"):
            Reach(phone)
        thread.join()


def test_a_gadget_is_told_from_a_server(
    frida: Any, scripted: Any, phone: Phone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = shutil.copy(shutil.which("cat") or "/bin/cat", tmp_path / "Gadget")
    one = Server(frida)
    one.start()
    with subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as app:
        assert app.stdin is not None
        assert app.stdout is not None
        app.stdin.write(b"up\n")
        app.stdin.flush()
        assert app.stdout.readline() == b"up\n"  # Frida may wait forever for one that is still being loaded
        one.take(app.pid)
        scripted.ports[PORT] = one.control
        scripted.commands |= {f"pidof {APP}": f"{app.pid}\n".encode(), "id": b"uid=2000(shell)\n"}
        reach = Reach(phone)
        assert reach.where == "gadget"
        GadgetGate(phone.serial, reach.device).release(AppRef(APP, app.pid))  # it did not wait: no harm
        reach.close()
        found = probe(phone)
        assert found.where == "gadget"
        assert best_sink(found)[0] == "app"
        one.stop()
        app.kill()


def test_over_usb_it_says_what_to_do(frida: Any, scripted: Any, phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(phone), "takes_lanes", property(lambda _: False))
    with pytest.raises(AgentError, match="over USB") as error:
        Reach(phone)
    assert "adb tcpip 5555" in error.value.remedy


def test_the_probe_finds_the_server_and_recommends_the_app(server: Server, phone: Phone) -> None:
    found = probe(phone)
    assert (found.where, found.library, found.server) == ("server", library_version(), "?")
    assert best_sink(found)[0] == "app"


class Gating:
    """Frida's device, as far as spawn gating goes."""

    def __init__(self) -> None:
        self.resumed: list[int] = []
        self.gating = False
        self.listeners: list[Callable[[Any], None]] = []

    def on(self, _signal: str, listener: Callable[[Any], None]) -> None:
        self.listeners.append(listener)

    def off(self, _signal: str, listener: Callable[[Any], None]) -> None:
        self.listeners.remove(listener)

    def enable_spawn_gating(self) -> None:
        self.gating = True

    def disable_spawn_gating(self) -> None:
        self.gating = False

    def resume(self, pid: int) -> None:
        self.resumed.append(pid)

    def spawn(self, identifier: str, pid: int) -> None:
        spawn = type("Spawn", (), {"identifier": identifier, "pid": pid})()
        for listener in list(self.listeners):
            listener(spawn)


def test_a_spawned_app_in_scope_waits_and_all_others_go_on(
    frida: Any, eventually: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    device, held = Gating(), list[AppRef]()
    gate = SpawnGate("test", device, Scope(("org.example.*",)), held.append)
    gate.open()
    assert device.gating
    device.spawn("com.android.settings", 1)
    device.spawn("org.example.chat", 2)
    device.spawn("org.example.chat:remote", 3)
    device.spawn("org.example.feed", 4)
    eventually(lambda: held == [AppRef("org.example.chat", 2), AppRef("org.example.feed", 4)])
    assert device.resumed == [1, 3]
    gate.release(held[0])
    gate.release(held[0])
    assert device.resumed == [1, 3, 2]
    monkeypatch.setattr("backend.phones.agent.gate.HELD_S", 0.0)
    eventually(lambda: device.resumed == [1, 3, 2, 4])  # whose agent never came
    gate.close()
    assert not device.gating
    assert device.listeners == []


def test_a_gadget_is_claimed_before_it_is_entered_and_told_to_go_on_after(frida: Any) -> None:
    calls: list[tuple[str, object]] = []
    device = type("Device", (), {})()
    device.spawn = lambda name: calls.append(("spawn", name))
    device.resume = lambda pid: calls.append(("resume", pid))
    gate = GadgetGate("test", device)
    gate.hold(AppRef(APP, 7))
    gate.release(AppRef(APP, 7))
    assert calls == [("spawn", "re.frida.Gadget"), ("resume", 7)]
