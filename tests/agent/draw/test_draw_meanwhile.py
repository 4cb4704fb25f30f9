"""The app goes on while an effect holds: it cannot undo the effect, and gets its own newest value back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import numpy as np
import pytest

COVER, COVER_ARGB = (0x26, 0x54, 0x7C), 0xFF26547C
VISIBLE, INVISIBLE, GONE = 0, 4, 8
NO_HIDE_DESCENDANTS = 4
APP = """
function find(view, name) {
    const group = Java.use('android.view.ViewGroup');
    const id = view.getId();
    if (id !== -1 && view.getResources().getResourceName(id).endsWith(':id/' + name)) { return view; }
    if (!group.class.isInstance(view)) { return null; }
    const all = Java.cast(view, group);
    for (let i = 0; i < all.getChildCount(); i++) {
        const found = find(Java.cast(all.getChildAt(i), Java.use('android.view.View')), name);
        if (found !== null) { return found; }
    }
    return null;
}
function inJava(fn) { let result; Java.perform(() => { result = fn(); }); return result; }
function view(name) {
    const roots = Java.use('android.view.inspector.WindowInspector').getGlobalWindowViews();
    return find(Java.cast(roots.get(0), Java.use('android.view.View')), name);
}
rpc.exports = {
    relayout: () => inJava(() => view('post_photo').requestLayout()),
    visibility: (name, value) => inJava(() => view(name).setVisibility(value)),
    foreground: (name, colour) => inJava(() => view(name).setForeground(
        colour === null ? null : Java.use('android.graphics.drawable.ColorDrawable').$new(colour))),
    spoken: (name) => inJava(() => view(name).getImportantForAccessibility()),
};
"""


@pytest.fixture
def app(feed: Any) -> Iterator[Any]:
    """Calls methods of the feed's views as the feed's own code would: a script of its own, which our hooks see."""
    bridge = resources.files("frida_tools").joinpath("bridges", "java.js").read_text()
    prelude = f"Object.defineProperty(globalThis, 'Java', {{value: (function () {{ {bridge}; return bridge; }})()}});"
    script = feed.agent.session.create_script(prelude + APP)
    script.load()
    yield script.exports_sync
    script.exports_sync.visibility("post_photo", VISIBLE)
    script.exports_sync.foreground("post_photo", None)
    feed.phone.rest()
    script.unload()


def _covered(feed: Any) -> float:
    pixels = feed.part(feed.phone.box("post_photo"))
    return float((np.abs(pixels.astype(int) - COVER) <= 2).all(axis=2).mean())


def _there(feed: Any) -> bool:
    return any(node["resource-id"].endswith(":id/post_photo") for node in feed.phone.nodes())


def _until(feed: Any, app: Any, condition: Callable[[], bool], what: str) -> None:
    """Wait. The calls come from another thread than the main one, so a layout that runs just then may miss one."""

    def met() -> bool:
        app.relayout()
        return condition()

    feed.phone.until(met, what)


def test_what_is_hidden_stays_hidden_when_the_app_shows_it(feed: Any, app: Any, on: Callable[..., Any]) -> None:
    before = feed.screen()
    for kind in ("hide", "remove"):
        feed.show(on(feed.view("post_photo"), kind))
        hidden = feed.screen()
        for value in (GONE, VISIBLE, INVISIBLE, VISIBLE):
            app.visibility("post_photo", value)
            feed.phone.rest()
            assert not _there(feed)
        _until(feed, app, lambda hidden=hidden: (feed.screen() == hidden).all(), "the screen as it was")
        feed.show()
        assert (feed.screen() == before).all()


def test_what_the_app_hid_meanwhile_is_hidden_by_the_app_afterwards(
    feed: Any, app: Any, on: Callable[..., Any]
) -> None:
    feed.show(on(feed.view("post_photo"), "hide"))
    below = feed.phone.box("like_count")
    app.visibility("post_photo", GONE)
    _until(feed, app, lambda: feed.phone.box("like_count")[1] < below[1] - 500, "the place of the photo to go")
    gone = feed.phone.box("like_count")
    feed.show()
    assert not _there(feed)
    assert feed.phone.box("like_count") == gone
    app.visibility("post_photo", VISIBLE)
    _until(feed, app, lambda: _there(feed), "the photo")


def test_the_apps_foreground_waits_under_a_cover(feed: Any, app: Any, on: Callable[..., Any]) -> None:
    feed.show(on(feed.view("post_photo"), "cover", colour=COVER_ARGB))
    app.foreground("post_photo", -0x10000)
    feed.phone.rest()
    assert _covered(feed) == 1.0
    feed.show()
    assert (feed.part(feed.phone.box("post_photo")) == (255, 0, 0)).all()
    feed.show(on(feed.view("post_photo"), "cover", colour=COVER_ARGB))
    assert _covered(feed) == 1.0
    feed.show()
    assert (feed.part(feed.phone.box("post_photo")) == (255, 0, 0)).all()


def test_what_is_covered_is_not_read_aloud(feed: Any, app: Any, on: Callable[..., Any]) -> None:
    before = app.spoken("post_photo")
    feed.show(on(feed.view("post_photo"), "cover"))
    assert app.spoken("post_photo") == NO_HIDE_DESCENDANTS
    feed.show()
    assert app.spoken("post_photo") == before
