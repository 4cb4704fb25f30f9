"""The live UI trees of a phone's apps, as their agents tell them; that of the app in front joins the frames."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial

from backend.errors import CaptureError
from backend.phones.agent.live_tree import LiveTree
from backend.phones.agent.messages import Lifecycle, TreeUpdate
from backend.phones.frame import Tree
from backend.phones.live import LiveTrees
from backend.sinks.app import LiveView
from interventions.sdk import App, Widget

log = logging.getLogger(__name__)

_TREES = 128
"""Live trees whose views are remembered: one that a frame was decided by may be followed by as many since."""


class LiveApps:
    """Trees of one phone. All methods may be called from any thread.

    Args:
        trees: where the tree of the app in front goes.
        fetch: called with a package when its tree must come in full.
    """

    def __init__(self, trees: LiveTrees, fetch: Callable[[str], None]) -> None:
        self._trees, self._fetch = trees, fetch
        self._lock = threading.Lock()
        self._live: dict[str, LiveTree] = {}
        self._told: deque[tuple[tuple[Widget, ...], Mapping[str, LiveView]]] = deque(maxlen=_TREES)

    def views_of(self, tree: Tree | None) -> Mapping[str, LiveView]:
        """What the agent called the widgets of `tree` when it told it; nothing where the tree is not an agent's."""
        widgets = tree.widgets if tree is not None else ()
        with self._lock:
            return next((views for told, views in reversed(self._told) if told is widgets), {})

    def update(self, package: str, update: TreeUpdate) -> None:
        """The agent in `package` tells what changed."""
        with self._lock:
            live = self._live.get(package)
            if live is None:
                live = self._live[package] = LiveTree(package, partial(self._fetch, package))
            try:
                complete = live.apply(update)
            except CaptureError as error:
                log.warning("%s; %s", error.message, error.remedy)
                complete = False
        if complete:
            self._put(live)
        else:
            self._trees.end(package)

    def lifecycle(self, package: str, told: Lifecycle) -> None:
        """An activity came or went: the app in front is the one that was resumed last."""
        if told.state == "resumed":
            self._trees.begin(App(package, told.activity))
            with self._lock:
                live = self._live.get(package)
            if live is not None:
                self._put(live)
        elif told.state == "paused":
            self._trees.end(package)

    def begin(self, package: str) -> None:
        """A new agent in `package` tells the tree from the start."""
        with self._lock:
            self._live.pop(package, None)

    def end(self, package: str) -> None:
        """The agent in `package` is gone."""
        self._trees.end(package)
        self.begin(package)

    def _put(self, live: LiveTree) -> None:
        with self._lock:
            tree = live.tree
            if tree is None:
                return
            views = {name: LiveView(view, key) for name, (view, key) in live.views.items()}
            self._told.append((tree.widgets, views))
        self._trees.put(App(live.package, live.activity), tree.widgets, tree.time_s)
