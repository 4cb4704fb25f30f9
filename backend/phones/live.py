"""Which live UI tree belongs to which picture: trees are pushed by an agent in the app, pictures come as they come.

An agent tells every change of its tree at once; a picture of the same moment is still being encoded and sent then. So a
tree that has stood for longer than a picture can be under way is the tree of every picture that comes now. While trees
change faster than that, a picture gets the last one that it surely is not older than, with times that say how far the
two may be apart (see `Tree`).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from backend.phones.frame import Tree
from backend.phones.newest import NewestFrame
from interventions.sdk import App, Widget

_HISTORY = 64


@dataclass(frozen=True, slots=True)
class _Stood:
    """Widgets that stood from `since_s` on, and the app they are of."""

    app: App
    widgets: tuple[Widget, ...]
    since_s: float


class LiveTrees:
    """Joins live trees to the newest frame. All methods may be called from any thread.

    Args:
        newest: where frames are put together.
        lag_s: how long a picture may be under way, seconds.
        on_end: called when live trees cease, so that somebody else looks.
    """

    def __init__(self, newest: NewestFrame, lag_s: Callable[[], float], on_end: Callable[[], None]) -> None:
        self._newest, self._lag_s, self._on_end = newest, lag_s, on_end
        self._changed = threading.Condition()
        self._history: deque[_Stood] = deque(maxlen=_HISTORY)
        self._settled = True
        self._stopping = False
        self._thread: threading.Thread | None = None

    @property
    def on(self) -> bool:
        """Whether the app in front has a live tree: nobody needs to ask the phone for one."""
        with self._changed:
            return bool(self._history) and self._history[-1].app.package == self._newest.app.package

    def begin(self, app: App) -> None:
        """`app` has just come to the front."""
        self._newest.set_app(app)

    def put(self, app: App, widgets: tuple[Widget, ...], since_s: float) -> None:
        """The tree of `app` is this since then. Left aside unless that app is in front, as far as is known."""
        front = self._newest.app
        if front.package not in ("", app.package):
            return
        if app.activity and front != app:
            self._newest.set_app(app)
        with self._changed:
            if self._history and self._history[-1].app.package != app.package:
                self._history.clear()
            self._history.append(_Stood(app, widgets, since_s))
            self._settled = False
            self._changed.notify_all()
            if self._thread is None and not self._stopping:
                self._thread = threading.Thread(target=self._run, name="live trees", daemon=True)
                self._thread.start()

    def end(self, package: str) -> None:
        """`package` left the front, or its agent is gone."""
        with self._changed:
            if not self._history or self._history[-1].app.package != package:
                return
            self._history.clear()
            self._settled = True
        self._on_end()

    def picture(self, time_s: float) -> None:
        """A picture dated `time_s` was just shown: put its tree beside it."""
        if self.on and (tree := self._at(time_s)) is not None:
            self._newest.add_tree(tree)

    def stop(self) -> None:
        """End the thread."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread, self._thread = self._thread, None
        if thread is not None:
            thread.join(10.0)
        with self._changed:
            self._stopping = False
            self._history.clear()
            self._settled = True

    def _at(self, time_s: float) -> Tree | None:
        lag_s = self._lag_s()
        with self._changed:
            if not self._history:
                return None
            newest = self._history[-1]
            if newest.since_s + lag_s <= time_s:
                return Tree(newest.widgets, time_s, time_s)
            until_s = newest.since_s
            for stood in reversed(list(self._history)[:-1]):
                if stood.since_s + lag_s <= time_s:
                    return Tree(stood.widgets, until_s + lag_s, until_s)
                until_s = stood.since_s
            oldest = self._history[0]
            return Tree(oldest.widgets, oldest.since_s + lag_s, oldest.since_s)

    def _run(self) -> None:
        """Once a tree has stood long enough, it is that of the newest picture, whenever that came."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or not self._settled)
                if self._stopping:
                    return
                now = monotonic()
                left = self._history[-1].since_s + self._lag_s() - now
                if left > 0:
                    self._changed.wait(left)
                    continue
                self._settled = True
            if self.on:
                self.picture(monotonic())
