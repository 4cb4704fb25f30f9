"""Hosts that do not finish an answer that is held: their connection is closed, so the client gets a 502."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from mitmproxy import ctx, http


class Stalls:
    """One timer a flow."""

    def __init__(self, on_stall: Callable[[http.HTTPFlow], None]) -> None:
        self._on_stall = on_stall
        self._timers: dict[str, asyncio.TimerHandle] = {}

    def watch(self, flow: http.HTTPFlow, within_s: float) -> None:
        """From now on; anew if it was watched already."""
        self.forget(flow)
        self._timers[flow.id] = asyncio.get_running_loop().call_later(within_s, self._end, flow)

    def forget(self, flow: http.HTTPFlow) -> None:
        if (timer := self._timers.pop(flow.id, None)) is not None:
            timer.cancel()

    def _end(self, flow: http.HTTPFlow) -> None:
        self._timers.pop(flow.id, None)
        if flow.response is not None and flow.response.stream:
            return  # it turned out too long to be held, and is on its way
        self._on_stall(flow)
        connections = ctx.master.addons.get("proxyserver").connections
        for handler in connections.values():
            if handler.client is flow.client_conn and (transport := handler.transports.get(flow.server_conn)):
                transport.handler.cancel("the host does not finish")
