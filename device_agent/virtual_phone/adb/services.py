"""What OPEN may name (AOSP ``adb/SERVICES.TXT``)."""

from __future__ import annotations

from functools import partial

from device_agent.virtual_phone.adb.connection import Refused, Service
from device_agent.virtual_phone.adb.debugger import serve_debugger
from device_agent.virtual_phone.adb.forward import connect, relay
from device_agent.virtual_phone.adb.shell_service import parse_request, serve_shell
from device_agent.virtual_phone.adb.stream import Stream
from device_agent.virtual_phone.adb.sync import SyncService
from device_agent.virtual_phone.device import Device
from device_agent.virtual_phone.shell.files import PhoneFiles
from device_agent.virtual_phone.shell.registry import Session, Shared

PATH = "/product/bin:/apex/com.android.runtime/bin:/system/bin:/system/xbin:/vendor/bin"


class Services:
    """Finds the service for a name. The phone has no root and never leaves production: those services say so."""

    def __init__(self, device: Device, serial: str | None) -> None:
        self._device = device
        self._files = PhoneFiles(device.root)
        self._serial = serial
        self._shared = Shared()

    def find(self, name: str) -> Service:
        """The service that OPEN names.

        Raises:
            Refused: there is none.
        """
        kind, colon, rest = name.partition(":")
        kind, _, arguments = kind.partition(",")
        if colon and kind == "shell":
            return lambda stream: serve_shell(stream, parse_request(arguments, rest), self._session())
        if colon and kind == "exec":
            return lambda stream: serve_shell(stream, parse_request("raw", rest), self._session())
        if name == "sync:":
            return lambda stream: SyncService(stream, self._files).run()
        if kind == "tcp":
            return self._forward(rest)
        if kind == "jdwp" and colon:
            return self._debugger(rest)
        if kind in _REPLIES and colon:
            return partial(_say, _REPLIES[kind])
        raise Refused(f"no service {name[:80]!r} on this phone")

    def _session(self) -> Session:
        session = Session(self._device, self._files, self._shared)
        session.variables |= {
            "ANDROID_DATA": "/data",
            "ANDROID_ROOT": "/system",
            "EXTERNAL_STORAGE": "/sdcard",
            "HOME": "/",
            "HOSTNAME": self._device.properties.get("ro.product.device", "virtual"),
            "LOGNAME": "shell",
            "PATH": PATH,
            "SHELL": "/bin/sh",
            "TMPDIR": "/data/local/tmp",
            "USER": "shell",
        }
        if self._serial:
            session.variables["ANDROID_SERIAL"] = self._serial
        return session

    def _forward(self, port: str) -> Service:
        if not port.isdigit() or not 0 < int(port) < 65536:
            raise Refused(f"tcp:{port[:20]} is not a port")
        try:
            sock = connect(int(port))
        except OSError as error:
            raise Refused(f"nothing listens on tcp:{port}: {error.strerror or error}") from error
        return lambda stream: relay(stream, sock)

    def _debugger(self, pid: str) -> Service:
        if not pid.isdigit() or not any(one.pid == int(pid) for one in self._device.processes()):
            raise Refused(f"jdwp:{pid[:20]} is no process that can be debugged")
        return lambda stream: serve_debugger(stream, self._device, int(pid))


def _say(reply: bytes, stream: Stream) -> None:
    stream.write(reply)


_REPLIES: dict[str, bytes] = {
    "root": b"adbd cannot run as root in production builds\n",
    "unroot": b"adbd not running as root\n",
    "remount": b'Not running as root. Try "adb root" first.\n',
    "reboot": b"the virtual phone does not reboot; stop it and start it again\n",
    "tcpip": b"the virtual phone always listens on TCP\n",
    "usb": b"the virtual phone has no USB\n",
}
