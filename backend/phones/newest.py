"""The place between those who watch a phone and those who read: it holds one frame, the newest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from backend.phones.capture.shot import Shot, is_black
from backend.phones.frame import Frame, Tree
from interventions.sdk import App

UNKNOWN = App("")


class NewestFrame:
    """Pairs pictures, trees and apps into frames. Safe for many writers and readers; nobody waits for a slow reader.

    A new picture starts a new screen, without a tree. A tree joins the newest frame; if pixels came while it was under
    way, `Tree.asked_s` is before `Frame.time_s`, and the reader judges how far the two are apart.
    """

    def __init__(self, phone: str) -> None:
        self._phone = phone
        self._news = threading.Condition()
        self._frame: Frame | None = None
        self._number = 0
        self._app = UNKNOWN
        self._black = False
        self._screen = 0
        self._wakes = 0

    @property
    def frame(self) -> Frame | None:
        return self._frame

    @property
    def app(self) -> App:
        """The app that was last said to be in front."""
        return self._app

    @property
    def black(self) -> bool:
        """Whether the newest picture is black all over."""
        return self._black

    @property
    def screen(self) -> int:
        """How many pictures there have been."""
        return self._screen

    def wake(self) -> None:
        """End the waiting of all who wait now, as if their time were up."""
        with self._news:
            self._wakes += 1
            self._news.notify_all()

    def show(self, shot: Shot) -> None:
        """A new picture."""
        black = is_black(shot.pixels)
        with self._news:
            before = self._frame
            secure = black and self._black and before is not None and before.secure
            self._black, self._screen = black, self._screen + 1
            self._number += 1
            self._frame = Frame(
                self._number, shot.time_s, self._phone, self._app, shot.pixels, None, shot.source, secure
            )
            self._news.notify_all()

    def add_tree(self, tree: Tree) -> None:
        """A UI tree has arrived; it also tells which app it is of."""
        with self._news:
            package = tree.widgets[0].package if tree.widgets else ""
            if package and package != self._app.package:
                self._app = App(package)
            app = self._app
            self._change(lambda f: replace(f, tree=tree, app=app))

    def set_app(self, app: App) -> None:
        """The app in front, when it is known better than from a tree; a tree of another says nothing of it."""
        with self._news:
            self._app = app
            self._change(lambda f: replace(f, app=app, tree=f.tree if _is_of(f.tree, app) else None))

    def set_secure(self) -> None:
        """The newest picture is black because capture is forbidden."""
        with self._news:
            self._change(lambda f: replace(f, secure=True))

    def wait(self, after: int, timeout_s: float) -> Frame | None:
        """The newest frame once its number exceeds `after`; None when the time is up first."""
        with self._news:
            wakes = self._wakes
            self._news.wait_for(lambda: self._wakes > wakes or self._number > after, timeout_s)
            return self._frame if self._number > after else None

    def wait_screen(self, after: int, timeout_s: float) -> int:
        """Wait for a picture after the `after`-th; the number of pictures then."""
        with self._news:
            wakes = self._wakes
            self._news.wait_for(lambda: self._wakes > wakes or self._screen > after, timeout_s)
            return self._screen

    def _change(self, change: Callable[[Frame], Frame]) -> None:
        """Publish the frame anew with what is now known; nothing when that is nothing new. The lock is held."""
        if self._frame is None:
            return
        changed = change(self._frame)
        same = (changed.tree, changed.app, changed.secure) == (self._frame.tree, self._frame.app, self._frame.secure)
        if not same:
            self._number += 1
            self._frame = replace(changed, number=self._number)
            self._news.notify_all()


def _is_of(tree: Tree | None, app: App) -> bool:
    return tree is None or not tree.widgets or any(widget.package == app.package for widget in tree.widgets)
