"""The real server: one port, threads that end, and no reader that slows another."""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator

import pytest

from backend.errors import SettingsError
from backend.web.app import create_app
from backend.web.server import Server, serve
from backend.web.settings import WebSettings
from tests.web.fake_runtime import SERIAL, FakeRuntime

TOKEN = {"Authorization": "Bearer the-token"}


@pytest.fixture
def server(runtime: FakeRuntime) -> Iterator[Server]:
    settings = WebSettings(api_token="the-token", threads=12, poll_timeout_s=30)
    with serve(create_app(runtime, settings)) as running:
        yield running


def ask(server: Server, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=TOKEN)
        answer = connection.getresponse()
        return answer.status, answer.read()


def test_the_login_url_lets_in(server: Server) -> None:
    assert server.login_url.startswith(f"http://127.0.0.1:{server.port}/login?token=")
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
    with contextlib.closing(connection):
        connection.request("GET", server.login_url.removeprefix(server.url.rstrip("/")))
        answer = connection.getresponse()
        cookie = answer.getheader("Set-Cookie") or ""
    assert answer.status == 303
    assert cookie.startswith(f"mindproof_{server.port}=")


def test_it_listens_on_loopback_only(server: Server) -> None:
    with pytest.raises(SettingsError, match="this machine only"):
        serve(create_app(FakeRuntime.__new__(FakeRuntime)), "0.0.0.0")
    assert server.url.startswith("http://127.0.0.1:")


def test_a_port_in_use_is_one_clear_error(server: Server, runtime: FakeRuntime) -> None:
    threads = threading.active_count()
    with pytest.raises(SettingsError, match=f"port {server.port} on 127.0.0.1 is in use") as caught:
        serve(create_app(runtime), port=server.port)
    assert "--port" in caught.value.remedy
    assert threading.active_count() == threads


def test_a_port_that_is_none_is_refused(runtime: FakeRuntime) -> None:
    with pytest.raises(SettingsError, match="70000 is not a port"):
        serve(create_app(runtime), port=70000)


def test_stalled_readers_delay_nobody(server: Server, runtime: FakeRuntime) -> None:
    """More clients than threads ask for pictures and never read them; others still get every new picture."""
    request = f"GET /mirror/{SERIAL}/frame HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer the-token\r\n\r\n"
    stalled = []
    try:
        for _ in range(30):
            reader = socket.socket()
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            reader.connect(("127.0.0.1", server.port))
            reader.sendall(request.encode() * 20)
            stalled.append(reader)
        for number in range(2, 12):
            runtime.compose()
            status, jpeg = ask(server, f"/mirror/{SERIAL}/frame?after={number - 1}")
            assert (status, jpeg[:2]) == (200, b"\xff\xd8")
    finally:
        for reader in stalled:
            reader.close()


def test_waiting_readers_leave_threads_for_everything_else(server: Server, runtime: FakeRuntime) -> None:
    """Every thread that may wait does; the rest of the page still answers."""
    waiting = [http.client.HTTPConnection("127.0.0.1", server.port, timeout=60) for _ in range(20)]
    try:
        for connection in waiting:
            connection.request("GET", f"/mirror/{SERIAL}/frame?after=1", headers=TOKEN)
        for _ in range(10):
            assert ask(server, "/api/phones")[0] == 200
        runtime.compose()
        assert {connection.getresponse().status for connection in waiting} <= {200, 204}
    finally:
        for connection in waiting:
            connection.close()


def test_a_sender_that_never_finishes_holds_no_thread(server: Server) -> None:
    halves = []
    try:
        for _ in range(20):
            half = socket.create_connection(("127.0.0.1", server.port))
            half.sendall(b"POST /api/phones/x/key HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{")
            halves.append(half)
        assert ask(server, "/api/phones")[0] == 200
    finally:
        for half in halves:
            half.close()


def test_a_request_that_is_too_large_is_refused(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as sender:
        sender.sendall(b"POST /api/phones/x/key HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999\r\n\r\n")
        with contextlib.suppress(ConnectionError):
            sender.sendall(b"x" * 300_000)
        assert b"413" in sender.recv(200)


def test_stopping_answers_who_waits_and_ends_every_thread(runtime: FakeRuntime) -> None:
    before = set(threading.enumerate())
    server = serve(create_app(runtime, WebSettings(api_token="the-token", threads=8, poll_timeout_s=300)))
    answers: list[int] = []

    def wait() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            answers.append(ask(server, f"/mirror/{SERIAL}/frame?after=1")[0])

    reader = threading.Thread(target=wait)
    reader.start()
    assert ask(server, "/api/phones")[0] == 200
    server.stop()
    server.stop()
    reader.join(timeout=20)
    assert not reader.is_alive()
    assert set(threading.enumerate()) <= before
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", server.port), timeout=5).close()
