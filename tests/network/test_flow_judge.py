"""Flows are judged by the interventions that judge screens, and only what they name is changed."""

from __future__ import annotations

import json
import threading
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from PIL import Image as Pictures

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.engine.runner import Limits
from backend.network.judge import FLOW_HANDLERS, FlowJudge
from backend.network.messages import PASS, FlowMessage, FlowVerdict
from backend.serving.host import ModelHost
from backend.store.entries import ActionEntry, Entry, EventEntry
from interventions.sdk import FlowPathError
from tests.engine.conftest import Bench

SHOUTS = """
def on_text(self, lines):
    for line in lines:
        if line.text.isupper():
            yield Cover(line.box, why="loud", label="shouting", score=1.0)
"""
BIG = """
def on_region(self, regions):
    for region in regions:
        if region.pixels[0, 0, 0] > 200:
            yield Cover(region.box, style="blur", why="red")
"""


def response(body: bytes, kind: str = "application/json", url: str = "https://api.plaza.test/feed") -> FlowMessage:
    headers = (("Content-Type", kind), ("ETag", '"old"'), ("Cache-Control", "max-age=999"))
    return FlowMessage("response", "f1", "127.0.0.1:4000", "GET", url, status=200, headers=headers, body=body)


def told(value: Any) -> FlowMessage:
    return response(json.dumps(value, ensure_ascii=False, indent=1).encode())


def request(url: str) -> FlowMessage:
    return FlowMessage("request", "f1", "127.0.0.1:4000", "GET", url)


def message(text: str, sender: str = "server") -> FlowMessage:
    return FlowMessage(
        "websocket", "f1", "c", "GET", "wss://chat.plaza.test/", number=1, body=text.encode(), text=True, sender=sender
    )  # type: ignore[arg-type]


def png(colour: tuple[int, int, int], size: tuple[int, int] = (320, 200)) -> bytes:
    out = BytesIO()
    Pictures.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def changed(verdict: FlowVerdict) -> Any:
    assert verdict.do == "replace"
    assert verdict.body is not None
    return json.loads(verdict.body)


class Court:
    """A judge over interventions written by a test."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.entries: list[Entry] = []
        self.engines: list[Engine] = []

    def write(self, entries: Sequence[Entry]) -> None:
        self.entries += entries

    def over(self, hard_deadline_s: float = 5.0, **interventions: str) -> FlowJudge:
        for name, body in interventions.items():
            self.bench.write(name, body)
        catalog = Catalog([self.bench.folder], shipped=self.bench.folder / "nothing")
        return self._judge(
            catalog, lambda name: pytest.fail(name), hard_deadline_s, {name: {} for name in interventions}
        )

    def shipped(self, **interventions: dict[str, Any]) -> FlowJudge:
        return self._judge(Catalog(), HOST.load, 20.0, interventions)

    def _judge(self, catalog: Catalog, load: Any, deadline_s: float, on: dict[str, dict[str, Any]]) -> FlowJudge:
        engine = Engine(
            catalog,
            load,
            limits=Limits(hard_deadline_s=deadline_s),
            soft_deadline_s=None,
            handlers=FLOW_HANDLERS,
        )
        self.engines.append(engine)
        for name, values in on.items():
            engine.enable(name, values)
        return FlowJudge(engine, self.write, phone_of=lambda flow: "phone")

    def events(self, name: str) -> list[EventEntry]:
        return [entry for entry in self.entries if isinstance(entry, EventEntry) and entry.event == name]

    def actions(self) -> list[ActionEntry]:
        return [entry for entry in self.entries if isinstance(entry, ActionEntry)]


HOST = ModelHost()


@pytest.fixture
def court(tmp_path: Any) -> Iterator[Court]:
    court = Court(Bench(tmp_path))
    yield court
    for engine in court.engines:
        engine.close()


def test_a_covered_text_is_replaced_and_its_neighbours_stay(court: Court) -> None:
    judge = court.over(quiet=SHOUTS)
    before = told({"posts": [{"id": 1, "text": "GO AWAY ALL"}, {"id": 2, "text": "good evening"}], "n": 1.0})
    verdict = judge.judge(before)
    assert verdict.body == before.body.replace(b"GO AWAY ALL", b"[hidden]")


def test_a_flow_that_nobody_minds_passes(court: Court) -> None:
    judge = court.over(quiet=SHOUTS)
    assert judge.judge(told({"text": "good evening"})) is PASS
    assert court.entries == []


def test_without_interventions_nothing_is_even_parsed(court: Court) -> None:
    judge = court.over()
    assert judge.judge(response(b"{")) is PASS
    assert judge.types() == {}
    assert judge.counts() == {}


def test_known_content_is_not_judged_again(court: Court) -> None:
    judge = court.over(
        once="""
        seen = 0
        def on_text(self, lines):
            type(self).seen += len(lines)
            for line in lines:
                yield Cover(line.box, why=str(self.seen))
        """
    )
    flow = told([{"text": "GO AWAY"}, {"text": "good evening"}])
    first, second = judge.judge(flow), judge.judge(flow)
    assert first == second
    assert type(judge.engine.kinds()["once"].intervention).seen == 2  # type: ignore[attr-defined]


def test_what_was_decided_ends_with_the_interventions_that_decided_it(court: Court) -> None:
    judge = court.over(quiet=SHOUTS)
    assert judge.judge(told({"text": "GO AWAY"})).do == "replace"
    judge.engine.disable("quiet")
    assert judge.judge(told({"text": "GO AWAY"})) is PASS


def test_a_failing_intervention_is_isolated(court: Court) -> None:
    judge = court.over(
        quiet=SHOUTS,
        broken="""
        def on_text(self, lines):
            raise RuntimeError("no")
        def on_flow(self, flow):
            raise RuntimeError("no")
        """,
    )
    assert changed(judge.judge(told({"text": "GO AWAY"}))) == {"text": "[hidden]"}
    assert judge.engine.enabled() == ["quiet"]


def test_the_flow_passes_when_all_fail(court: Court) -> None:
    judge = court.over(broken="def on_flow(self, flow):\n    raise RuntimeError('no')\n")
    assert judge.judge(told({"text": "GO AWAY"})) is PASS
    assert judge.judge(told({"text": "GO AWAY"})) is PASS


def test_one_that_hangs_is_suspended_and_the_rest_goes_on(court: Court) -> None:
    hang = "import time\ndef on_text(self, lines):\n    while True:\n        time.sleep(0.01)\n"
    judge = court.over(hard_deadline_s=0.3, quiet=SHOUTS, slow=hang)
    assert changed(judge.judge(told({"text": "GO AWAY"}))) == {"text": "[hidden]"}
    assert judge.engine.enabled() == ["quiet"]


def test_an_edited_answer_is_asked_for_again(court: Court) -> None:
    headers = dict(court.over(quiet=SHOUTS).judge(told({"text": "GO AWAY"})).headers)
    assert headers["etag"] != '"old"'
    assert headers["cache-control"] == "no-cache"


def test_a_condemned_picture_becomes_one_of_its_size_and_type(court: Court) -> None:
    judge = court.over(reds=BIG)
    verdict = judge.judge(response(png((250, 0, 0)), "image/png", "https://cdn.plaza.test/a.png"))
    assert verdict.body is not None
    with Pictures.open(BytesIO(verdict.body)) as picture:
        assert (picture.format, picture.size) == ("PNG", (320, 200))
        assert picture.convert("RGB").getpixel((5, 5)) != (250, 0, 0)
    assert judge.judge(response(png((0, 0, 250)), "image/png")) is PASS


@pytest.mark.parametrize(
    ("body", "kind", "reason"),
    [
        (b'{"text": "GO', "application/json", "invalid JSON"),
        (b"[" * 5000 + b"]" * 5000, "application/json", "nested too deeply"),
        (b"[" * 200 + b'"GO AWAY"' + b"]" * 200, "application/json", "nested too deeply"),
        (b'{"text": "GO \xff AWAY"}', "application/json", "wrong charset"),
        (b'{"text": "GO AWAY"}', "application/json; charset=nonsense", "wrong charset"),
        (b'{"text": "GO AWAY", "text": "good"}', "application/json", "invalid JSON"),
        (b'{"text": NaN}', "application/json", "invalid JSON"),
        (b"[" + b'"GO AWAY",' * 900_000 + b"1]", "application/json", "too large"),
        (png((250, 0, 0))[:90], "image/png", "malformed picture"),
        (b"no picture at all", "image/jpeg", "malformed picture"),
        (b"\x00\x01GO", "application/grpc", "protobuf"),
    ],
)
def test_what_cannot_be_understood_passes_and_is_counted(court: Court, body: bytes, kind: str, reason: str) -> None:
    judge = court.over(quiet=SHOUTS, reds=BIG)
    assert judge.judge(response(body, kind)) is PASS
    assert judge.counts() == {f"untouched: {reason}": 1}


def test_a_part_of_a_body_passes(court: Court) -> None:
    judge = court.over(quiet=SHOUTS)
    assert judge.judge(replace(told({"text": "GO AWAY"}), status=206)) is PASS
    assert judge.counts() == {"untouched: part of a body": 1}


def test_messages_of_web_sockets_json_and_text(court: Court) -> None:
    judge = court.over(quiet=SHOUTS)
    assert changed(judge.judge(message('{"text":"GO AWAY","n":1}'))) == {"text": "[hidden]", "n": 1}
    assert judge.judge(message("hello you\nGO AWAY\n")).body == b"hello you\n[hidden]\n"
    assert judge.judge(message('42["said",{"text":"GO AWAY"}]')).body == b'42["said",{"text":"[hidden]"}]'
    assert judge.judge(message("GO AWAY", sender="client")) is PASS
    binary = FlowMessage("websocket", "f", "c", "GET", "wss://chat.plaza.test/", number=2, body=b"\x00GO")
    assert judge.judge(binary) is PASS
    assert judge.counts()["untouched: binary message"] == 1


@pytest.mark.parametrize("content_type", ["text/event-stream", "application/x-ndjson"])
def test_messages_that_a_server_pushes(court: Court, content_type: str) -> None:
    judge = court.over(quiet=SHOUTS)
    pushed = partial(FlowMessage, "pushed", "f1", "c", "GET", "https://api.plaza.test/live", status=200, text=True)
    headers = (("content-type", content_type),)
    said = judge.judge(pushed(number=1, headers=headers, body=b'{"text":"GO AWAY","n":1}'))
    assert (changed(said), said.headers) == ({"text": "[hidden]", "n": 1}, ())
    assert judge.judge(pushed(number=2, headers=headers, body=b"42")) is PASS
    assert judge.types()[content_type] == judge.types()["websocket"]


ACTS = """
def on_flow(self, flow):
    if flow.direction == "request" and flow.query.get("limit"):
        yield SetQuery("limit", "3")
        yield SetQuery("session", None)
    if flow.direction == "response":
        yield KeepFirst("$.posts", 1)
        yield Rewrite("$.posts[*].ad", {"shown": False})
        yield Rewrite("$.[", 1)
    if flow.direction == "message":
        yield Refuse(why="too much")
"""


def test_on_flow_changes_requests_answers_and_messages(court: Court) -> None:
    judge = court.over(acts=ACTS)
    asked = judge.judge(request("https://api.plaza.test/feed?after=a%2Fb&limit=50&session=1#top"))
    assert asked.url == "https://api.plaza.test/feed?after=a%2Fb&limit=3#top"
    assert judge.judge(request("https://api.plaza.test/feed")) is PASS
    answered = judge.judge(told({"posts": [{"ad": 1}, {"ad": 2}], "next": "x"}))
    assert changed(answered) == {"posts": [{"ad": {"shown": False}}], "next": "x"}
    assert judge.judge(message("hello")).do == "refuse"
    assert [event.intervention for event in court.events("intervention.misled")] == ["acts"]


def test_one_that_asks_for_the_impossible_is_told_of_once_and_hides_nothing_from_others(court: Court) -> None:
    odd = 'def on_flow(self, flow):\n    yield Rewrite("$.n", {1, 2})\n    yield Rewrite("$.[", 1)\n'
    judge = court.over(quiet=SHOUTS, odd=odd)
    for _ in range(3):
        assert changed(judge.judge(told({"text": "GO AWAY", "n": 1}))) == {"text": "[hidden]", "n": 1}
    assert [event.intervention for event in court.events("intervention.misled")] == ["odd"] * 2


def test_what_on_flow_puts_in_is_judged_as_well(court: Court) -> None:
    turns = 'def on_flow(self, flow):\n    yield Rewrite("$.posts", flow.json["posts"][::-1])\n'
    judge = court.over(quiet=SHOUTS, turns=turns)
    posts = [{"text": "good evening"}, {"text": "GO AWAY ALL", "n": 1.50}]
    assert changed(judge.judge(told({"posts": posts}))) == {
        "posts": [{"text": "[hidden]", "n": 1.5}, {"text": "good evening"}]
    }


def test_a_broken_body_can_still_be_refused(court: Court) -> None:
    judge = court.over(acts='def on_flow(self, flow):\n    if flow.kind == "none":\n        yield Refuse(status=451)\n')
    assert judge.judge(response(b"{")) == FlowVerdict("refuse", status=451)


def test_what_is_no_flow_action_is_handed_on(court: Court) -> None:
    judge = court.over(tells='def on_flow(self, flow):\n    yield Notify("a break?")\n')
    heard: list[Any] = []
    telling = FlowJudge(judge.engine, court.write, carry_out=lambda flow, decided: heard.extend(decided))
    assert telling.judge(told({"text": "hello you"})) is PASS
    assert [one.action.message for one in heard] == ["a break?"]


def test_given_paths_are_content_and_nothing_else_is(court: Court) -> None:
    engine = court.over(quiet=SHOUTS).engine
    judge = FlowJudge(engine, court.write, paths={"*.plaza.test": ["$.posts[*].tag"]})
    assert changed(judge.judge(told({"posts": [{"tag": "LOUD", "text": "GO AWAY"}]}))) == {
        "posts": [{"tag": "[hidden]", "text": "GO AWAY"}]
    }
    with pytest.raises(FlowPathError, match="not JSONPath"):
        FlowJudge(engine, court.write, paths={"*": ["$.["]})


def test_apps_may_name_hosts_or_packages(court: Court) -> None:
    judge = court.over(quiet='apps = ["*.plaza.test", "org.example.chat"]\n' + SHOUTS)
    elsewhere = response(b'{"text":"GO AWAY"}', url="https://other.test/")
    assert judge.judge(told({"text": "GO AWAY"})).do == "replace"
    assert judge.judge(elsewhere) is PASS
    known = FlowJudge(judge.engine, court.write, app_of=lambda flow: "org.example.chat")
    assert known.judge(elsewhere).do == "replace"


def test_lateness_is_as_the_interventions_say(court: Court) -> None:
    judge = court.over(quiet=SHOUTS, reds='until_judged = "show"\n' + BIG)
    assert judge.types()["application/json"] == "hold"
    assert judge.types()["image/*"] == "pass"
    assert "request" not in judge.types()
    flows = court.over(acts=ACTS)
    assert flows.types()["request"] == flows.types()["application/json"] == "pass"


def test_the_journal_holds_findings_and_no_text(court: Court) -> None:
    judge = court.over(quiet=SHOUTS)
    for _ in range(2):
        judge.judge(told({"posts": [{"text": "GO AWAY ALL"}, {"text": "GO HOME ALL"}]}))
    assert [entry.kind for entry in court.actions()] == ["finding", "action"] * 2
    assert [dict(event.detail) for event in court.events("flow.changed")] == [{"quiet": 2}] * 2
    assert "GO " not in repr(court.entries)


def test_many_flows_at_once_do_not_mix(court: Court) -> None:
    judge = court.over(quiet=SHOUTS, acts=ACTS.replace('yield Rewrite("$.[", 1)', "pass"))
    wrong: list[Any] = []

    def ask(number: int) -> None:
        for turn in range(10):
            text = f"WORD {'AB'[turn % 2]} {number}"
            got = changed(judge.judge(told({"posts": [{"text": text}, {"text": "calm words"}], "of": [number, turn]})))
            if got != {"posts": [{"text": "[hidden]"}], "of": [number, turn]}:
                wrong.append(got)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


Answer = Callable[[FlowVerdict], Any]


def test_the_shipped_demetrication_works_on_counts(court: Court) -> None:
    judge = court.shipped(demetrication={})
    post = {
        "id": 1284,
        "text": "We met 12 friends at 10:30",
        "like_count": 1284,
        "likes": {"count": 7, "users": ["anna berg"]},
        "stats": {"viewCount": 3500.0, "followers": "1.2K", "price": 1284},
        "label": "1,284 likes",
        "is_liked": True,
    }
    assert changed(judge.judge(told({"posts": [post]})))["posts"] == [
        post
        | {"like_count": 0, "likes": {"count": 0, "users": ["anna berg"]}, "label": "likes"}
        | {"stats": {"viewCount": 0.0, "followers": "", "price": 1284}}
    ]


def test_the_shipped_hate_speech_works_on_comments(court: Court) -> None:
    judge = court.shipped(hate_speech={})
    post = {
        "text": "What a lovely morning at the lake",
        "comments": [{"text": "you stupid bitch, i hate you", "id": 1}],
    }
    assert changed(judge.judge(told(post)))["comments"] == [{"text": "[hidden]", "id": 1}]


def test_the_shipped_endless_scroll_works_on_pages(court: Court) -> None:
    judge = court.shipped(endless_scroll={"page_size": 2})
    assert judge.judge(request("https://api.plaza.test/feed?limit=50")).url == "https://api.plaza.test/feed?limit=2"
    posts = [{"text": f"post number {n}"} for n in range(5)]
    assert changed(judge.judge(told({"posts": posts, "next": "c"}))) == {"posts": posts[:2], "next": "c"}
    playlist = b'#EXTM3U\n#EXT-X-PRELOAD-HINT:TYPE=PART,URI="n.mp4"\n#EXTINF:4,\na.ts\n'
    shorter = judge.judge(response(playlist, "application/vnd.apple.mpegurl"))
    assert shorter.body == b"#EXTM3U\n#EXTINF:4,\na.ts\n"
    page = judge.judge(response(b"<video autoplay src=v></video>", "text/html"))
    assert page.body == b"<video  src=v></video>"


def test_the_shipped_explicit_images_looks_at_pictures(court: Court) -> None:
    judge = court.shipped(explicit_images={"part_threshold": 1.0, "picture_threshold": 0.0})
    verdict = judge.judge(response(png((90, 120, 60)), "image/png"))
    assert verdict.body is not None
    small = response(png((90, 120, 60), (32, 32)), "image/png")
    assert judge.judge(small) is PASS
    assert court.shipped(explicit_images={}).judge(response(png((90, 120, 60)), "image/png")) is PASS


def test_a_page_is_judged_as_a_screen_is(court: Court) -> None:
    judge = court.over(quiet=SHOUTS)
    page = b"<p>GO <b>AWAY</b> ALL</p><p>good evening</p><script>var a = 'GO AWAY'</script>"
    verdict = judge.judge(response(page, "text/html; charset=utf-8"))
    assert verdict.body == page.replace(b"GO <b>AWAY</b> ALL", b"[hidden] <b></b>").replace(
        b"</b></p>", b"</b> </p>", 1
    )


@pytest.mark.parametrize("kind", ["application/json", "text/html", "text/plain", "image/png", "application/dash+xml"])
def test_a_body_of_100_megabytes_is_not_even_copied(court: Court, kind: str) -> None:
    judge = court.over(quiet=SHOUTS, reds=BIG, acts='def on_flow(self, flow):\n    assert flow.kind == "none"\n')
    body = bytes(100 << 20)
    tracemalloc.start()
    try:
        assert judge.judge(response(body, kind)) is PASS
        assert tracemalloc.get_traced_memory()[1] < 4 << 20
    finally:
        tracemalloc.stop()
    assert judge.counts()["untouched: too large"] == 1
    assert judge.engine.enabled() == ["acts", "quiet", "reds"]


def test_the_shipped_demetrication_works_on_pages(court: Court) -> None:
    judge = court.shipped(demetrication={})
    page = b'<p>12 friends met</p><b class="like-count">12</b><p>1,284 likes</p><i class="price">12</i>'
    assert judge.judge(response(page, "text/html")).body == (
        b'<p>12 friends met</p><b class="like-count"></b><p>likes</p><i class="price">12</i>'
    )
