"""Where Frida is reached for a phone: on this machine, at a server on the phone, or at a gadget in an app.

- *local*: the phone is virtual and its apps are processes of this machine. It tells so over ADB by the machine's mark
  (`device_agent.virtual_phone.host`), which no other machine, and no other boot or container of this one, bears.
- *server*: frida-server on the phone, over a forward.
- *gadget*: Frida's library inside an app that was rebuilt with it; it speaks the server's language, for that app alone.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from backend.errors import AgentError, PhoneError
from backend.phones import forward
from backend.phones.agent.frida_library import library, within
from backend.phones.agent.scope import AppRef
from backend.phones.agent.server import PORT, RunningServer, ensure_server, stop_server
from backend.phones.phone import Phone
from backend.phones.transport import USE_TCP
from device_agent.virtual_phone import host

log = logging.getLogger(__name__)

GADGET = "Gadget"
ASK_S = 10.0
Where = Literal["local", "server", "gadget"]


@dataclass(frozen=True, slots=True)
class FridaOptions:
    """What a person may say of Frida on a phone: a frida-server to push, and the port where one listens."""

    server_binary: Path | None = None
    port: int = PORT


def is_local(phone: Phone) -> bool:
    """Whether the phone's apps are processes of this machine. Raises PhoneError."""
    told = phone.shell(f"getprop {host.PROPERTY}").out.strip()
    return bool(told) and told == host.mark()


class Reach:
    """Frida's way to the apps of `phone`. `device` is Frida's; `close` ends what was started for it.

    Raises:
        AgentError: Frida is not installed, or there is nothing to reach and nothing that can be started.
        InputError: the supplied frida-server is none.
        PhoneError: the phone does not answer.
    """

    def __init__(self, phone: Phone, options: FridaOptions | None = None) -> None:
        self._phone = phone
        self._frida: ModuleType = library(phone.serial)
        self._forward: forward.Forward | None = None
        self.server: RunningServer | None = None
        self.where: Where = "local"
        self.device: Any
        options = options or FridaOptions()
        if is_local(phone):
            self.device = self._frida.get_local_device()
            return
        if not phone.takes_lanes:
            raise AgentError(phone.serial, "over USB the agent cannot be reached", USE_TCP)
        try:
            self._connect(options)
        except BaseException:
            self.close()
            raise

    @property
    def lost(self) -> bool:
        return bool(self.device.is_lost)

    def stage(self, app: AppRef) -> host.Stage:
        """Whether the process that the phone calls `app` is that app, and can be entered yet.

        On this machine no other process may be touched, and an agent in a virtual machine that is not up finds no Java.
        """
        return host.stage(app.pid, app.package) if self.where == "local" else "up"

    def close(self) -> None:
        """Forget the device, and stop a server that was started here. A phone that is gone is no error."""
        if self._forward is not None:
            self._frida.get_device_manager().remove_remote_device(self._forward.address)
            self._forward.close()
            self._forward = None
        server, self.server = self.server, None
        if server is not None:
            try:
                stop_server(self._phone, server)
            except PhoneError as error:
                log.warning("frida-server on %s may still run: %s", self._phone.serial, error)

    def _connect(self, options: FridaOptions) -> None:
        answered = forward.answers(self._phone, options.port)
        if not answered:
            self.server = ensure_server(self._phone, options.server_binary, options.port)
        self._forward = forward.Forward(self._phone, options.port)
        self.device = self._frida.get_device_manager().add_remote_device(self._forward.address)
        with within(self._phone.serial, "asking Frida on the phone for its processes", ASK_S):
            names = [process.name for process in self.device.enumerate_processes()]
        self.where = "gadget" if names == [GADGET] else "server"
        if answered and self.where == "server":
            self.server = ensure_server(self._phone, None, options.port)
