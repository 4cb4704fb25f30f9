"""How many bytes of bodies may be held at once; who comes when there is no room waits a while."""

from __future__ import annotations

import asyncio
from collections import deque


class Room:
    """First come, first served. Sizes are in bytes; one larger than all of it counts as all of it."""

    def __init__(self, size: int) -> None:
        self._size = self._free = size
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    async def take(self, size: int, wait_s: float) -> int:
        """The bytes taken, to be given back; 0 when there was no room in time."""
        size = max(1, min(size, self._size))
        if not self._waiting and size <= self._free:
            self._free -= size
            return size
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        await asyncio.wait([turn], timeout=wait_s)
        if turn.done():
            return size
        turn.cancel()
        self._serve()
        return 0

    def give_back(self, size: int) -> None:
        self._free += size
        self._serve()

    def _serve(self) -> None:
        while self._waiting:
            size, turn = self._waiting[0]
            if not turn.done():
                if size > self._free:
                    return
                self._free -= size
                turn.set_result(None)
            self._waiting.popleft()
