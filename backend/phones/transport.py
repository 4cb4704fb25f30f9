"""One connection to one phone's ADB daemon: commands, byte streams and files, with every failure as one of our errors.

An `AdbTransport` is one lane: a lock lets one operation run at a time, because the library's streams on one
connection wait for each other. Lanes that must not wait (video, UI tree, touches) are separate transports; over TCP a
phone takes several, over USB one.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import NoReturn

from adb_shell import exceptions as adb
from adb_shell.transport.base_transport import BaseTransport

from backend.errors import PhoneError, PhoneGone, PhoneUnauthorised
from backend.phones.duplex import Duplex
from backend.phones.keys import HostKey
from backend.phones.serials import TcpSerial, UsbSerial, parse_serial
from backend.phones.shell_protocol import ShellResult, read_shell
from backend.phones.usb import explain_usb, open_usb, usb_errors
from backend.phones.wire import AdbConnection, ServiceRefused, TcpLink

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 5.0
ACCEPT_TIMEOUT_S = 2.0
"""How long a connection waits for somebody to accept our key; whoever wants to wait longer connects again."""
UNACCEPTED = "it has not accepted this computer's key"
HOW_TO_ACCEPT = "unlock the phone and answer 'Allow USB debugging?' with 'Always allow from this computer'"
USE_TCP = "give it a TCP port once, 'adb tcpip 5555', and use its address: 192.168.1.20:5555"
STREAM_SILENCE_S = 3600.0
"""A video stream of a still screen is silent; only the end of the connection ends it."""


class AdbTransport:
    """A lane to the phone `serial`, safe for many threads. It connects when first used, and again after a failure."""

    def __init__(
        self,
        serial: str,
        key: HostKey,
        accept_timeout_s: float = ACCEPT_TIMEOUT_S,
        connect_timeout_s: float = CONNECT_TIMEOUT_S,
    ) -> None:
        self.serial = serial
        self._address = parse_serial(serial)
        self._key = key
        self._accept_timeout_s = accept_timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._on_asked: Callable[[], None] | None = None
        self._lock = threading.RLock()
        self._link: BaseTransport | None = None
        self._connection: AdbConnection | None = None
        self._asked_to_accept = False
        self._closed = False

    @property
    def takes_lanes(self) -> bool:
        """Whether the phone takes further connections beside this one."""
        return isinstance(self._address, TcpSerial)

    def lane(self) -> AdbTransport:
        """Another transport to the same phone, not connected yet. Only where `takes_lanes`."""
        return AdbTransport(self.serial, self._key, self._accept_timeout_s, self._connect_timeout_s)

    def connect(self, accept_timeout_s: float | None = None, on_asked: Callable[[], None] | None = None) -> None:
        """Be connected.

        Args:
            accept_timeout_s: wait so long, instead of this transport's own time, for somebody to accept our key.
            on_asked: called when the phone begins to ask its owner.

        Raises:
            PhoneGone: when nobody answers there.
            PhoneUnauthorised: when the phone does not (yet) accept our key.
            PhoneError: when whoever answers does not speak ADB as we do.
        """
        with self._lock:
            usual_s = self._accept_timeout_s
            self._accept_timeout_s = usual_s if accept_timeout_s is None else accept_timeout_s
            self._on_asked = on_asked
            try:
                self._ready()
            finally:
                self._accept_timeout_s, self._on_asked = usual_s, None

    def close(self) -> None:
        """End the connection; an operation under way on another thread fails at once."""
        self._closed = True
        self.interrupt()
        with self._lock:
            self._drop()

    def shell(self, command: str, timeout_s: float = 10.0) -> ShellResult:
        """Run `command` and wait for its exit code. Raises PhoneError when it takes longer than `timeout_s`."""
        with self._lock, self._translated(f"the command {_brief(command)!r}", timeout_s):
            chunks = self._ready().service("shell,v2,raw", command, timeout_s, timeout_s)
            return read_shell(self.serial, chunks)

    def exec_out(self, command: str, timeout_s: float = 10.0) -> bytes:
        """The bytes that `command` writes, unchanged by any terminal; its errors mix in unless it redirects them."""
        with self._lock, self._translated(f"the command {_brief(command)!r}", timeout_s):
            return b"".join(self._ready().service("exec", command, timeout_s, timeout_s))

    def interrupt(self) -> None:
        """Break the connection under whoever uses it now, from any thread; the next use connects again (TCP only)."""
        link = self._link
        if isinstance(link, TcpLink):
            link.abort()

    def stream(self, command: str, first_s: float, quiet_s: float) -> Iterator[bytes]:
        """What `command` writes, as it comes. Holds the lane until exhausted; closing it early ends the connection.

        The first bytes must come within `first_s`; after that silence is fine. An empty chunk says that nothing more
        came within `quiet_s` after a chunk.
        """
        with self._lock, self._translated(f"the stream of {_brief(command)!r}", STREAM_SILENCE_S):
            chunks = self._ready().service("exec", command, None, STREAM_SILENCE_S)
            link, ended = self._link, False
            try:
                if isinstance(link, TcpLink) and not link.readable(first_s):
                    raise PhoneError(self.serial, f"{_brief(command)!r} wrote nothing within {first_s:g} s", "")
                for chunk in chunks:
                    yield chunk
                    if isinstance(link, TcpLink) and not link.readable(quiet_s):
                        yield b""
                ended = True
            finally:
                if not ended:
                    self._drop()

    def duplex(self, service: str) -> Duplex:
        """A stream both ways to a service of the phone: ``tcp:27042``, ``jdwp:4711``.

        It takes this lane for itself: nothing else may be asked of it until the stream has been closed (TCP only).

        Raises:
            PhoneError: nothing is there.
        """
        with self._lock, self._translated(f"opening {service}", self._connect_timeout_s):
            connection = self._ready()
            if not isinstance(self._link, TcpLink):
                raise PhoneError(self.serial, "over USB there are no streams both ways", USE_TCP)
            try:
                return connection.duplex(service, self._link, self._connect_timeout_s)
            except ServiceRefused as error:
                raise PhoneError(self.serial, f"nothing is at {service} on the phone") from error

    def take(self) -> tuple[TcpLink, int]:
        """The connection itself, for whoever speaks ADB on it alone from now on, and the bytes a packet may carry.

        Nothing else may be asked of this lane afterwards than to be closed (TCP only).

        Raises:
            PhoneError: it cannot be connected, or is not TCP.
        """
        with self._lock, self._translated("the connection", self._connect_timeout_s):
            connection = self._ready()
            if not isinstance(self._link, TcpLink):
                raise PhoneError(self.serial, "over USB there are no streams both ways", USE_TCP)
            return self._link, connection.max_payload

    def push(self, content: bytes | Path, remote: str, timeout_s: float = 60.0) -> None:
        """Write `content` (bytes, or a local file's) to the file `remote` on the phone."""
        if isinstance(content, Path) and not content.is_file():
            raise PhoneError(self.serial, f"cannot send {content}: there is no such file", "check the path")
        source = str(content) if isinstance(content, Path) else BytesIO(content)
        with self._lock, self._translated(f"writing {remote}", timeout_s):
            self._ready().push(source, remote, read_timeout_s=timeout_s)

    def pull(self, remote: str, timeout_s: float = 60.0) -> bytes:
        """The content of the file `remote` on the phone."""
        content = BytesIO()
        with self._lock, self._translated(f"reading {remote}", timeout_s):
            self._ready().pull(remote, content, read_timeout_s=timeout_s)
        return content.getvalue()

    def _ready(self) -> AdbConnection:
        self._refuse_if_closed()
        if isinstance(self._link, TcpLink) and self._link.readable(0):
            # Nothing is due on an idle connection: this is its end, or the rest of something broken off.
            self._drop()
        if self._connection is None:
            self._connection = self._open()
            self._refuse_if_closed()  # by another thread, meanwhile
        return self._connection

    def _refuse_if_closed(self) -> None:
        if self._closed:
            self._drop()
            raise PhoneGone(self.serial, "the link was closed", "connect again")

    def _open(self) -> AdbConnection:
        self._asked_to_accept = False
        with self._translated("the connection", self._connect_timeout_s):
            if isinstance(self._address, UsbSerial):
                self._link = open_usb(self._address.serial)
            else:
                self._link = TcpLink(self._address.host, self._address.port)
            connection = AdbConnection(self._link)
            connection.connect(
                [self._key.signer],
                transport_timeout_s=self._connect_timeout_s,
                read_timeout_s=self._connect_timeout_s,
                auth_timeout_s=self._accept_timeout_s,
                auth_callback=self._on_asked_to_accept,
            )
            self._asked_to_accept = False
        log.debug("connected to %s", self.serial)
        return connection

    def _on_asked_to_accept(self, _connection: object) -> None:
        self._asked_to_accept = True
        if self._on_asked is not None:
            self._on_asked()

    def _drop(self) -> None:
        link, self._link, self._connection = self._link, None, None
        if link is not None:
            link.close()

    @contextmanager
    def _translated(self, what: str, timeout_s: float) -> Iterator[None]:
        """Turn what the library and the system raise into our errors; a connection that is out of step is dropped."""
        try:
            yield
        except PhoneError:
            self._drop()
            raise
        except (adb.AdbCommandFailureException, adb.PushFailedError) as error:
            raise PhoneError(self.serial, f"{what} failed: {_text(error)}", "check the path on the phone") from error
        except ServiceRefused as error:
            raise PhoneError(
                self.serial, f"it has no service {str(error)!r}", "Mindproof needs Android 8 or later"
            ) from error
        except FAILURES + usb_errors() as error:
            self._drop()
            self._fail(what, timeout_s, error)

    def _fail(self, what: str, timeout_s: float, error: Exception) -> NoReturn:
        if self._asked_to_accept:
            raise PhoneUnauthorised(self.serial, UNACCEPTED, HOW_TO_ACCEPT) from error
        for kinds, explain in EXPLANATIONS:
            if isinstance(error, kinds):
                raise explain(self.serial, what, timeout_s, error) from error
        explained = explain_usb(error)
        if explained is not None:
            raise PhoneGone(self.serial, *explained) from error
        raise PhoneGone(
            self.serial,
            f"the link broke during {what}: {_text(error)}",
            "check the cable or the network, and that USB or wireless debugging is on",
        ) from error


def _late(serial: str, what: str, timeout_s: float, error: Exception) -> PhoneError:
    if what == "the connection":
        return PhoneGone(serial, f"nothing that speaks ADB answered within {timeout_s:g} s", _TURN_ON)
    return PhoneError(serial, f"{what} did not finish within {timeout_s:g} s", "see whether the phone still responds")


def _refused(serial: str, what: str, timeout_s: float, error: Exception) -> PhoneError:
    return PhoneGone(serial, "nothing listens there", _TURN_ON)


def _garbled(serial: str, what: str, timeout_s: float, error: Exception) -> PhoneError:
    if "STLS" in str(error):
        return PhoneError(
            serial,
            "it wants an encrypted connection (wireless debugging with a pairing code), which Mindproof does not speak",
            "connect it by USB once, run 'adb tcpip 5555', and use its address with port 5555",
        )
    return PhoneError(
        serial, f"it answered {what} with something that is not ADB: {_text(error)}", "check the address and port"
    )


_TURN_ON = "switch on USB or wireless debugging in the phone's developer options, and check the address"

Explain = Callable[[str, str, float, Exception], PhoneError]
EXPLANATIONS: tuple[tuple[tuple[type[Exception], ...], Explain], ...] = (
    ((adb.TcpTimeoutException, adb.AdbTimeoutError, TimeoutError), _late),
    ((ConnectionRefusedError,), _refused),
    ((adb.InvalidCommandError, adb.InvalidChecksumError, adb.InvalidResponseError, ValueError, KeyError), _garbled),
)
FAILURES: tuple[type[Exception], ...] = (
    adb.AdbTimeoutError,
    adb.AdbConnectionError,
    adb.DeviceAuthError,
    adb.InvalidChecksumError,
    adb.InvalidCommandError,
    adb.InvalidResponseError,
    adb.TcpTimeoutException,
    adb.UsbDeviceNotFoundError,
    adb.UsbReadFailedError,
    adb.UsbWriteFailedError,
    OSError,
    ValueError,
    KeyError,
)
"""KeyError and ValueError: what the library raises for a file-sync answer or a header it cannot unpack."""


def _brief(command: str) -> str:
    """What is run, without what it is given: that may be something a person typed."""
    words = command.split(" ")
    return " ".join([*words[:2], "..."]) if len(words) > 2 else command


def _text(error: Exception) -> str:
    return str(error) or type(error).__name__
