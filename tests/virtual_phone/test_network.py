"""The apps fetch what they show from the phone's content server, by the phone's proxy and certificate stores."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device_agent.virtual_phone.content_server import ContentServer
from device_agent.virtual_phone.network import USER_STORE
from device_agent.virtual_phone.phone import VirtualPhone
from tests.virtual_phone.connect_proxy import ConnectProxy

NO_PROXY = ":0"
CLOSED = "127.0.0.1:9"
UNTRUSTED = "No secure connection to {}.mindproof.test. Its certificate is not trusted."
UNREACHED = "Cannot reach {}.mindproof.test. Check the connection."


APPS = ("feed", "chat", "reader", "shorts")


def stop_apps(phone: VirtualPhone) -> None:
    for app in APPS:
        phone.force_stop(f"org.mindproof.{app}")


@pytest.fixture(autouse=True)
def no_app_stays_open(virtual_phone: VirtualPhone) -> Iterator[None]:
    yield
    stop_apps(virtual_phone)


@pytest.fixture(scope="module")
def online_phone() -> Iterator[VirtualPhone]:
    with VirtualPhone(seed=1, online=True) as phone:
        yield phone


@pytest.fixture
def online(online_phone: VirtualPhone, hand_for: Any) -> Iterator[Any]:
    """A hand on the phone; before and after there is no proxy, no authority of the user's, no open app."""
    yield hand_for(online_phone)
    stop_apps(online_phone)
    online_phone.settings["global"]["http_proxy"] = NO_PROXY
    for file in (online_phone.root / USER_STORE).iterdir():
        file.unlink()


@pytest.fixture
def proxy_for(online_phone: VirtualPhone, tmp_path: Path) -> Iterator[Callable[..., ConnectProxy]]:
    """Starts a proxy that decrypts or does not, and has the phone use it."""
    made: list[ConnectProxy] = []

    def start(opens: bool, *sealed: str) -> ConnectProxy:
        assert online_phone.content_server is not None
        made.append(ConnectProxy(online_phone.content_server, tmp_path, opens, sealed))
        online_phone.settings["global"]["http_proxy"] = made[-1].address
        return made[-1]

    yield start
    for proxy in made:
        proxy.close()


def trust(phone: VirtualPhone, proxy: ConnectProxy) -> None:
    (phone.root / USER_STORE / proxy.ca_name).write_bytes(proxy.ca_pem)


def test_a_server_is_there_only_when_asked_for(virtual_phone: VirtualPhone, online_phone: VirtualPhone) -> None:
    assert virtual_phone.content_server is None
    assert isinstance(online_phone.content_server, ContentServer)


def same(hand: Any, online: Any) -> None:
    """Both phones come to show the same."""
    for one in (hand, online):
        one.rest()
    online.until(lambda: bool(online.phone.dump_tree() == hand.phone.dump_tree()), "the same UI tree")
    wanted = hand.phone.screenshot()
    online.until(lambda: np.array_equal(online.phone.screenshot(), wanted), "the same pixels")


@pytest.mark.parametrize("target", ["feed", "post_author", "comment_button"])
def test_the_feed_looks_as_it_does_without_a_server(hand: Any, online: Any, target: str) -> None:
    for one in (hand, online):
        one.open("feed")
        one.find("post_author")
        if target != "feed":
            one.tap(target)
            one.find("comment_text" if target == "comment_button" else "followers_count")
    same(hand, online)


def test_so_does_the_chat(hand: Any, online: Any) -> None:
    for one in (hand, online):
        one.open("chat")
        one.find("conversation")
    same(hand, online)
    for one in (hand, online):
        one.tap("conversation")
        one.find("message")
        one.tap("message_field")
        one.phone.text("See you at nine")
        one.tap("send_button")
        one.until(lambda one=one: one.all("message")[-1].text not in ("", "See you at nine"), "an answer")
    same(hand, online)


def test_so_does_the_reader_far_down(hand: Any, online: Any) -> None:
    for one in (hand, online):
        one.open("reader")
    same(hand, online)
    for _ in range(3):
        for one in (hand, online):
            for _ in range(3):
                one.drag(-1800)
        same(hand, online)


def test_so_do_the_shorts_which_play(hand: Any, online: Any) -> None:
    for one in (hand, online):
        one.open("shorts")
        one.find("caption")
    assert online.phone.dump_tree() == hand.phone.dump_tree()
    frame = online.phone.frame_number()
    online.until(lambda: online.phone.frame_number() > frame + 3, "the video to play")
    for one in (hand, online):
        one.phone.swipe(540, 1600, 540, 900, 100)
        one.until(lambda one=one: one.all("page")[0].box == one.find("pager").box, "the next video to rest")
    assert online.find("author").text == hand.find("author").text


def test_it_goes_on_page_after_page(online: Any) -> None:
    online.open("feed")
    online.find("post_author")
    seen: set[str] = set()

    def more_than_a_page() -> bool:
        online.drag(-1400)
        seen.update(node.text for node in online.all("post_text"))
        return len(seen) > 12

    online.until(more_than_a_page, "the second page", 20)


def test_connections_go_through_the_proxy_while_there_is_one(online: Any, proxy_for: Any) -> None:
    proxy = proxy_for(False)
    online.open("feed")
    online.find("post_author")
    assert proxy.asked[0] == "plaza.mindproof.test:443"
    assert set(proxy.asked) <= {"plaza.mindproof.test:443", "media.mindproof.test:443"}
    online.phone.settings["global"]["http_proxy"] = NO_PROXY
    before = proxy.asked.count("plaza.mindproof.test:443")
    online.open("feed")
    online.find("post_author")
    assert proxy.asked.count("plaza.mindproof.test:443") == before


def test_what_the_user_trusts_can_read_the_feed(online: Any, proxy_for: Any) -> None:
    proxy = proxy_for(True)
    online.open("feed")
    online.find("status_message", text=UNTRUSTED.format("plaza"))
    assert not proxy.read
    online.until(lambda: proxy.refused == ["plaza.mindproof.test"], "the app to refuse")
    trust(online.phone, proxy)
    online.tap("retry_button")
    online.find("post_author")
    assert "plaza.mindproof.test GET /api/v1/feed?cursor=0" in proxy.read
    online.until(lambda: any(line.startswith("media.mindproof.test GET /") for line in proxy.read), "pictures")


def test_what_the_user_trusts_can_read_the_reader(online: Any, proxy_for: Any) -> None:
    proxy = proxy_for(True)
    trust(online.phone, proxy)
    online.open("reader")
    online.until(lambda: "gazette.mindproof.test GET /articles/0" in proxy.read, "the article to be fetched")


def test_shorts_trust_the_makers_authorities_only(online: Any, proxy_for: Any) -> None:
    proxy = proxy_for(True)
    trust(online.phone, proxy)
    online.open("shorts")
    online.find("status_message", text=UNTRUSTED.format("reels"))
    online.until(lambda: "reels.mindproof.test" in proxy.refused, "the app to refuse")
    assert not proxy.read


def test_the_chat_pins_its_server_but_not_its_pictures(online: Any, proxy_for: Any) -> None:
    proxy = proxy_for(True)
    trust(online.phone, proxy)
    online.open("chat")
    online.find("status_message", text=UNTRUSTED.format("courier"))
    online.until(lambda: "courier.mindproof.test" in proxy.refused, "the app to refuse")
    assert not proxy.read
    tunnel = proxy_for(False)
    online.tap("retry_button")
    online.find("conversation")
    assert "courier.mindproof.test:443" in tunnel.asked


def test_an_answer_comes_over_a_websocket_that_the_user_can_read(online: Any, proxy_for: Any) -> None:
    proxy = proxy_for(True, "courier.mindproof.test")
    trust(online.phone, proxy)
    online.open("chat")
    online.tap("conversation")
    online.until(lambda: "live.mindproof.test GET /events" in proxy.read, "the app to listen")
    online.find("message")
    online.until(lambda: bool(online.phone.content_server.listeners), "the server to know")
    online.tap("message_field")
    online.phone.text("Are you there")
    online.tap("send_button")
    online.until(lambda: online.all("message")[-1].text not in ("", "Are you there"), "an answer")
    assert '"conversation":0' in proxy.told


def test_a_message_that_cannot_be_sent_comes_back(online: Any) -> None:
    online.open("chat")
    online.tap("conversation")
    count = len(online.find("message") and online.all("message"))
    online.phone.settings["global"]["http_proxy"] = CLOSED
    online.tap("message_field")
    online.phone.text("Anybody there?")
    online.tap("send_button")
    online.until(lambda: online.find("message_field").text == "Anybody there?", "the text to come back")
    assert len(online.all("message")) <= count
    assert online.all("message")[-1].text != "Anybody there?"


@pytest.mark.parametrize(
    ("app", "host", "first"),
    [("feed", "plaza", "post_author"), ("chat", "courier", "conversation"), ("shorts", "reels", "caption")],
)
def test_a_server_that_cannot_be_reached_is_said_and_tried_again(online: Any, app: str, host: str, first: str) -> None:
    online.phone.settings["global"]["http_proxy"] = CLOSED
    online.open(app)
    online.find("status_message", text=UNREACHED.format(host))
    online.phone.settings["global"]["http_proxy"] = NO_PROXY
    online.tap("retry_button")
    online.find(first)


def test_the_reader_says_so_too_and_a_tap_tries_again(hand: Any, online: Any) -> None:
    """It draws everything itself, so only pixels tell."""
    online.phone.settings["global"]["http_proxy"] = CLOSED
    online.open("reader")
    online.until(lambda: (online.phone.screenshot()[100:700, :, 0] < 60).sum() > 500, "black letters: tap to try again")
    online.phone.settings["global"]["http_proxy"] = NO_PROXY
    online.phone.tap(540, 1200)
    hand.open("reader")
    same(hand, online)
