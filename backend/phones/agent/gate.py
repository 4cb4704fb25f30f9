"""Holding apps at their start until the agent is in, so that it sees the first text that is set.

- On the virtual phone: Android's debug app, which waits for its debugger (``am set-debug-app -w``), and is let go by
  the handshake of ``jdwp:PID``.
- Where frida-server is: its spawn gating, which suspends every new process.
- A gadget holds its own app, if it was configured so (``"on_load": "wait"``).

Whatever happens here, no app stays held: the virtual phone's go on after ten seconds, frida-server's when the last
of us leaves, and `SpawnGate` lets each go in time.
"""

from __future__ import annotations

import logging
import queue
import shlex
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from backend.errors import AgentError, PhoneError
from backend.phones.agent.frida_library import within
from backend.phones.agent.scope import AppRef, Scope
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

CALL_S = 5.0
HELD_S = 8.0
"""No app is held longer, whatever the agent does."""
GADGET_APP = "re.frida.Gadget"
"""What a gadget calls the one app it knows."""
HANDSHAKE = b"JDWP-Handshake"


class Gate(Protocol):
    """`held`: apps wait until `release`. `waits_for_hello`: the agent begins while the app waits."""

    held: bool
    waits_for_hello: bool

    def open(self) -> None: ...

    def renew(self) -> None:
        """Hold apps again, should somebody have stopped that. Raises PhoneError."""
        ...

    def rescope(self, scope: Scope) -> None:
        """Hold apps of `scope` from now on, and no others. Raises PhoneError."""
        ...

    def hold(self, app: AppRef) -> None:
        """`app` is about to be entered, and should not go on because of that."""
        ...

    def release(self, app: AppRef) -> None:
        """Let `app` go on, if it waits."""
        ...

    def close(self) -> None:
        """Hold no more apps, and let go those that are held."""
        ...


class NoGate:
    """Apps are entered while they run."""

    held = False
    waits_for_hello = False

    def open(self) -> None:
        """Nothing to do."""

    def renew(self) -> None:
        """Nothing to do."""

    def rescope(self, scope: Scope) -> None:
        """Nothing to do."""

    def hold(self, app: AppRef) -> None:
        """Nothing is held."""

    def release(self, app: AppRef) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""


class DebugAppGate:
    """The virtual phone's, whose setting takes several packages. What was set before comes back on `close`."""

    held = True
    waits_for_hello = True

    def __init__(self, phone: Phone, scope: Scope) -> None:
        self._phone, self._scope = phone, scope
        self._before: dict[str, str] = {}
        self._wanted: dict[str, str] = {}

    def open(self) -> None:
        wanted = self._wanted = self._now_wanted()
        before = {name: self._phone.shell(f"settings get global {name}").out.strip() for name in wanted}
        # What a backend left that ended without closing its gate is nobody's wish.
        self._before = dict.fromkeys(wanted, "") if before == wanted or "," in before["debug_app"] else before
        self._put(wanted)

    def renew(self) -> None:
        """The phone stops holding apps when one has waited in vain."""
        if self._phone.shell("settings get global debug_app").out.strip() != self._wanted["debug_app"]:
            self._put(self._wanted)

    def rescope(self, scope: Scope) -> None:
        self._scope = scope
        self._wanted = self._now_wanted()
        self._put(self._wanted)

    def hold(self, app: AppRef) -> None:
        """It waits by itself."""

    def release(self, app: AppRef) -> None:
        try:
            with self._phone.lane() as lane:
                stream = lane.duplex(f"jdwp:{app.pid}")
                timer = threading.Timer(CALL_S, stream.close)
                timer.start()
                try:
                    stream.write(HANDSHAKE)
                    stream.read()
                finally:
                    timer.cancel()
                    timer.join()
                    stream.close()
        except (PhoneError, OSError) as error:
            log.debug("%s was not told to go on; it does by itself: %s", app.package, error)

    def close(self) -> None:
        try:
            self._put(self._before)
        except PhoneError as error:
            log.warning("%s still has the debug app we set: %s", self._phone.serial, error)

    def _now_wanted(self) -> dict[str, str]:
        listed = self._phone.shell("pm list packages").out.split()
        names = [name for name in (line.removeprefix("package:") for line in listed) if self._scope.takes(name)]
        return {"debug_app": ",".join(names), "wait_for_debugger": "1"}

    def _put(self, values: dict[str, str]) -> None:
        for name, value in values.items():
            if value in ("", "null"):
                self._phone.shell(f"settings delete global {name}")
            else:
                self._phone.shell(f"settings put global {name} {shlex.quote(value)}")


class GadgetGate:
    """Lets an app go whose gadget waits; one that does not wait takes no harm.

    A gadget lets its app go when somebody attaches, unless it was asked to "spawn" that app before: it then waits until
    it is told to resume (https://frida.re/docs/gadget/, "Listen").
    """

    held = True
    waits_for_hello = False

    def __init__(self, serial: str, device: Any) -> None:
        self._serial, self._device = serial, device

    def open(self) -> None:
        """The gadget holds by itself."""

    def renew(self) -> None:
        """The gadget holds by itself."""

    def rescope(self, scope: Scope) -> None:
        """The gadget holds its own app, whatever the scope; it is let go when it is entered."""

    def hold(self, app: AppRef) -> None:
        try:
            with within(self._serial, f"holding {app.package}", CALL_S):
                self._device.spawn(GADGET_APP)
        except AgentError as error:
            log.debug("the gadget in %s goes on when it is entered: %s", app.package, error)

    def release(self, app: AppRef) -> None:
        _resume(self._serial, self._device, app.pid)

    def close(self) -> None:
        """The gadget holds by itself."""


class SpawnGate:
    """frida-server's. Processes out of scope go on at once; `on_held` hears of the others, which wait for `release`."""

    held = True
    waits_for_hello = False

    def __init__(self, serial: str, device: Any, scope: Scope, on_held: Callable[[AppRef], None]) -> None:
        self._serial, self._device, self._scope, self._on_held = serial, device, scope, on_held
        self._spawned: queue.SimpleQueue[AppRef | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting: dict[AppRef, float] = {}
        self._thread = threading.Thread(target=self._run, name=f"app gate {serial}", daemon=True)

    def open(self) -> None:
        """Raises AgentError where Frida cannot."""
        self._device.on("spawn-added", self._added)
        with within(self._serial, "holding apps at their start", CALL_S):
            self._device.enable_spawn_gating()
        self._thread.start()

    def renew(self) -> None:
        """It lasts as long as the device, and nobody else ends it."""

    def rescope(self, scope: Scope) -> None:
        self._scope = scope
        with self._lock:
            others = [app for app in self._waiting if not scope.takes(app.package)]
        for app in others:
            self.release(app)

    def hold(self, app: AppRef) -> None:
        """It is held since it was spawned."""

    def release(self, app: AppRef) -> None:
        with self._lock:
            if self._waiting.pop(app, None) is None:
                return
        _resume(self._serial, self._device, app.pid)

    def close(self) -> None:
        self._device.off("spawn-added", self._added)
        if self._thread.ident is None:
            return
        self._spawned.put(None)
        self._thread.join(2 * CALL_S)
        try:
            with within(self._serial, "letting apps start freely", CALL_S):
                self._device.disable_spawn_gating()  # which lets go all that are held
        except AgentError as error:
            log.debug("spawn gating of %s: %s", self._serial, error)

    def _added(self, spawn: Any) -> None:
        """On Frida's thread, where nothing may be asked of Frida."""
        self._spawned.put(AppRef(str(spawn.identifier or ""), int(spawn.pid)))

    def _run(self) -> None:
        while True:
            try:
                app = self._spawned.get(timeout=1.0)
            except queue.Empty:
                self._let_go_the_late()
                continue
            if app is None:
                return
            if self._scope.takes(app.package) and ":" not in app.package:  # an app's main process
                with self._lock:
                    self._waiting[app] = time.monotonic()
                self._on_held(app)
            else:
                _resume(self._serial, self._device, app.pid)
            self._let_go_the_late()

    def _let_go_the_late(self) -> None:
        now = time.monotonic()
        with self._lock:
            late = [app for app, since in self._waiting.items() if now - since > HELD_S]
            for app in late:
                del self._waiting[app]
        for app in late:
            log.warning("%s of %s was held for %g s without an agent; it goes on", app.package, self._serial, HELD_S)
            _resume(self._serial, self._device, app.pid)


def _resume(serial: str, device: Any, pid: int) -> None:
    try:
        with within(serial, f"letting process {pid} go on", CALL_S):
            device.resume(pid)
    except AgentError as error:
        log.debug("process %d did not wait, or is gone: %s", pid, error)
