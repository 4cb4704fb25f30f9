"""The addon's end of the link: asks, and waits for the verdict as long as it may."""

from __future__ import annotations

import asyncio
import itertools
import logging
import os
import socket
import time
from collections.abc import Callable
from typing import Any

from backend.network.addon import wire

log = logging.getLogger(__name__)

_READ = 1 << 18
_MOST_UNREAD = 64 << 20
"""Bytes that wait for the backend to read them; more are not asked about."""

Verdict = tuple[dict[str, Any], bytes]


class Questions:
    """Lives as long as the process: when the backend goes, so does this process."""

    def __init__(self, descriptor: int, on_configure: Callable[[dict[str, Any]], None]) -> None:
        self._descriptor, self._on_configure = descriptor, on_configure
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Verdict | None]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._reading: asyncio.Task[None] | None = None

    async def open(self) -> None:
        reader, self._writer = await asyncio.open_connection(sock=socket.socket(fileno=self._descriptor), limit=_READ)
        self._reading = asyncio.create_task(self._read(reader))

    def tell(self, header: dict[str, Any], body: bytes = b"") -> None:
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(wire.pack(header, body))

    async def ask(self, header: dict[str, Any], body: bytes, wait_s: float) -> Verdict | None:
        """The verdict, or None when there is none within `wait_s` seconds."""
        if self._writer is None or self._writer.transport.get_write_buffer_size() > _MOST_UNREAD:
            return None
        number = next(self._numbers)
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Verdict | None] = loop.create_future()
        self._waiting[number] = answer
        try:
            self.tell({**header, "question": number, "due": time.monotonic() + wait_s}, body)
            timer = loop.call_later(wait_s, _give_up, answer)  # half of what asyncio.wait_for costs
            verdict = await answer
            timer.cancel()
            return verdict
        except wire.WireError:
            log.warning("a message is too long to be asked about")
            return None
        finally:
            del self._waiting[number]

    async def _read(self, reader: asyncio.StreamReader) -> None:
        unpacker = wire.Unpacker()
        try:
            while data := await reader.read(_READ):
                for header, body in unpacker.feed(data):
                    if header["type"] == "configure":
                        self._on_configure(header)
                    elif (answer := self._waiting.get(header["question"])) is not None and not answer.done():
                        answer.set_result(None if header["do"] == "none" else (header, body))
        except OSError:
            log.debug("the link broke")
        except Exception:
            log.exception("the backend cannot be understood")
        finally:
            os._exit(0)  # the backend is gone: nothing here is worth saving, and nothing may stay behind


def _give_up(answer: asyncio.Future[Verdict | None]) -> None:
    if not answer.done():
        answer.set_result(None)
