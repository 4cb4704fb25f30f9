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


@pytest.fixture(scope="module")
def online_phone() -> Iterator[VirtualPhone]:
    with VirtualPhone(seed=1, online=True) as phone:
        yield phone


@pytest.fixture
def online(online_phone: VirtualPhone, hand_for: Any) -> Iterator[Any]:
    """A hand on the phone, without a proxy and without authorities of the user's, before and after."""
    yield hand_for(online_phone)
    online_phone.settings["global"]["http_proxy"] = NO_PROXY
    for file in (online_phone.root / USER_STORE).iterdir():
        file.unlink()


@pytest.fixture
def proxy_for(online_phone: VirtualPhone, tmp_path: Path) -> Iterator[Callable[[bool], ConnectProxy]]:
    """Starts a proxy that decrypts or does not, and has the phone use it."""
    made: list[ConnectProxy] = []

    def start(opens: bool) -> ConnectProxy:
        assert online_phone.content_server is not None
        made.append(ConnectProxy(online_phone.content_server, tmp_path, opens))
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


@pytest.mark.parametrize("target", ["feed", "post_author", "comment_button"])
def test_the_feed_looks_as_it_does_without_a_server(hand: Any, online: Any, target: str) -> None:
    for one in (hand, online):
        one.open("feed")
        one.find("post_author")
        if target != "feed":
            one.tap(target)
            one.find("comment_text" if target == "comment_button" else "followers_count")
        one.rest()
    assert online.phone.dump_tree() == hand.phone.dump_tree()
    wanted = hand.phone.screenshot()
    online.until(lambda: np.array_equal(online.phone.screenshot(), wanted), "the same pixels")


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
    before = len(proxy.asked)
    online.tap("comment_button")
    online.find("comment_text")
    online.open("feed")
    online.find("post_author")
    assert len(proxy.asked) == before


def test_what_the_user_trusts_can_read_the_feed(online: Any, proxy_for: Any) -> None:
    proxy = proxy_for(True)
    online.open("feed")
    online.find("status_message", text="No secure connection to plaza.mindproof.test. Its certificate is not trusted.")
    assert not proxy.read
    online.until(lambda: proxy.refused == ["plaza.mindproof.test"], "the app to refuse")
    trust(online.phone, proxy)
    online.tap("retry_button")
    online.find("post_author")
    assert "plaza.mindproof.test GET /api/v1/feed?cursor=0" in proxy.read
    online.until(lambda: any(line.startswith("media.mindproof.test GET /") for line in proxy.read), "pictures")


def test_a_server_that_cannot_be_reached_is_said_and_tried_again(online: Any) -> None:
    online.phone.settings["global"]["http_proxy"] = CLOSED
    online.open("feed")
    online.find("status_message", text="Cannot reach plaza.mindproof.test. Check the connection.")
    assert online.find("title").text == "Plaza"
    online.phone.settings["global"]["http_proxy"] = NO_PROXY
    online.tap("retry_button")
    online.find("post_author")
