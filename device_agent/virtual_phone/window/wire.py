"""The link between the window server and an app's process.

A message is a JSON object in UTF-8 after its length as four bytes, big-endian. The field ``t`` names it. ``c`` is a
list of changes to views and pictures, in order; ``n`` numbers a question and its answer. Questions about pictures come
from any thread and carry changes of pictures alone, so that no view is seen as it is halfway through a turn.

From the app:

- ``hello`` token, package, pid: first message; the server answers with ``configure``
- ``layout`` n, c: apply the changes and lay out all windows; the reply's ``b`` is a flat list of id, left, top,
  width, height of every view whose bounds changed
- ``items`` n, c, w, ids: measure these list items at this width, lay out what is in them; reply as for ``layout``
- ``commit`` c: apply the changes and show the result; between a ``layout`` or ``items`` and its ``commit`` nothing
  new is shown
- ``unwindow`` id, c: take a window away
- ``resumed`` activity; ``finished``: the last activity ended; ``start`` package, activity: open another app
- ``picture`` n, name: the reply has ``w`` and ``h`` (0 when there is none); ``pixels`` n, name, x, y, w, h: the
  reply's ``data`` is ARGB, big-endian, in base64; ``encode`` n, name, format, quality: a PNG or JPEG in base64
- ``decode`` n, c, name, data: keep the picture in the file ``data`` (base64) as ``name``; the reply has ``w`` and ``h``
- ``log`` level, tag, message
- ``done`` n: the touch, key or text of that number is handled

From the server: ``configure`` width, height, dpi, top, bottom (heights of the system bars), seed, advances (only at
first: ems per character from space on, by font), network (as `network` describes it; only where the apps have
servers); ``network`` network: it changed; ``launch`` activity; ``pause``; ``resume``; ``finish``; ``reply``;
``debugger`` connected: a tracer of the process came or went;
and input, each with n and window (the view id of the window's root): ``touch`` action, x, y, down, time (ms);
``key`` code; ``type`` text.

Changes: ``new`` id, kind, class, package · ``set`` id, property, value · ``add`` parent, child, index · ``remove``
parent, child · ``place`` id, left, top · ``shift`` parent, dy · ``window`` root, parameters · ``pixels`` name, w,
h, x, y, width, height, data · ``blank`` name, w, h · ``scaled`` name, w, h, of name, smooth · ``draw`` name,
operation of a canvas · ``free`` id or picture name."""

from __future__ import annotations

import contextlib
import json
import socket
import struct
import threading
from typing import Any

from device_agent.virtual_phone.errors import AppError

LONGEST_MESSAGE = 64 * 1024 * 1024
Message = dict[str, Any]


class Link:
    """One end of the link. Any thread may send; one thread receives."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._sending = threading.Lock()
        self._file = connection.makefile("rb", buffering=1 << 16)

    def send(self, message: Message) -> None:
        """Send one message.

        Raises:
            AppError: the peer is gone.
        """
        body = json.dumps(message, separators=(",", ":")).encode()
        try:
            with self._sending:
                self._socket.sendall(struct.pack(">I", len(body)) + body)
        except OSError as gone:
            raise AppError("the app's process is gone; open the app again") from gone

    def receive(self) -> Message | None:
        """The next message, or None when the peer closed the link.

        Raises:
            AppError: what arrived is not a message.
        """
        try:
            head = self._file.read(4)
            if len(head) < 4:
                return None
            (length,) = struct.unpack(">I", head)
            if length > LONGEST_MESSAGE:
                raise AppError(f"an app sent a message of {length} bytes; the longest is {LONGEST_MESSAGE}")
            body = self._file.read(length)
        except (OSError, ValueError):  # closed from this side while it was being read
            return None
        if len(body) < length:
            return None
        try:
            message = json.loads(body)
        except ValueError as broken:
            raise AppError(f"an app sent {body[:60]!r}, which is not JSON") from broken
        if not isinstance(message, dict) or not isinstance(message.get("t"), str):
            raise AppError(f"an app sent {body[:60]!r}, which is not a message")
        return message

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the peer closed first
            self._socket.shutdown(socket.SHUT_RDWR)
        self._file.close()
        self._socket.close()
