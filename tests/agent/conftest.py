"""The real agent in a real app of the virtual phone: Frida attaches to the app's JVM and loads the script."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from device_agent.virtual_phone.build import JAR
from device_agent.virtual_phone.phone import VirtualPhone

frida = pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")

from device_agent.agent.build import bundle, java_bridge  # noqa: E402
from tests.virtual_phone.probe_app import probe_jar  # noqa: E402, F401  a fixture

TIMEOUT_S = 10.0


@dataclass
class Received:
    """One message of the agent, and its binary part."""

    payload: dict[str, Any]
    data: bytes | None
    at: float = field(default_factory=time.monotonic)


class Injected:
    """The agent in one process. Messages are kept in the order they came; errors of the script fail the wait."""

    def __init__(self, pid: int, script: str) -> None:
        self.pid = pid
        self.received: list[Received] = []
        self.errors: list[str] = []
        self.detached = ""
        self.others: list[Any] = []
        self._changed = threading.Condition()
        self.session = frida.attach(pid)
        self.session.on("detached", self._on_detached)
        self.script = self.session.create_script(script, name="agent")
        self.script.on("message", self._on_message)
        self.script.load()

    def _on_message(self, message: dict[str, Any], data: bytes | None) -> None:
        with self._changed:
            if message["type"] == "send":
                self.received.append(Received(message["payload"], data))
            else:
                self.errors.append(message.get("stack") or message.get("description") or str(message))
            self._changed.notify_all()

    def _on_detached(self, reason: str, *_: object) -> None:
        with self._changed:
            self.detached = reason
            self._changed.notify_all()

    def post(self, type_: str, **fields: object) -> None:
        """Send the agent a message."""
        self.script.post({"v": 1, "type": type_, **fields})

    def messages(self, type_: str) -> list[dict[str, Any]]:
        """All messages of a type so far."""
        with self._changed:
            return [one.payload for one in self.received if one.payload["type"] == type_]

    def until(self, condition: Callable[[], Any], what: str, timeout_s: float = TIMEOUT_S) -> Any:
        """What `condition` gives as soon as it is true; looked at after every message."""
        deadline = time.monotonic() + timeout_s
        while True:
            if found := condition():
                return found
            with self._changed:
                assert not self.errors, self.errors
                left = deadline - time.monotonic()
                assert left > 0, f"waited in vain for {what}; came: {self._summary()}"
                self._changed.wait(min(left, 0.05))

    def wait_for(
        self, type_: str, predicate: Callable[[dict[str, Any]], bool] = lambda _: True, timeout_s: float = TIMEOUT_S
    ) -> dict[str, Any]:
        """The first message of the type that the predicate accepts, come already or still to come."""

        def first() -> dict[str, Any] | None:
            return next((one for one in self.messages(type_) if predicate(one)), None)

        found: dict[str, Any] = self.until(first, f"a message {type_}", timeout_s)
        return found

    def binary_of(self, payload: dict[str, Any]) -> bytes:
        """The binary part of a message that came."""
        return next(one.data for one in self.received if one.payload is payload) or b""

    def settle(self, seq: int) -> dict[str, Any]:
        """Wait until everything posted so far is done: the main thread answers a ping."""
        self.post("ping", seq=seq)
        return self.wait_for("pong", lambda pong: pong["seq"] == seq)

    def leave(self) -> dict[str, Any]:
        """Have the agent undo everything; its Bye."""
        self.post("leave")
        return self.wait_for("bye")

    def close(self) -> None:
        """Unload; harmless when the app is gone."""
        # Scripts share a thread; the first to come attached it to Java, and must be the last to go.
        for end in (*(script.unload for script in self.others), self.script.unload, self.session.detach):
            with suppress(frida.InvalidOperationError, frida.TransportError):
                end()

    def _summary(self) -> str:
        return ", ".join(f"{one.payload['type']}" for one in self.received[-12:]) + f" {self.messages('problem')}"


class AppPhone:
    """A virtual phone, and the app that is in front."""

    def __init__(self, phone: VirtualPhone) -> None:
        self.phone = phone

    def open(self, app: str) -> int:
        """Start an app anew; its process id."""
        self.phone.force_stop(f"org.mindproof.{app}")
        self.phone.start_activity(f"org.mindproof.{app}", None)

        def pid() -> int:
            front = self.phone.foreground()
            return front[2] if front is not None and front[0].name == f"org.mindproof.{app}" else 0

        found: int = self.until(pid, f"{app} to be in front")
        self.until(lambda: len(self.nodes()) > 10, f"{app} to draw")
        self.rest()
        return found

    def nodes(self) -> list[dict[str, str]]:
        """Attributes of every node that the phone's own tree shows."""
        return [dict(node.attrib) for node in ElementTree.fromstring(self.phone.dump_tree()).iter("node")]

    def texts(self, name: str = "") -> list[str]:
        """Texts on the screen, of views whose resource name ends so."""
        return [node["text"] for node in self.nodes() if node["text"] and node["resource-id"].endswith(name)]

    def box(self, name: str) -> tuple[int, int, int, int]:
        """Where the first view with this resource name is."""
        node = next(node for node in self.nodes() if node["resource-id"].endswith(f":id/{name}"))
        left, top, right, bottom = (int(n) for n in re.findall(r"-?\d+", node["bounds"]))
        return left, top, right, bottom

    def pixels(self, box: tuple[int, int, int, int] | None = None) -> np.ndarray:
        """``(height, width, 3)`` of the screen, or of a box of it."""
        shot = self.phone.screenshot()[:, :, :3]
        return shot if box is None else shot[box[1] : box[3], box[0] : box[2]]

    def scroll(self, dy: int) -> None:
        """Drag the content of the middle of the screen by `dy`, and let it come to rest."""
        x, y = self.phone.size[0] // 2, self.phone.size[1] // 2
        self.phone.swipe(x, y - dy // 2, x, y + dy // 2, 300)
        self.rest()

    def tap(self, name: str) -> None:
        left, top, right, bottom = self.box(name)
        self.phone.tap((left + right) // 2, (top + bottom) // 2)

    def until(self, condition: Callable[[], Any], what: str, timeout_s: float = TIMEOUT_S) -> Any:
        """Wait, from frame to frame, until the condition holds."""
        deadline = time.monotonic() + timeout_s
        while not (found := condition()):
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            self.phone.wait_for_frame(self.phone.frame_number(), 0.05)
        return found

    def rest(self) -> None:
        """Wait until a third of a second passes without a new frame."""
        frame = self.phone.frame_number()
        while (after := self.phone.wait_for_frame(frame, 0.35)) != frame:
            frame = after


DRIVER = """
Java.perform(() => {
    const loader = Java.use("java.net.URLClassLoader").$new(
        Java.array("java.net.URL", [Java.use("java.io.File").$new(FOLDER).toURI().toURL()]),
        Java.use("android.app.ActivityThread").class.getClassLoader());
    const driver = Java.retain(loader.loadClass("org.mindproof.driver.Driver"));
    const methods = driver.getDeclaredMethods();
    const types = { int: "java.lang.Integer", boolean: "java.lang.Boolean" };
    rpc.exports.call = (name, args) => {
        let result;
        Java.perform(() => {
            const method = methods.find((one) => one.getName() === name && one.getParameterCount() === args.length);
            const given = method.getParameterTypes().map((type, i) =>
                Java.use(types[type.getName()] ?? type.getName())[types[type.getName()] ? "valueOf" : "$new"](args[i]));
            const back = method.invoke(null, Java.array("java.lang.Object", given));
            result = back === null ? null : back.toString();
        });
        return result;
    };
});
"""


class Driver:
    """Code that runs as the app's own, on its main thread: calls of `driver/org/mindproof/driver/Driver.java`."""

    def __init__(self, agent: Injected, classes: Path) -> None:
        folder = f"const FOLDER = {json.dumps(str(classes))};"
        self.script = agent.session.create_script(f"{java_bridge()}\n{folder}\n{DRIVER}", name="driver")
        self.script.load()
        agent.others.append(self.script)

    def set(self, index: int, how: str, text: str) -> None:
        """Set a text; `how` is plain, chars, append, spannable, hint, description or null."""
        self.script.exports_sync.call("set", [index, how, text.encode("utf-16-be", "surrogatepass").hex()])

    def set_own(self, index: int, text: str) -> None:
        """Set a text that is an object of a kind of its own, as one with spans is."""
        self.script.exports_sync.call("setOwn", [index, text.encode("utf-16-be").hex()])

    def get(self, index: int) -> str:
        """What the app reads back."""
        return self._text("get", index)

    def shown(self, index: int) -> str:
        """What the view really has."""
        return self._text("shown", index)

    def _text(self, name: str, index: int) -> str:
        return bytes.fromhex(self.script.exports_sync.call(name, [index])).decode("utf-16-be", "surrogatepass")

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args: self.script.exports_sync.call(name, list(args))


@pytest.fixture(scope="session")
def driver_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled driver."""
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no javac on the PATH; install a JDK of version 17 or later")
    folder = tmp_path_factory.mktemp("driver")
    source = Path(__file__).parent / "driver/org/mindproof/driver/Driver.java"
    subprocess.run([javac, "--release", "17", "-cp", JAR, "-d", folder, source], check=True)
    return folder


@pytest.fixture
def drive(driver_classes: Path) -> Callable[[Injected], Driver]:
    """Brings the driver into an app beside the agent, through a script of its own."""
    return lambda injected: Driver(injected, driver_classes)


@pytest.fixture(scope="session")
def agent_script(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The script that is injected, compiled once."""
    return bundle(tmp_path_factory.mktemp("agent"))


@pytest.fixture(scope="module")
def app_phone() -> Iterator[AppPhone]:
    """A phone that the tests of a module share; each opens the app it needs anew."""
    with VirtualPhone(seed=1) as phone:
        yield AppPhone(phone)


@pytest.fixture
def inject(app_phone: AppPhone, agent_script: str) -> Iterator[Callable[..., Injected]]:
    """Opens an app and brings the agent into it, having said hello; everything ends with the test."""
    with ExitStack() as stack:

        def bring(
            app: str = "feed", *, pid: int | None = None, hello: bool = True, script: str = agent_script
        ) -> Injected:
            injected = Injected(pid or app_phone.open(app), script)
            stack.callback(injected.close)
            if hello:
                injected.wait_for("hello")
            return injected

        yield bring
