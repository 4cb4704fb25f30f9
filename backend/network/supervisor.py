"""mitmproxy's life: started with its environment, watched, started again, and never left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from backend.network.messages import FlowMessage, FlowVerdict, Late, Note, ProxyState
from backend.settings import Settings


class NetworkProxy:
    """An HTTP proxy on 127.0.0.1 whose flows of opted-in hosts are judged by `on_flow`.

    `on_flow` is called from several threads at once, `on_note` and `on_state` from one at a time.
    An exception of `on_flow` is logged and counts as no verdict: the flow's `Late` decides.
    `upstream_ca` is a PEM file of authorities that hosts are checked against instead of the public ones.
    """

    def __init__(
        self,
        settings: Settings,
        on_flow: Callable[[FlowMessage], FlowVerdict],
        on_note: Callable[[Note], None] = lambda note: None,
        on_state: Callable[[ProxyState], None] = lambda state: None,
        *,
        port: int = 0,
        upstream_ca: Path | None = None,
    ) -> None: ...

    def start(self) -> None:
        """Make the environment if need be, start mitmproxy, and return once it listens.

        Raises:
            NetworkError: the environment cannot be made, or mitmproxy does not start; says why.
        """

    def stop(self) -> None:
        """End mitmproxy. Nothing of it is left afterwards. May be called twice."""

    def configure(
        self,
        *,
        hosts: tuple[str, ...],
        types: Mapping[str, Late],
        deadline_ms: int = 1500,
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        """From now on: see `backend.network.messages.Rules`. May be called before `start` and at any time."""

    @property
    def port(self) -> int:
        """On 127.0.0.1; the same after restarts; 0 before the first start."""
        raise NotImplementedError

    @property
    def state(self) -> ProxyState:
        raise NotImplementedError

    @property
    def ca_certificate(self) -> Path:
        """PEM file of this installation's authority, without its key; made when first asked for."""
        raise NotImplementedError
