"""A small proxy that knows CONNECT only: it tunnels, or opens TLS with certificates of its own and reads along."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Container
from pathlib import Path

from device_agent.virtual_phone.content_server import ContentServer, certificates


class ConnectProxy:
    """Every host is at `server`. With `opens` it decrypts, trusted by whoever trusts `ca_pem`; `folder` holds its keys
    meanwhile; the hosts in `sealed` are tunnelled all the same.

    `asked` has the targets of CONNECT, `read` the first line of each request that it could read, `refused` the hosts
    whose clients did not trust it, `told` what servers said over WebSockets.
    """

    def __init__(self, server: ContentServer, folder: Path, opens: bool = False, sealed: Container[str] = ()) -> None:
        self.asked: list[str] = []
        self.read: list[str] = []
        self.refused: list[str] = []
        self.told = ""
        self._server = server
        self._folder = folder
        self._opens = opens
        self._sealed = sealed
        self._authority = certificates.authority("A proxy of a test")
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._spawn(self._accept)

    @property
    def ca_pem(self) -> bytes:
        return self._authority.certificate_pem

    @property
    def ca_name(self) -> str:
        return certificates.store_name(self._authority.certificate)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        until = time.monotonic() + 20
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < until:
            for connection in list(self._sockets):  # again and again: one may just be being made
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for thread in self._threads:
                thread.join(0.1)
        assert not any(thread.is_alive() for thread in self._threads)

    def __enter__(self) -> ConnectProxy:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def _spawn(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(client)
            self._spawn(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError), client:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                part = client.recv(1)
                if not part:
                    return
                head += part
            method, target, _ = head.decode().split(" ", 2)
            assert method == "CONNECT"
            self.asked.append(target)
            host = target.partition(":")[0]
            with socket.create_connection(("127.0.0.1", self._server.port), 5) as upstream:
                self._sockets.append(upstream)
                client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                if self._opens and host not in self._sealed:
                    self._read_along(client, upstream, host)
                else:
                    self._join(client, upstream)

    def _read_along(self, client: socket.socket, upstream: socket.socket, host: str) -> None:
        identity = certificates.host(self._authority, host)
        keys = self._folder / f"{host}.pem"
        keys.write_bytes(identity.key_pem + identity.certificate_pem)
        ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        ours.load_cert_chain(keys)
        theirs = ssl.create_default_context(cadata=self._server.ca_pem.decode())
        try:
            opened = ours.wrap_socket(client, server_side=True)
            # In TLS 1.3 a client that does not trust the certificate says so after the handshake.
            first = opened.recv(1 << 16)
        except OSError:
            self.refused.append(host)
            return
        with opened, theirs.wrap_socket(upstream, server_hostname=host) as sealed:
            self._sockets += [opened, sealed]
            self._note(host, first)
            sealed.sendall(first)
            self._join(opened, sealed, host)

    def _join(self, client: socket.socket, upstream: socket.socket, host: str = "") -> None:
        self._spawn(self._pump, upstream, client, "")
        self._pump(client, upstream, host)

    def _pump(self, source: socket.socket, sink: socket.socket, host: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                self._note(host, data)
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)

    def _note(self, host: str, data: bytes) -> None:
        if data[:1] == b"\x81":  # a text of a WebSocket
            self.told += data.decode(errors="replace")
        if host and data[:4] in (b"GET ", b"POST"):
            self.read.append(f"{host} {data.partition(b' HTTP/1.1')[0].decode()}")
