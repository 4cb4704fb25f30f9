"""The live tree of an app that does what the phone's own do not: passwords, a window over another, a plain scroll."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")

from backend.phones.agent.live_tree import LiveTree
from backend.phones.agent.messages import TreeUpdate, read
from device_agent.virtual_phone import installed
from device_agent.virtual_phone.logcat import LogBuffer
from device_agent.virtual_phone.window import gestures
from device_agent.virtual_phone.window.server import WindowServer
from interventions.sdk import Widget
from tests.virtual_phone.probe_app import NAME, PROBE

SECRET = "opensesame"


class Probe:
    """The probe in front, the agent in it, and the tree that it tells."""

    def __init__(self, server: WindowServer, inject: Callable[..., Any]) -> None:
        self.server = server
        front = server.foreground()
        assert front is not None
        self.agent = inject(pid=front.pid)
        self.tree = LiveTree(NAME)
        self._read = 0
        self.agent.post("configure", tree=True, texts=True)
        self.until(lambda: bool(self.tree.widgets), "the tree")

    def catch_up(self) -> list[TreeUpdate]:
        updates = [read(payload) for payload in self.agent.messages("tree")[self._read :]]
        self._read += len(updates)
        for update in updates:
            assert isinstance(update, TreeUpdate)
            assert self.tree.apply(update)
        return updates  # type: ignore[return-value]

    def until(self, condition: Callable[[], bool], what: str) -> None:
        def met() -> bool:
            self.catch_up()
            return condition()

        self.agent.until(met, what)

    def widget(self, name: str) -> Widget | None:
        return next((one for one in self.tree.widgets if one.short_id == name), None)

    def tap(self, name: str) -> None:
        widget = self.widget(name)
        assert widget is not None
        self.server.input.play(gestures.tap(*widget.box.centre))

    def boxes_of_dump(self) -> list[tuple[int, ...]]:
        found = re.findall(r'bounds="\[(-?\d+),(-?\d+)\]\[(-?\d+),(-?\d+)\]"', self.server.dump_tree())
        return [tuple(map(int, one)) for one in found]

    def boxes(self) -> list[tuple[int, ...]]:
        return [(one.box.left, one.box.top, one.box.right, one.box.bottom) for one in self.tree.widgets]


@pytest.fixture
def probe(probe_jar: Path, inject: Callable[..., Any]) -> Iterator[Probe]:
    server = WindowServer((1080, 2220), 420, 1, (installed.PACKAGES[0], PROBE), probe_jar, LogBuffer().write)
    server.start()
    try:
        server.open(NAME)
        yield Probe(server, inject)
    finally:
        server.stop()


def test_what_a_password_field_holds_is_never_told(probe: Probe) -> None:
    probe.tap("secret")
    probe.server.input.type(SECRET)
    probe.until(lambda: (field := probe.widget("secret")) is not None and field.focused, "the field to be focused")
    field = probe.widget("secret")
    assert field is not None
    assert (field.password, field.text) == (True, "")
    assert f'text="{"•" * len(SECRET)}"' in probe.server.dump_tree()
    told = json.dumps([one.payload for one in probe.agent.received])
    assert not any(SECRET[:length] in told for length in range(4, len(SECRET)))


def test_a_window_over_the_activity_comes_and_goes(probe: Probe) -> None:
    before = probe.tree.widgets
    probe.tap("overlay")
    probe.until(lambda: probe.widget("cover") is not None, "the window")
    cover = probe.widget("cover")
    assert cover is not None
    assert (cover.text, cover.parent, cover.depth) == ("covered", None, 0)
    assert (cover.box.left, cover.box.top, cover.box.width, cover.box.height) == (40, 1500, 300, 200)
    probe.tap("overlay")
    probe.until(lambda: probe.widget("cover") is None, "the window to go")
    assert [one.id for one in probe.tree.widgets] == [one.id for one in before]


def test_a_plain_scroll_is_a_shift_and_the_lines_that_came(probe: Probe) -> None:
    scroller = probe.widget("scroller")
    assert scroller is not None
    x, y = scroller.box.centre
    probe.server.input.play(gestures.swipe(x, y + 300, x, y - 200, 300))
    seen: list[TreeUpdate] = []

    def arrived() -> bool:
        seen.extend(probe.catch_up())
        return bool(seen) and probe.boxes() == probe.boxes_of_dump()

    probe.agent.until(arrived, "the tree of the dump")
    view, _ = probe.tree.views[scroller.id]
    scrolls = [update for update in seen if update.shifted]
    assert scrolls
    assert {shift[0] for update in scrolls for shift in update.shifted} == {view}
    assert all(len(update.changed) <= 3 for update in scrolls)
    assert {one["view"] for one in probe.agent.messages("scrolled")} == {view}
