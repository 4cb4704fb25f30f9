"""A terminal's line discipline: echo, line editing, Ctrl-C and Ctrl-D, and ``\\n`` to ``\\r\\n`` on the way out."""

from __future__ import annotations

import threading

from device_agent.virtual_phone.shell.streams import Buffer, Pipe, Sink

CTRL_C, CTRL_D, CTRL_U = 0x03, 0x04, 0x15
ERASE = (0x08, 0x7F)


class Terminal:
    """Stands between a host's keyboard and a shell.

    Args:
        host: where echo and output go.
        lines: gets the input, a whole line at a time.
        stop: set by Ctrl-C.
    """

    def __init__(self, host: Sink, lines: Pipe, stop: threading.Event) -> None:
        self._host = host
        self._lines = lines
        self._stop = stop
        self._line = bytearray()

    def write(self, data: Buffer) -> None:
        """Output of a command."""
        self._host.write(bytes(data).replace(b"\n", b"\r\n"))

    def feed(self, keys: bytes) -> None:
        """Bytes from the keyboard."""
        echo = bytearray()
        for key in keys:
            if key in (0x0D, 0x0A):
                echo += b"\r\n"
                self._lines.write(bytes(self._line) + b"\n")
                self._line.clear()
            elif key == CTRL_C:
                self._line.clear()
                self._host.write(echo + b"^C\r\n")  # before the prompt that follows
                echo.clear()
                self._stop.set()
                self._lines.interrupt()
            elif key == CTRL_D:
                if not self._line:
                    self._lines.end()
            elif key == CTRL_U:
                echo += b"\b \b" * len(self._line)
                self._line.clear()
            elif key in ERASE:
                if self._line:
                    del self._line[-1]
                    echo += b"\b \b"
            else:
                self._line.append(key)
                echo.append(key)
        if echo:
            self._host.write(echo)
