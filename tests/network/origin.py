"""A web server over TLS with an authority of its own, on which hosts behave well and badly."""

from __future__ import annotations

import datetime
import gzip
import http.server
import ipaddress
import json
import ssl
import threading
import time
import zlib
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.network import frames

FEED = json.dumps(
    {"posts": [{"text": f"a post of many words, number {n}", "like_count": n} for n in range(50)]}
).encode()
LARGE = 100 << 20
NAMES = ["api.plaza.test", "cdn.plaza.test", "bank.test"]


def authority(folder: Path) -> tuple[Path, Path]:
    """PEM files of an authority, and of a server's certificate with its key."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "The origin's own authority")])
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in NAMES]
    names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))

    def signed(subject: x509.Name, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = datetime.datetime.now(datetime.UTC)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(root_name).public_key(public)
        builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        return builder.not_valid_after(now + datetime.timedelta(days=9))

    root = signed(root_name, root_key.public_key()).add_extension(x509.BasicConstraints(True, None), True)
    leaf = signed(x509.Name([]), key.public_key()).add_extension(x509.SubjectAlternativeName(names), True)
    roots, pair = folder / "origin-ca.pem", folder / "origin.pem"
    pem = serialization.Encoding.PEM
    roots.write_bytes(root.sign(root_key, hashes.SHA256()).public_bytes(pem))
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pair.write_bytes(secret + leaf.sign(root_key, hashes.SHA256()).public_bytes(pem))
    return roots, pair


class _Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Origin

    def do_GET(self) -> None:
        self.server.seen.append((self.path, dict(self.headers)))
        getattr(self, "get_" + self.path.partition("?")[0].strip("/").replace("-", "_"))()

    def do_POST(self) -> None:
        left = int(self.headers["content-length"])
        while left:
            left -= len(self.rfile.read(min(left, 1 << 16)))
        self.answer(b'{"received": true}')

    def answer(self, body: bytes, content_type: str = "application/json", status: int = 200, **headers: str) -> None:
        self.send_response(status)
        self.send_header("content-type", content_type)
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def chunks(self, *parts: bytes, content_type: str = "application/json", **headers: str) -> None:
        self.send_response(200)
        self.send_header("content-type", content_type)
        self.send_header("transfer-encoding", "chunked")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        for part in parts:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")

    def get_feed(self) -> None:
        self.answer(FEED, etag='"one"', cache_control="max-age=60", alt_svc='h3=":443"')

    def get_gzip(self) -> None:
        self.answer(gzip.compress(FEED), content_encoding="gzip", digest="sha-256=old", accept_ranges="bytes")

    def get_deflate(self) -> None:
        self.answer(zlib.compress(FEED)[2:-4], content_encoding="deflate")

    def get_brotli(self) -> None:
        self.answer(b"\x0b\x02\x80hello\x03", content_encoding="br")

    def get_chunked(self) -> None:
        packed = gzip.compress(FEED)
        self.chunks(packed[:100], packed[100:], content_encoding="gzip")

    def get_range(self) -> None:
        part = FEED[10:20]
        self.answer(part, status=206, content_range=f"bytes 10-19/{len(FEED)}")

    def get_bomb(self) -> None:
        bomb = self.server.bomb
        self.answer(bomb, content_encoding="gzip")

    def get_large(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(LARGE))
        self.end_headers()
        self.flood()

    def get_endless(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("connection", "close")
        self.end_headers()
        self.flood()
        self.close_connection = True

    def flood(self) -> None:
        block = b"x" * (1 << 16)
        for _ in range(LARGE // len(block)):
            self.wfile.write(block)

    def get_truncated(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b'{"posts": [')
        self.close_connection = True

    def get_stalled(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", "1000")
        self.end_headers()
        self.wfile.write(b'{"posts": [')
        self.wfile.flush()
        self.server.over.wait(60)

    def get_trickle(self) -> None:
        """Nobody knows how long this will be, and it does not end."""
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"1\r\n[\r\n")
        self.wfile.flush()
        self.server.over.wait(60)

    def get_silent(self) -> None:
        self.server.over.wait(60)

    def get_malformed(self) -> None:
        self.answer(b'{"posts": [', content_type="application/json")

    def get_echo(self) -> None:
        """A WebSocket that says again what it hears."""
        self.send_response(101)
        self.send_header("upgrade", "websocket")
        self.send_header("connection", "Upgrade")
        self.send_header("sec-websocket-accept", frames.accept(self.headers["sec-websocket-key"]))
        self.end_headers()
        self.wfile.flush()
        while (text := frames.read(self.rfile)) is not None:
            self.wfile.write(frames.frame(text, masked=False))
        self.close_connection = True

    def get_events(self) -> None:
        """Server-sent events: the last comes when the test has seen the others, or never."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        for part in (
            b"id: 1\ndata: good mor",
            b'ning\n\nevent: post\nid: 2\ndata: {"text":\ndata: "you idiot"}\n\n: still here\n\n',
        ):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
            self.wfile.flush()
        self.server.go_on.wait(60)
        part = b"data: bye\n\n"
        self.wfile.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(part), part))

    def get_lines(self) -> None:
        self.answer(b'{"text": "good morning"}\n{"text": "you idiot"}\n{"text": "bye"}', "application/x-ndjson")

    def get_packed_events(self) -> None:
        self.answer(gzip.compress(b"data: you idiot\n\n"), "text/event-stream", content_encoding="gzip")

    def get_grpc(self) -> None:
        self.answer(b"\x00\x00\x00\x00\x03abc", content_type="application/grpc+proto")

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the terminal."""


class Origin(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.roots, self.pair = authority(folder)
        self.seen: list[tuple[str, dict[str, str]]] = []
        self.over = threading.Event()
        self.go_on = threading.Event()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pair)
        context.set_alpn_protocols(["http/1.1"])
        self._context = context
        pack = zlib.compressobj(9, zlib.DEFLATED, 31)
        self.bomb = b"".join([*(pack.compress(b" " * (1 << 20)) for _ in range(300)), pack.flush()])
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def finish_request(self, request: object, client_address: object) -> None:
        """The handshake in the thread of the connection, not in the one that accepts."""
        assert hasattr(request, "settimeout")
        try:
            with self._context.wrap_socket(request, server_side=True) as secured:  # type: ignore[arg-type]
                super().finish_request(secured, client_address)  # type: ignore[arg-type]
        except OSError:
            time.sleep(0)  # the client went away, which is part of what is tried here

    def close(self) -> None:
        self.over.set()
        self.shutdown()
        self._thread.join()
        self.server_close()
