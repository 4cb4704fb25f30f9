"""Serves all hosts of the content on one loopback port, over TLS, each host with a certificate of its own."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from device_agent.virtual_phone.content_server import certificates
from device_agent.virtual_phone.content_server.connection import LIVE, Answering, HttpConnection
from device_agent.virtual_phone.content_server.courier import Courier
from device_agent.virtual_phone.content_server.gazette import Gazette
from device_agent.virtual_phone.content_server.library import Library
from device_agent.virtual_phone.content_server.live import Live
from device_agent.virtual_phone.content_server.media import Media
from device_agent.virtual_phone.content_server.plaza import Plaza
from device_agent.virtual_phone.content_server.reels import Reels
from device_agent.virtual_phone.content_server.service import DOMAIN, NOT_FOUND, Answer, Request, Routes, answer
from device_agent.virtual_phone.errors import ProtocolError
from device_agent.virtual_phone.window.pictures import Pictures

log = logging.getLogger(__name__)

HANDSHAKE_S = 10.0
IDLE_S = 120.0
END_S = 5.0
AUTHORITY = "Mindproof Virtual Phone Root"


class ContentServer:
    """The content of one seed; the same seed serves the same content.

    Args:
        seed: of all content.
        content: a folder with pictures that take the place of drawn ones, as `VirtualPhone` takes it.

    Use it as a context manager, or call `start` and `stop`. No thread outlives `stop`.
    """

    def __init__(self, seed: int = 1, content: Path | None = None) -> None:
        library = Library(seed)
        self._live = Live()
        self._services: dict[str, Callable[[Request], Answer]] = {
            f"plaza.{DOMAIN}": _routed(Plaza(library).routes),
            f"courier.{DOMAIN}": _routed(Courier(library, self._live).routes),
            f"gazette.{DOMAIN}": _routed(Gazette(library).routes),
            f"reels.{DOMAIN}": _routed(Reels(library).routes),
            LIVE: lambda _: NOT_FOUND,
            f"media.{DOMAIN}": Media(Pictures(seed, content)).answer,
        }
        self._authority = certificates.authority(AUTHORITY)
        self._identities = {name: certificates.host(self._authority, name) for name in self._services}
        self._contexts = {name: _context(identity) for name, identity in self._identities.items()}
        self._default = next(iter(self._contexts.values()))
        self._default.sni_callback = self._choose
        self._lock = threading.Lock()
        self._open: dict[threading.Thread, ssl.SSLSocket | socket.socket] = {}
        self._stopping = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._accepting = threading.Thread(target=self._accept, name="content-accept", daemon=True)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1]) if self._listener.fileno() >= 0 else 0

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that it answers for, each on the same port."""
        return tuple(self._services)

    @property
    def ca_pem(self) -> bytes:
        """The certificate of the authority that signed all hosts."""
        return self._authority.certificate_pem

    @property
    def ca_store_name(self) -> str:
        """The authority's file name in an Android certificate store."""
        return certificates.store_name(self._authority.certificate)

    @property
    def pins(self) -> Mapping[str, str]:
        """SHA-256 of each host's public key, base64."""
        return {name: identity.pin for name, identity in self._identities.items()}

    @property
    def listeners(self) -> int:
        """How many apps hear at once of what happens."""
        return self._live.listeners

    def start(self) -> None:
        self._accepting.start()

    def stop(self) -> None:
        """Close every connection and end every thread; harmless when done twice."""
        with self._lock:
            self._stopping = True
            connections = dict(self._open)
        with contextlib.suppress(OSError):  # a listener that never accepted is not connected
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in connections.values():
            with contextlib.suppress(OSError):  # the peer closed first
                connection.shutdown(socket.SHUT_RDWR)
        for thread in (self._accepting, *connections):
            if thread.ident is not None:
                thread.join(END_S)

    def __enter__(self) -> ContentServer:
        self.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    def _choose(self, connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> int | None:
        if name in self._contexts:
            connection.context = self._contexts[name]
            return None
        return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, name="content-connection", args=(connection,), daemon=True)
            with self._lock:
                if self._stopping:
                    connection.close()
                    return
                self._open[thread] = connection
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        me = threading.current_thread()
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.settimeout(HANDSHAKE_S)
            with self._default.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as tls:
                with self._lock:
                    self._open[me] = tls
                tls.do_handshake()
                tls.settimeout(IDLE_S)
                HttpConnection(tls, self._answering(), self._live).serve()
        except (OSError, ProtocolError) as ended:  # the client left, distrusts the certificate, or speaks no TLS
            log.debug("a connection to the content server ended: %s", ended)
        finally:
            connection.close()
            with self._lock:
                self._open.pop(me, None)

    def _answering(self) -> Answering:
        def respond(host: str, request: Request) -> Answer:
            service = self._services.get(host)
            return NOT_FOUND if service is None else service(request)

        return respond


def _routed(routes: Routes) -> Callable[[Request], Answer]:
    return lambda request: answer(routes, request)


def _context(identity: certificates.Identity) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # `ssl` takes keys from files only; this one is readable by its owner and gone at once.
    with tempfile.NamedTemporaryFile() as file:
        file.write(identity.key_pem + identity.certificate_pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
