"""All about a screen that its pixels do not tell: UI tree, app in front, rotation, whether capture is forbidden."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from backend.errors import PhoneError
from backend.phones.backoff import Backoff
from backend.phones.dump import TreeDumper
from backend.phones.newest import NewestFrame
from backend.phones.phone import Phone
from backend.phones.source_state import StatsCounter
from backend.phones.transport import AdbTransport

log = logging.getLogger(__name__)

ASK_AGAIN_S = 1.0
"""How often at most the slower questions (app, geometry, forbidden capture) are asked while the screen changes."""


class Surroundings:
    """Follows the screen on a thread of its own, through one lane, from `start` to `stop`.

    Args:
        on_turn: called when the screen was turned or resized.
        tree_interval_s: the least time between two trees; None fetches none.
    """

    def __init__(
        self,
        phone: Phone,
        lane: AdbTransport,
        newest: NewestFrame,
        stats: StatsCounter,
        on_turn: Callable[[], None],
        tree_interval_s: float | None,
    ) -> None:
        self._phone, self._lane, self._newest, self._stats = phone, lane, newest, stats
        self._on_turn = on_turn
        self._tree_interval_s = tree_interval_s
        self._dumper = TreeDumper(lane)
        self._backoff = Backoff(0.5, 5.0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"surroundings {phone.serial}", daemon=True)
        self._asked_s = self._asked_secure_s = float("-inf")
        self._rotation: int | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a dump under way is broken off where the lane is its own."""
        self._stopping.set()
        if self._phone.takes_lanes:
            self._lane.close()
        self._thread.join(20)

    def _run(self) -> None:
        screen = 0
        while not self._stopping.is_set():
            now = self._newest.wait_screen(screen, 0.5)
            if now == screen or self._stopping.is_set():
                continue
            screen = now
            began = time.monotonic()
            had_tree = self._fetch_tree() if self._tree_interval_s is not None else False
            self._ask(had_tree)
            if not had_tree and self._tree_interval_s is not None:
                screen -= 1  # not done with this screen yet
                self._stopping.wait(self._backoff.delay_s())
            else:
                self._stopping.wait(max(0.0, (self._tree_interval_s or 0.1) - (time.monotonic() - began)))

    def _fetch_tree(self) -> bool:
        try:
            tree = self._dumper.dump()
        except PhoneError as error:
            if not self._stopping.is_set() and self._stats.tree_failed(error.message):
                log.info("%s; frames go on without a UI tree", error.message)
            return False
        self._backoff.reset()
        self._stats.tree(tree.time_s - tree.asked_s)
        self._newest.add_tree(tree)
        self._turned(tree.rotation)
        return True

    def _ask(self, had_tree: bool) -> None:
        """The slower questions, where the tree has not answered them."""
        now = time.monotonic()
        app, frame = self._newest.app, self._newest.frame
        try:
            if (not had_tree or not app.activity) and now - self._asked_s >= ASK_AGAIN_S:
                self._asked_s = now
                self._newest.set_app(self._phone.foreground())
                self._turned(self._phone.display().rotation)
            black = self._newest.black and frame is not None and not frame.secure
            if black and now - self._asked_secure_s >= ASK_AGAIN_S:
                self._asked_secure_s = now
                if self._phone.forbids_capture() or self._tree_says_more():
                    self._newest.set_secure()
        except PhoneError as error:
            log.debug("asking about the screen: %s", error.message)

    def _tree_says_more(self) -> bool:
        """Whether the tree of a black picture has text on it: then something hides it from capture."""
        frame = self._newest.frame
        return frame is not None and frame.tree is not None and any(w.text for w in frame.tree.widgets)

    def _turned(self, rotation: int) -> None:
        before, self._rotation = self._rotation, rotation
        if before is not None and before != rotation:
            self._on_turn()
