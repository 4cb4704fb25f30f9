"""WebSockets, HTTP/2 and HTTP without TLS through the proxy."""

from __future__ import annotations

import http.client
import http.server
import shutil
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.network.messages import FlowMessage, FlowVerdict
from tests.network import frames
from tests.network.origin import FEED, Origin
from tests.network.proxied import Bench

_H2 = """
const fs = require('fs'), http2 = require('http2'), pem = fs.readFileSync(process.argv[1]);
const feed = fs.readFileSync(process.argv[2]);
const server = http2.createSecureServer({key: pem, cert: pem});
server.on('stream', (stream, headers) => {
  if (headers[':path'].startsWith('/grpc')) {
    stream.respond({'content-type': 'application/grpc', ':status': 200}, {waitForTrailers: true});
    stream.on('wantTrailers', () => stream.sendTrailers({'grpc-status': '0'}));
    stream.end(Buffer.from([0, 0, 0, 0, 1, 7]));
  } else {
    stream.respond({'content-type': 'application/json', ':status': 200, 'x-path': headers[':path']});
    stream.end(feed);
  }
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit(0)).resume();
"""


@pytest.fixture(scope="module")
def h2_address(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An HTTP/2 server that nobody here wrote: Node's."""
    if shutil.which("node") is None or shutil.which("curl") is None:
        pytest.skip("needs Node and curl (apt-get install nodejs curl)")
    feed = tmp_path_factory.mktemp("feed") / "feed.json"
    feed.write_bytes(FEED)
    command = ["node", "-e", _H2, str(origin.pair), str(feed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        yield f"127.0.0.1:{int(server.stdout.readline())}"
        assert server.stdin is not None
        server.stdin.close()
        server.wait(20)


@pytest.fixture
def h2(bench: Bench, h2_address: str) -> Bench:
    types = {"application/json": "pass"}
    bench.proxy.configure(hosts=("*.plaza.test",), types=types, deadline_ms=5000, addresses={"*.test": h2_address})  # type: ignore[arg-type]
    return bench


def test_http_2_on_both_sides(h2: Bench) -> None:
    h2.judge = lambda flow: FlowVerdict("replace", body=b'{"posts": []}')
    output = h2.curl("/feed?page=2", "--http2", "-i", "-w", "%{http_version}")
    assert output.endswith(b'{"posts": []}2')
    assert b"x-path: /feed?page=2" in output
    assert h2.flows[-1].url == "https://api.plaza.test/feed?page=2"


def test_many_streams_of_one_connection(h2: Bench) -> None:
    h2.judge = lambda flow: FlowVerdict("replace", body=flow.url.encode())
    config = "".join(f'url = "https://api.plaza.test/feed?n={n}"\noutput = "-"\n' for n in range(30))
    command = ["curl", "-sS", "-Z", "--http2", "-m", "60", "-x", f"http://127.0.0.1:{h2.proxy.port}", "-K", "-"]
    command += ["--cacert", str(h2.proxy.ca_certificate)]
    done = subprocess.run(command, input=config.encode(), capture_output=True, check=True)
    assert done.stdout.count(b"https://") == 30


def test_grpc_passes_with_its_trailers(h2: Bench) -> None:
    output = h2.curl("/grpc", "--http2", "-i", "-X", "POST", "-d", "abc")
    assert b"grpc-status: 0" in output
    assert b"\x00\x00\x00\x00\x01\x07" in output
    h2.until(lambda: h2.noted("grpc"))
    assert h2.flows == []


class _Socket:
    """A client of the origin's echo through the proxy."""

    def __init__(self, bench: Bench) -> None:
        context = ssl.create_default_context(cafile=str(bench.proxy.ca_certificate))
        self._connection = http.client.HTTPSConnection("127.0.0.1", bench.proxy.port, context=context, timeout=20)
        self._connection.set_tunnel("api.plaza.test", 443)
        self._connection.connect()
        key = "dGhlIHNhbXBsZSBub25jZQ=="
        asked = ["GET /echo HTTP/1.1", "Host: api.plaza.test", "Upgrade: websocket", "Connection: Upgrade"]
        asked += [
            "Sec-WebSocket-Version: 13",
            f"Sec-WebSocket-Key: {key}",
            "Sec-WebSocket-Extensions: permessage-deflate",
        ]
        self._connection.sock.sendall("\r\n".join([*asked, "", ""]).encode())
        self._stream = self._connection.sock.makefile("rb")
        head = b"".join(iter(self._stream.readline, b"\r\n"))
        assert b" 101 " in head
        assert frames.accept(key).encode() in head

    def ask(self, text: str) -> str | None:
        self._connection.sock.sendall(frames.frame(text, masked=True))
        return frames.read(self._stream)

    def close(self) -> None:
        self._stream.close()
        self._connection.close()


@pytest.fixture
def echo(bench: Bench) -> Iterator[_Socket]:
    bench.opt_in(types={"websocket": "hold"})
    socket = _Socket(bench)
    yield socket
    socket.close()


def test_messages_of_a_websocket_are_judged_one_by_one(bench: Bench, echo: _Socket) -> None:
    def judge(flow: FlowMessage) -> FlowVerdict:
        if flow.sender == "client" or b"you idiot" not in flow.body:
            return FlowVerdict()
        return FlowVerdict("replace", body=b"(hidden)")

    bench.judge = judge
    assert echo.ask("good morning") == "good morning"
    assert echo.ask("you idiot") == "(hidden)"
    assert [(flow.number, flow.sender, flow.text) for flow in bench.flows] == [
        (1, "client", True),
        (2, "server", True),
        (3, "client", True),
        (4, "server", True),
    ]
    assert len({flow.id for flow in bench.flows}) == 1
    assert "sec-websocket-extensions" not in {name.lower() for name in bench.origin.seen[-1][1]}


def test_a_message_that_is_refused_or_held_is_dropped_and_the_next_arrives(bench: Bench, echo: _Socket) -> None:
    def judge(flow: FlowMessage) -> FlowVerdict:
        if flow.body == b"one":
            return FlowVerdict("refuse")
        if flow.body == b"two":
            raise RuntimeError("a mistake")
        return FlowVerdict()

    bench.judge = judge
    for dropped in ("one", "two"):
        echo._connection.sock.sendall(frames.frame(dropped, masked=True))
    assert echo.ask("three") == "three"


def _hiding(flow: FlowMessage) -> FlowVerdict:
    if b"idiot" not in flow.body:
        return FlowVerdict()
    return FlowVerdict("replace", body=flow.body.replace(b"you idiot", b"(hidden)"))


_STREAMS = {"text/event-stream": "hold", "application/x-ndjson": "hold"}


def test_events_are_judged_one_by_one_as_they_come(bench: Bench) -> None:
    bench.opt_in(types=_STREAMS)
    bench.judge = _hiding
    bench.origin.go_on.clear()
    command = ["curl", "-sSN", "-m", "60", "-x", f"http://127.0.0.1:{bench.proxy.port}"]
    command += ["--cacert", str(bench.proxy.ca_certificate), "-H", "Accept: text/event-stream", "--compressed"]
    with subprocess.Popen([*command, "https://api.plaza.test/events"], stdout=subprocess.PIPE) as curl:
        assert curl.stdout is not None
        shown = [curl.stdout.readline() for _ in range(10)]
        bench.origin.go_on.set()  # what came before came before the answer ended
        assert curl.stdout.read() == b"data: bye\n\n"
    assert b"".join(shown) == (
        b'id: 1\ndata: good morning\n\nevent: post\nid: 2\ndata: {"text":\ndata: "(hidden)"}\n\n: still here\n\n'
    )
    assert {name.lower(): value for name, value in bench.origin.seen[-1][1].items()}["accept-encoding"] == "identity"
    assert [(flow.kind, flow.number, flow.text) for flow in bench.flows] == [
        ("pushed", 1, True),
        ("pushed", 2, True),
        ("pushed", 3, True),
    ]


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_lines_of_json_change_their_length(bench: Bench, version: str) -> None:
    bench.opt_in(types=_STREAMS)
    bench.judge = _hiding
    assert bench.curl("/lines", version).splitlines()[1:] == [b'{"text": "(hidden)"}', b'{"text": "bye"}']


def test_events_that_are_refused_or_held_are_dropped_and_the_next_arrives(bench: Bench) -> None:
    def judge(flow: FlowMessage) -> FlowVerdict:
        if flow.number == 1:
            return FlowVerdict("refuse")
        if flow.number == 2:
            raise RuntimeError("a mistake")
        return FlowVerdict()

    bench.opt_in(types=_STREAMS)
    bench.judge = judge
    bench.origin.go_on.set()
    assert bench.curl("/events") == b": still here\n\ndata: bye\n\n"


def test_events_that_cannot_be_read_are_held_back(bench: Bench) -> None:
    bench.opt_in(types=_STREAMS)
    assert b"cannot be read" in bench.curl("/packed-events")
    bench.opt_in(types={"text/event-stream": "pass"})
    assert bench.curl("/packed-events", "--compressed") == b"data: you idiot\n\n"


def test_http_without_tls_is_judged_where_it_is_opted_in(bench: Bench, tmp_path: Path) -> None:
    class Plain(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.end_headers()
            self.wfile.write(FEED)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the terminal."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Plain)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        address = f"127.0.0.1:{server.server_port}"
        types = {"application/json": "pass"}
        bench.proxy.configure(hosts=("api.plaza.test",), types=types, addresses={"*.test": address})  # type: ignore[arg-type]
        bench.judge = lambda flow: FlowVerdict("replace", body=b"[]")
        proxy = f"http://127.0.0.1:{bench.proxy.port}"
        found = {}
        for host in ("api.plaza.test", "bank.test"):
            command = ["curl", "-sS", "-m", "30", "-x", proxy, f"http://{host}/feed"]
            found[host] = subprocess.run(command, capture_output=True, check=True).stdout
        assert found == {"api.plaza.test": b"[]", "bank.test": FEED}
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
