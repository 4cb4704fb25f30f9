"""Real mitmproxy, real TLS, curl: what is handed over, what comes back, and what passes untouched."""

from __future__ import annotations

import gzip
import http.client
import json
import shutil
import socket
import ssl
import subprocess
import threading

import pytest

from backend.network.messages import FlowMessage, FlowVerdict
from tests.network.origin import FEED, LARGE
from tests.network.proxied import Bench

pytestmark = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl (apt-get install curl)")


def replaced(flow: FlowMessage) -> FlowVerdict:
    return FlowVerdict("replace", body=flow.body.replace(b"a post of", b"[hidden]"))


NEW = FEED.replace(b"a post of", b"[hidden]")


@pytest.mark.parametrize("path", ["/feed", "/gzip", "/deflate", "/chunked"])
def test_a_decoded_body_reaches_the_judge_and_the_new_one_the_client(bench: Bench, path: str) -> None:
    bench.judge = replaced
    assert bench.curl(path, "--compressed") == NEW
    assert bench.flows[-1].body == FEED
    assert bench.flows[-1].content_type == "application/json"
    assert bench.flows[-1].url == f"https://api.plaza.test{path}"


def test_what_passes_is_the_same_bytes_with_the_same_encoding(bench: Bench) -> None:
    raw = bench.curl("/gzip", "-i", "-H", "accept-encoding: gzip")
    head, _, body = raw.partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")
    assert b"content-encoding: gzip" in head.lower()
    assert b"digest: sha-256=old" in head.lower()
    assert gzip.decompress(body) == FEED


def test_headers_of_the_old_body_go_and_cache_headers_stay(bench: Bench) -> None:
    bench.judge = replaced
    head = bench.curl("/gzip", "-i", "--compressed").partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[0].lower()
    assert b"content-encoding" not in head
    assert b"digest" not in head
    assert b"accept-ranges" not in head
    head = bench.curl("/feed", "-i").partition(b"\r\n\r\n")[2].partition(b"\r\n\r\n")[0].lower()
    assert b'etag: "one"' in head
    assert b"cache-control: max-age=60" in head
    assert f"content-length: {len(NEW)}".encode() in head


def test_the_invitation_to_http_3_is_not_passed_on(bench: Bench) -> None:
    assert b"alt-svc" not in bench.curl("/feed", "-i").lower()
    assert b"alt-svc" in bench.curl("/feed", "-i", host="bank.test", ca=bench.origin.roots).lower()


def test_only_codings_that_can_be_undone_are_asked_for(bench: Bench) -> None:
    bench.curl("/feed", "-H", "accept-encoding: br, gzip;q=0.5, zstd")
    assert bench.origin.seen[-1][1]["accept-encoding"] == "gzip;q=0.5"


def test_what_a_client_keeps_from_before_is_not_declared_good(bench: Bench) -> None:
    kept = ("-H", 'if-none-match: "one"', "-H", "if-modified-since: Tue, 24 Nov 2026 10:00:00 GMT")
    bench.curl("/feed", *kept)
    assert not {"if-none-match", "if-modified-since"} & bench.origin.seen[-1][1].keys()
    bench.curl("/feed", *kept, "-H", "sec-fetch-dest: font")
    assert bench.origin.seen[-1][1]["if-none-match"] == '"one"'
    bench.curl("/feed", *kept, host="bank.test", ca=bench.origin.roots)
    assert bench.origin.seen[-1][1]["if-none-match"] == '"one"'


def test_a_host_that_is_not_opted_in_is_never_decrypted(bench: Bench) -> None:
    bench.judge = replaced
    # curl trusts the origin's authority alone here: only the origin's own certificate can satisfy it.
    assert bench.curl("/feed", host="bank.test", ca=bench.origin.roots) == FEED
    with pytest.raises(subprocess.CalledProcessError):
        bench.curl("/feed", host="bank.test")
    assert bench.flows == []
    bench.until(lambda: any(note.what == "tunnelled" and note.host == "bank.test" for note in bench.notes))


def test_a_client_that_refuses_our_certificate_is_noted(bench: Bench) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        bench.curl("/feed", ca=bench.origin.roots)
    bench.until(lambda: any(note.what == "client_tls" and note.host == "api.plaza.test" for note in bench.notes))


def test_opting_out_takes_effect_on_open_connections(bench: Bench) -> None:
    context = ssl.create_default_context(cafile=str(bench.proxy.ca_certificate))
    connection = http.client.HTTPSConnection("127.0.0.1", bench.proxy.port, context=context, timeout=20)
    connection.set_tunnel("api.plaza.test", 443)
    connection.request("GET", "/feed")
    assert connection.getresponse().read() == FEED
    bench.opt_in("cdn.plaza.test")
    assert connection.sock.recv(1) == b""  # closed: the next request goes by the new rules
    connection.close()
    assert bench.curl("/feed", ca=bench.origin.roots) == FEED


def test_parts_and_grpc_pass_untouched(bench: Bench) -> None:
    bench.judge = replaced
    assert bench.curl("/range", "-r", "10-19") == FEED[10:20]
    assert bench.curl("/grpc") == b"\x00\x00\x00\x00\x03abc"
    assert bench.flows == []
    bench.until(lambda: bench.noted("grpc"))


def test_a_judge_may_refuse(bench: Bench) -> None:
    bench.judge = lambda flow: FlowVerdict("refuse", why="<no> more today")
    page = bench.curl("/feed", "-w", "%{http_code}")
    assert page.endswith(b"403")
    assert b"&lt;no&gt; more today" in page


@pytest.mark.parametrize(("late", "status"), [("pass", b"200"), ("hold", b"502")])
def test_a_late_verdict_is_passed_or_held(bench: Bench, late: str, status: bytes) -> None:
    bench.opt_in(types={"application/json": late}, deadline_ms=200)
    over = threading.Event()

    def slow(flow: FlowMessage) -> FlowVerdict:
        over.wait(20)
        return FlowVerdict("replace", body=b"too late")

    bench.judge = slow
    page = bench.curl("/feed", "-w", "%{http_code}")
    over.set()
    assert page.endswith(status)
    assert b"too late" not in page
    assert (b"Mindproof" in page) == (late == "hold")
    bench.until(lambda: bench.noted("late"))


def test_a_judge_that_fails_counts_as_late_at_once(bench: Bench) -> None:
    bench.opt_in(types={"application/json": "hold"}, deadline_ms=30_000)

    def broken(flow: FlowMessage) -> FlowVerdict:
        raise RuntimeError("a mistake")

    bench.judge = broken
    assert bench.curl("/feed", "-w", "%{http_code}").endswith(b"502")


def test_requests_are_judged_before_anything_is_sent(bench: Bench) -> None:
    bench.opt_in(types={"request": "pass"})
    bench.judge = lambda flow: FlowVerdict("replace", url=flow.url.replace("count=50", "count=5"))
    assert bench.curl("/feed?count=50") == FEED
    assert bench.origin.seen[-1][0] == "/feed?count=5"
    bench.judge = lambda flow: FlowVerdict("refuse", why="no more")
    before = len(bench.origin.seen)
    assert bench.curl("/feed", "-w", "%{http_code}").endswith(b"403")
    assert len(bench.origin.seen) == before


def test_a_request_is_never_sent_to_another_host(bench: Bench) -> None:
    bench.opt_in(types={"request": "pass"})
    bench.judge = lambda flow: FlowVerdict("replace", url="https://elsewhere.test/gzip")
    assert bench.curl("/feed") == FEED


def test_an_upload_passes_as_it_comes(bench: Bench, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("upload") / "large"
    with file.open("wb") as out:
        out.truncate(60 << 20)
    assert json.loads(bench.curl("/up", "-X", "POST", "-H", "expect:", "-T", str(file)))["received"]


@pytest.mark.parametrize("path", ["/large", "/endless"])
def test_a_large_body_streams_past_in_bounded_memory(bench: Bench, path: str) -> None:
    size = bench.curl(path, "-o", "/dev/null", "-w", "%{size_download}")
    assert int(size) == LARGE
    bench.until(lambda: bench.noted("large"))
    assert bench.memory_mb() < 300


def test_a_gzip_bomb_passes_unopened(bench: Bench) -> None:
    bench.judge = replaced
    assert bench.curl("/bomb") == bench.origin.bomb
    bench.until(lambda: bench.noted("large"))
    assert bench.memory_mb() < 300


def test_what_cannot_be_read_is_passed_or_held(bench: Bench) -> None:
    assert bench.curl("/brotli") == b"\x0b\x02\x80hello\x03"
    bench.until(lambda: bench.noted("undecodable"))
    bench.opt_in(types={"application/json": "hold"})
    assert bench.curl("/brotli", "-w", "%{http_code}").endswith(b"502")


@pytest.mark.parametrize("path", ["/truncated", "/stalled", "/silent"])
def test_a_host_that_does_not_finish_is_answered_with_a_502(bench: Bench, path: str) -> None:
    bench.opt_in(upstream_s=1.0)
    assert bench.curl(path, "-w", "%{http_code}").endswith(b"502")
    assert bench.flows == []


def test_bodies_for_which_there_is_no_room_are_held_back_until_there_is(bench: Bench) -> None:
    bench.opt_in(types={"application/json": "hold"}, deadline_ms=300, upstream_s=4.0)
    urls = "".join(f'url = "https://api.plaza.test/trickle?{n}"\noutput = "/dev/null"\n' for n in range(30))
    command = ["curl", "-s", "-Z", "--parallel-immediate", "--parallel-max", "40", "-m", "30", "-K", "-"]
    command += ["-x", f"http://127.0.0.1:{bench.proxy.port}", "--cacert", str(bench.proxy.ca_certificate)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as many:
        assert many.stdin is not None
        many.stdin.write(urls)
        many.stdin.close()
        bench.until(lambda: bench.noted("late"))
        page = bench.curl("/feed", "-w", "%{http_code}")
    assert page.endswith(b"502")
    assert b"Mindproof" in page
    assert b"a post of" not in page
    assert bench.curl("/feed") == FEED


def test_malformed_json_reaches_the_judge_as_it_is(bench: Bench) -> None:
    assert bench.curl("/malformed") == b'{"posts": ['
    assert bench.flows[-1].body == b'{"posts": ['


def test_clients_that_leave_hold_nothing_up(bench: Bench) -> None:
    over = threading.Event()

    def slow(flow: FlowMessage) -> FlowVerdict:
        over.wait(20)
        return FlowVerdict()

    bench.judge = slow
    for _ in range(5):
        with pytest.raises(subprocess.CalledProcessError):
            bench.curl("/feed", "-m", "1")
    over.set()
    bench.judge = replaced
    assert bench.curl("/feed") == NEW


def test_many_flows_at_once_get_their_own_verdicts(bench: Bench) -> None:
    bench.judge = lambda flow: FlowVerdict("replace", body=flow.url.encode())
    config = "".join(f'url = "https://api.plaza.test/feed?n={n}"\noutput = "-"\n' for n in range(40))
    proxy = f"http://127.0.0.1:{bench.proxy.port}"
    command = ["curl", "-sS", "-Z", "--parallel-max", "20", "-m", "60", "-x", proxy, "-K", "-"]
    done = subprocess.run(
        [*command, "--cacert", str(bench.proxy.ca_certificate)], input=config.encode(), capture_output=True, check=True
    )
    found = {int(part) for part in done.stdout.decode().replace("https://api.plaza.test/feed?n=", " ").split()}
    assert found == set(range(40))


def test_it_listens_on_loopback_only(bench: Bench) -> None:
    with socket.socket() as probe:
        probe.settimeout(5)
        assert probe.connect_ex(("127.0.0.2", bench.proxy.port)) != 0
