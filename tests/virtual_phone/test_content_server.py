"""The content server: HTTPS by anybody's client, with content that follows from the seed."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.client
import io
import json
import re
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from device_agent.virtual_phone.content_server import ContentServer, websocket
from device_agent.virtual_phone.content_server.chance import Chance, java_hash
from device_agent.virtual_phone.content_server.library import Library
from device_agent.virtual_phone.errors import ProtocolError
from device_agent.virtual_phone.window.pictures import Pictures

PLAZA, MEDIA = "plaza.mindproof.test", "media.mindproof.test"


@pytest.fixture(scope="module")
def server() -> Iterator[ContentServer]:
    with ContentServer(seed=1) as server:
        yield server
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("content-")]


def connect(server: ContentServer, host: str) -> http.client.HTTPConnection:
    context = ssl.create_default_context(cadata=server.ca_pem.decode())
    connection = http.client.HTTPConnection(host)
    raw = socket.create_connection(("127.0.0.1", server.port), 10)
    connection.sock = context.wrap_socket(raw, server_hostname=host)
    return connection


def get(server: ContentServer, host: str, path: str) -> tuple[int, dict[str, str], bytes]:
    connection = connect(server, host)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def json_of(server: ContentServer, path: str, host: str = PLAZA) -> Any:
    status, headers, body = get(server, host, path)
    assert (status, headers["Content-Type"]) == (200, "application/json; charset=utf-8")
    return json.loads(body)


def test_chance_is_javas() -> None:
    """Values of `new SplittableRandom(42)` and `"article".hashCode()` on OpenJDK 17."""
    chance = Chance(42)
    numbers = [chance.below(n) for n in (400, 16, 1000, 7)]
    assert (numbers, chance.fraction()) == ([231, 9, 481, 1], 0.03803016854024621)
    assert java_hash("article") == -732377866
    assert java_hash("post") == 3446944


def test_pages_follow_one_another(server: ContentServer) -> None:
    whole = json_of(server, "/api/v1/feed?limit=6")
    first, second = (json_of(server, f"/api/v1/feed?limit=3&cursor={cursor}") for cursor in (0, 3))
    assert first["posts"] + second["posts"] == whole["posts"]
    assert (first["next_cursor"], second["next_cursor"]) == ("3", "6")
    assert len(first["stories"]) == 14
    assert "stories" not in second


def test_comments_end(server: ContentServer) -> None:
    total = json_of(server, "/api/v1/feed?limit=1")["posts"][0]["comment_count"]
    last = json_of(server, f"/api/v1/posts/0/comments?cursor={total - 2}")
    assert len(last["comments"]) == 2
    assert last["next_cursor"] is None


def test_a_picture_is_the_one_the_phone_draws(server: ContentServer) -> None:
    status, headers, body = get(server, MEDIA, "/avatar/7.png")
    assert (status, headers["Content-Type"]) == (200, "image/png")
    drawn = np.asarray(Pictures(seed=1).draw("avatar/7").convert("RGB"))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(body))), drawn)


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [(PLAZA, "/nothing", 404), (MEDIA, "/icon/../x.png", 404), (MEDIA, "/photo/x.png", 404)],
)
def test_what_is_not_there(server: ContentServer, host: str, path: str, status: int) -> None:
    assert get(server, host, path)[0] == status


@pytest.mark.parametrize("query", ["cursor=-1", "cursor=x&limit=0", "limit=999999999999", "cursor=%F0%9F%98%80"])
def test_odd_queries_give_a_page(server: ContentServer, query: str) -> None:
    assert 1 <= len(json_of(server, f"/api/v1/feed?{query}")["posts"]) <= 50


def test_one_connection_takes_many_requests(server: ContentServer) -> None:
    connection = connect(server, PLAZA)
    for cursor in range(3):
        connection.request("GET", f"/api/v1/feed?limit=1&cursor={cursor}")
        assert json.loads(connection.getresponse().read())["posts"][0]["id"] == cursor
    connection.close()


def test_an_unknown_host_gets_no_certificate(server: ContentServer) -> None:
    with pytest.raises(ssl.SSLError):
        connect(server, "elsewhere.mindproof.test")


def test_noise_instead_of_tls_harms_nobody(server: ContentServer) -> None:
    with socket.create_connection(("127.0.0.1", server.port), 10) as noisy:
        noisy.sendall(b"GET / HTTP/1.1\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):  # it may leave before it has read all
            assert noisy.recv(100)[:1] in (b"", b"\x15")
    assert json_of(server, "/api/v1/feed?limit=1")["posts"]


def test_stopping_ends_idle_connections() -> None:
    server = ContentServer(seed=2)
    server.start()
    idle = connect(server, PLAZA)
    server.stop()
    server.stop()
    assert idle.sock.recv(1) == b""
    idle.close()


@pytest.mark.parametrize("number", [0, 7])
def test_an_article_is_a_page_that_a_browser_reads(server: ContentServer, number: int) -> None:
    status, headers, body = get(server, "gazette.mindproof.test", f"/articles/{number}")
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    as_xml = re.sub(r"<!DOCTYPE html>|<(meta|img)[^>]*>", "", body.decode())
    page = ElementTree.fromstring(as_xml)
    assert page.findtext(".//h1") == Library(1).article(number).title
    assert len(page.findall(".//li")) == 9


def test_a_video_has_a_playlist(server: ContentServer) -> None:
    videos = json_of(server, "/api/v1/videos", "reels.mindproof.test")
    assert videos["prefetch"] == 2
    _, headers, body = get(server, "reels.mindproof.test", videos["videos"][3]["playlist_url"].partition(".test")[2])
    assert headers["Content-Type"] == "application/vnd.apple.mpegurl"
    assert body.startswith(b"#EXTM3U\n")
    assert b"\nclip/3\n" in body


def say(server: ContentServer, body: bytes) -> tuple[int, Any]:
    connection = connect(server, "courier.mindproof.test")
    try:
        connection.request("POST", "/api/v1/conversations/5/messages", body)
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def test_what_is_said_is_answered_and_kept(server: ContentServer) -> None:
    path = "/api/v1/conversations/5/messages"
    before = json_of(server, path, "courier.mindproof.test")["messages"]
    status, answer = say(server, b'{"text": "Hello"}')
    assert status == 200
    after = json_of(server, path, "courier.mindproof.test")["messages"]
    assert after == [*before, {"text": "Hello", "own": True, "time": "10:24"}, answer["reply"]]
    last = json_of(server, "/api/v1/conversations", "courier.mindproof.test")["conversations"][5]["last_message"]
    assert last == answer["reply"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"text": 3}', b'{"text": ""}', b'"x"', b"\xff"])
def test_a_message_that_is_none_is_refused(server: ContentServer, body: bytes) -> None:
    assert say(server, body)[0] == 400


def test_each_host_has_a_key_of_its_own_and_says_which(server: ContentServer) -> None:
    for host in server.hosts:
        connection = connect(server, host)
        assert isinstance(connection.sock, ssl.SSLSocket)
        shown = x509.load_der_x509_certificate(connection.sock.getpeercert(True) or b"")
        connection.close()
        key = shown.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        assert server.pins[host] == base64.b64encode(hashlib.sha256(key).digest()).decode()
    assert len(set(server.pins.values())) == len(server.hosts)


def test_the_authoritys_file_name_is_openssls(server: ContentServer) -> None:
    command = ["openssl", "x509", "-noout", "-subject_hash_old"]
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    done = subprocess.run(command, input=server.ca_pem, capture_output=True, check=True)
    assert server.ca_store_name == f"{done.stdout.decode().strip()}.0"


def test_a_websocket_hears_the_reply(server: ContentServer) -> None:
    client = pytest.importorskip("websockets.sync.client")
    context = ssl.create_default_context(cadata=server.ca_pem.decode())
    raw = socket.create_connection(("127.0.0.1", server.port), 10)
    with client.connect("wss://live.mindproof.test/events", sock=raw, ssl=context) as listener:
        assert listener.ping().wait(10)
        assert say(server, b'{"text": "Hello"}') == (200, {"reply": None})
        event = json.loads(listener.recv(10))
    last = json_of(server, "/api/v1/conversations/5/messages", "courier.mindproof.test")["messages"][-1]
    assert event == {"conversation": 5, "message": last}


@given(st.integers(0, 15), st.binary(max_size=300), st.binary(min_size=4, max_size=4), st.integers(0, 400))
def test_frames_are_taken_as_they_come(opcode: int, payload: bytes, mask: bytes, cut: int) -> None:
    size = len(payload)
    head = bytes([0x80 | opcode, 0x80 | size]) if size < 126 else bytes([0x80 | opcode, 0xFE]) + size.to_bytes(2, "big")
    whole = head + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    data = bytearray(whole[:cut])
    if cut < len(whole):
        assert websocket.take_frame(data) is None
        data += whole[cut:]
    assert websocket.take_frame(data + b"rest") == (opcode, payload)


@pytest.mark.parametrize("data", [b"\x81\x02hi", b"\x81\xff" + b"\xff" * 8, b"\x81\xff" + (1 << 40).to_bytes(8, "big")])
def test_frames_without_mask_or_too_long_are_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        websocket.take_frame(bytearray(data))
