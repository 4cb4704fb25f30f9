"""The live tree of a real app is what ``uiautomator dump`` reports of it, whatever moves, for a part of the bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")

from backend.phones.agent.live_tree import LiveTree
from backend.phones.agent.messages import TreeUpdate, read
from interventions.sdk import Widget

Inject = Callable[..., Any]
Row = tuple[str, str, str, str, tuple[int, ...], tuple[bool, ...]]
FLAGS = ("clickable", "scrollable", "enabled", "focused", "checked", "selected", "password")


def rows_of_dump(phone: Any) -> list[Row]:
    """Class, id, text, description, box and flags of every node of the phone's own dump."""
    return [
        (
            node["class"],
            node["resource-id"],
            node["text"] if node["password"] == "false" else "",
            node["content-desc"],
            tuple(int(n) for n in re.findall(r"-?\d+", node["bounds"])),
            tuple(node[flag] == "true" for flag in FLAGS),
        )
        for node in phone.nodes()
    ]


def rows_of(widgets: tuple[Widget, ...]) -> list[Row]:
    return [
        (
            one.class_name,
            one.view_id,
            one.text,
            one.description,
            (one.box.left, one.box.top, one.box.right, one.box.bottom),
            tuple(bool(getattr(one, flag)) for flag in FLAGS),
        )
        for one in widgets
    ]


class Told:
    """What an agent tells of its tree, put together as the backend does."""

    def __init__(self, agent: Any, **configuration: object) -> None:
        self.agent = agent
        self.tree = LiveTree("org.mindproof.feed")
        self.updates: list[TreeUpdate] = []
        self.sizes: list[int] = []
        self._read = 0
        agent.post("configure", tree=True, **configuration)
        agent.wait_for("tree", lambda update: update["full"])
        self.catch_up()

    def catch_up(self) -> tuple[Widget, ...]:
        """Take what has come; the tree by now."""
        messages = self.agent.messages("tree")
        for payload in messages[self._read :]:
            update = read(payload)
            assert isinstance(update, TreeUpdate)
            assert self.tree.apply(update)
            self.updates.append(update)
            self.sizes.append(len(json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()))
        self._read = len(messages)
        return self.tree.widgets

    def until_like(self, phone: Any) -> None:
        """Wait until the tree is the phone's own; the difference when it does not come to that."""
        try:
            self.agent.until(lambda: rows_of(self.catch_up()) == rows_of_dump(phone), "the dump's tree", 3.0)
        except AssertionError:
            assert rows_of(self.catch_up()) == rows_of_dump(phone)
            raise


def pid_of(phone: Any, app: str) -> int:
    """Start an app that draws little, or never rests."""
    package = f"org.mindproof.{app}"
    phone.phone.force_stop(package)
    phone.phone.start_activity(package, None)
    pid: int = phone.until(lambda: (f := phone.phone.foreground()) and f[0].name == package and f[2], f"{app} in front")
    phone.until(phone.nodes, f"{app} to draw")
    return pid


@pytest.mark.parametrize("app", ["feed", "chat", "reader", "shorts", "launcher"])
def test_the_first_tree_is_the_dump(app_phone: Any, inject: Inject, app: str) -> None:
    told = Told(inject(pid=pid_of(app_phone, app)))
    assert told.tree.widgets
    told.until_like(app_phone)
    assert told.tree.activity.startswith(f"org.mindproof.{app}.")


def test_after_scrolls_there_and_back_deltas_have_led_to_the_dump(app_phone: Any, inject: Inject) -> None:
    told = Told(inject("feed"))
    for distance in (-700, -1200, 500, -300, 1500):
        app_phone.scroll(distance)
        told.until_like(app_phone)
    assert not any(update.full for update in told.updates[1:])


def test_a_scroll_tells_a_tenth_of_the_tree_at_most(app_phone: Any, inject: Inject) -> None:
    told = Told(inject("feed"))
    full = told.sizes[0]
    app_phone.scroll(-900)
    told.until_like(app_phone)
    scrolling = [size for update, size in zip(told.updates, told.sizes, strict=True) if update.shifted]
    assert len(scrolling) > 5
    assert sum(scrolling) / len(scrolling) <= full / 10


def test_scrolls_are_told_as_the_finger_goes(app_phone: Any, inject: Inject) -> None:
    agent = inject("feed")
    Told(agent)
    app_phone.scroll(-500)
    agent.settle(1)
    scrolled = agent.messages("scrolled")
    assert scrolled
    assert {one["dx"] for one in scrolled} == {0}
    assert sum(one["dy"] for one in scrolled) < -400


def test_deltas_lead_where_a_full_tree_begins(app_phone: Any, inject: Inject) -> None:
    agent = inject("feed")
    told = Told(agent)
    app_phone.scroll(-800)
    told.until_like(app_phone)
    by_deltas = told.tree.widgets
    agent.post("fetch_tree")
    agent.until(lambda: told.catch_up() and told.updates[-1].full, "a full tree")
    assert told.tree.widgets == by_deltas


def test_a_view_keeps_its_number_while_it_moves(app_phone: Any, inject: Inject) -> None:
    told = Told(inject("feed"))
    before = {one.id: one.text for one in told.tree.widgets if one.text}
    app_phone.scroll(-150)
    told.until_like(app_phone)
    after = {one.id: one.text for one in told.tree.widgets if one.text}
    still = [name for name, text in before.items() if after.get(name) == text]
    assert len(still) > len(before) / 2


def test_another_activity_and_back(app_phone: Any, inject: Inject) -> None:
    agent = inject("feed")
    told = Told(agent)
    app_phone.tap("comment_button")
    agent.until(lambda: told.catch_up() and told.tree.activity.endswith("CommentsActivity"), "the comments")
    app_phone.rest()
    told.until_like(app_phone)
    assert [one["state"] for one in agent.messages("lifecycle")] == ["paused", "created", "resumed"]
    app_phone.phone.key(4)
    agent.until(lambda: told.catch_up() and told.tree.activity.endswith("FeedActivity"), "the feed")
    told.until_like(app_phone)
    assert [one["state"] for one in agent.messages("lifecycle")][3:] == ["paused", "destroyed", "resumed"]


def test_touches_are_told_while_wanted(app_phone: Any, inject: Inject) -> None:
    agent = inject("feed")
    app_phone.phone.swipe(500, 1200, 500, 1100, 100)
    agent.settle(1)
    assert agent.messages("touched") == []
    Told(agent, touches=True)
    app_phone.phone.swipe(500, 1200, 500, 1000, 200)
    agent.settle(2)
    touched = agent.messages("touched")
    assert [touched[0]["action"], touched[-1]["action"]] == ["down", "up"]
    assert (touched[0]["x"], touched[0]["y"], touched[-1]["y"]) == (500, 1200, 1000)
    assert {one["action"] for one in touched[1:-1]} == {"move"}


def test_nothing_is_told_of_an_app_at_rest_or_when_it_is_not_wanted(app_phone: Any, inject: Inject) -> None:
    agent = inject("feed")
    told = Told(agent)
    agent.post("configure", tree=False)
    agent.settle(1)
    told.catch_up()
    app_phone.scroll(-300)
    agent.settle(2)
    count = len(told.updates)
    told.catch_up()
    assert len(told.updates) == count
    agent.post("configure", tree=True)
    agent.until(lambda: told.catch_up() and len(told.updates) > count, "the tree, wanted again")
    assert told.updates[-1].full
    told.until_like(app_phone)


@pytest.mark.parametrize("kind", ["replace", "cover", "hide", "remove"])
def test_what_the_agent_hides_is_told_as_the_app_made_it(app_phone: Any, inject: Inject, kind: str) -> None:
    agent = inject("feed")
    told = Told(agent, texts=True)
    judged = agent.wait_for("texts", lambda message: any(item["view_id"] for item in message["items"]))
    keys = {item["key"]: item["text"] for item in judged["items"]}
    agent.until(lambda: told.catch_up() and _with_key(told, keys), "a node with a key")
    name, key = next(iter(_with_key(told, keys).items()))
    before = next(one for one in told.tree.widgets if one.id == name)
    agent.post("verdicts", seq=1, items=[{"key": key, "effect": {"kind": kind, "text": "Something else"}}])
    agent.until(lambda: told.catch_up() and name in told.tree.hidden, "the node to be hidden")
    assert keys[key] not in app_phone.texts()
    after = next(one for one in told.tree.widgets if one.id == name)
    assert (after.text, after.view_id, after.clickable) == (before.text, before.view_id, before.clickable)
    agent.post("verdicts", seq=2, items=[{"key": key, "effect": {"kind": "show"}}])
    agent.until(lambda: told.catch_up() and name not in told.tree.hidden, "the node to show")
    told.until_like(app_phone)


def _with_key(told: Told, keys: dict[str, str]) -> dict[str, str]:
    """Widgets of the tree whose content is one of these, with its key."""
    texts = {one.id: one.text for one in told.tree.widgets}
    return {name: key for name, (_, key) in told.tree.views.items() if key in keys and texts[name] == keys[key]}


def test_a_window_of_the_agents_own_is_not_in_the_tree(app_phone: Any, inject: Inject) -> None:
    agent = inject("feed")
    told = Told(agent)
    count = len(told.tree.widgets)
    agent.post("interstitial", key="k", message="Stay or go?", choices=[["stay", "Stay"], ["go", "Go"]])
    agent.until(lambda: any("Stay or go?" in text for text in app_phone.texts()), "the page")
    agent.post("fetch_tree")
    agent.until(lambda: told.catch_up() and told.updates[-1].full, "a full tree")
    assert not any("Stay" in one.text for one in told.tree.widgets)
    assert len(told.tree.widgets) == count
