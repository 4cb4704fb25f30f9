"""All about a screen that its pixels do not tell: UI tree, app in front, rotation, whether capture is forbidden."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from backend.errors import PhoneError
from backend.phones.backoff import Backoff
from backend.phones.dump import TreeDumper
from backend.phones.frame import Frame
from backend.phones.newest import NewestFrame
from backend.phones.phone import Phone
from backend.phones.source_state import StatsCounter
from backend.phones.transport import AdbTransport

log = logging.getLogger(__name__)

PICTURE_LAG_S = 0.15
"""How long a picture may be under way, from the phone's screen through its encoder and the link to our pixels."""
CONFIRM_S = 0.6
"""How long after the first tree of a screen at rest a second one is fetched, which no late picture can belie."""
ASK_AGAIN_S = 1.0
"""How often at most the slower questions (app, geometry, forbidden capture) are asked while the screen changes."""
SETTLED_S = 1.0
"""So long after a turn pictures have the new size."""


def picture_lag_s(stats: StatsCounter) -> float:
    """How long a picture may be under way, going by how long pictures take on this phone."""
    return max(PICTURE_LAG_S, 4 * stats.now().capture_ms / 1000)


class Surroundings:
    """Follows the screen on a thread of its own, through one lane, from `start` to `stop`.

    Args:
        on_misfit: called when pictures do not have the screen's size: with False when the screen seems to have been
            turned, with True when they still do not, though taking them has begun anew.
        tree_interval_s: the least time between two trees; None fetches none.
        live: whether an agent tells the tree of the app in front; none is fetched then.
    """

    def __init__(
        self,
        phone: Phone,
        lane: AdbTransport,
        newest: NewestFrame,
        stats: StatsCounter,
        on_misfit: Callable[[bool], None],
        tree_interval_s: float | None,
        live: Callable[[], bool] = lambda: False,
    ) -> None:
        self._phone, self._lane, self._newest, self._stats = phone, lane, newest, stats
        self._on_misfit = on_misfit
        self._tree_interval_s, self._live = tree_interval_s, live
        self._dumper = TreeDumper(lane)
        self._backoff = Backoff(0.5, 5.0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"surroundings {phone.serial}", daemon=True)
        self._tree_screen = self._confirmed_screen = self._asked_screen = 0
        self._tree_due_s = self._confirm_due_s = self._ask_due_s = 0.0
        self._was_black = False
        self._rotation = -1
        self._misfit_s: float | None = None

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End the thread; a dump under way is broken off where the lane is its own."""
        self._stopping.set()
        self._newest.wake()
        if self._phone.takes_lanes:
            self._lane.close()
        self._thread.join(20)

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._step()
            except Exception:
                log.exception("phone %s: asking about the screen failed in a way nobody foresaw", self._phone.serial)
                self._stopping.wait(ASK_AGAIN_S)

    def _step(self) -> None:
        """Do what is due most, or wait until something is."""
        screen, now_s = self._newest.screen, time.monotonic()
        answer_owed = screen != self._asked_screen
        if answer_owed and self._newest.black and not self._was_black:
            self._ask_due_s = now_s
        self._was_black = self._newest.black
        tree_due_s = self._when_tree(screen)
        ask_due_s = self._ask_due_s if answer_owed else float("inf")
        if now_s < min(tree_due_s, ask_due_s):
            self._newest.wait_screen(screen, min(0.5, tree_due_s - now_s, ask_due_s - now_s))
        elif tree_due_s <= ask_due_s:
            self._fetch_tree(screen, now_s)
        else:
            self._ask()
            self._asked_screen, self._ask_due_s = screen, now_s + ASK_AGAIN_S

    def _when_tree(self, screen: int) -> float:
        """When the next tree is due: soon for a new screen, once more for one at rest, and then no more."""
        if self._tree_interval_s is None or screen == self._confirmed_screen or self._live():
            return float("inf")
        return max(self._tree_due_s, self._confirm_due_s) if screen == self._tree_screen else self._tree_due_s

    def _fetch_tree(self, screen: int, now_s: float) -> None:
        """Ask for the tree of `screen`; when there is none, later again."""
        package = self._newest.app.package
        try:
            tree = self._dumper.dump()
        except PhoneError as error:
            self._tree_due_s = time.monotonic() + self._backoff.delay_s()
            if not self._stopping.is_set() and self._stats.tree_failed(error.message):
                log.info("%s; frames go on without a UI tree", error.message)
            return
        self._backoff.reset()
        if screen == self._tree_screen:
            self._confirmed_screen = screen
        self._tree_screen, self._tree_due_s = screen, now_s + (self._tree_interval_s or 0.0)
        self._confirm_due_s = now_s + CONFIRM_S
        self._stats.tree(tree.time_s - tree.asked_s)
        # A picture reaches us later than a tree of the same moment. Only when its pictures must have come can the tree
        # be put beside the right one; on the pictures' clock it was answered that much later.
        tree = replace(tree, time_s=tree.time_s + picture_lag_s(self._stats))
        if self._stopping.wait(max(0.0, tree.time_s - time.monotonic())) or self._live():
            return
        self._newest.add_tree(tree)
        if tree.rotation != self._rotation or self._newest.app.package != package:
            self._rotation, self._ask_due_s = tree.rotation, 0.0
            self._asked_screen = min(self._asked_screen, screen - 1)

    def _ask(self) -> None:
        """The slower questions."""
        try:
            app, display = self._phone.front()
            if app is not None:
                self._newest.set_app(app)
            frame = self._newest.frame
            if frame is None:
                return
            if display is not None:
                self._compare(frame, display.size)
            if self._newest.black and not frame.secure and (self._phone.forbids_capture() or self._tree_says_more()):
                self._newest.set_secure()
        except PhoneError as error:
            log.debug("asking about the screen: %s", error.message)

    def _tree_says_more(self) -> bool:
        """Whether the tree of a black picture has text on it: then something hides it from capture."""
        frame = self._newest.frame
        return frame is not None and frame.tree is not None and any(w.text for w in frame.tree.widgets)

    def _compare(self, frame: Frame, real: tuple[int, int]) -> None:
        """Say so when pictures of one size come from a screen of another. (Video rounds to even sizes.)

        It is said again when it is still so some time after: then it was no turn of the screen.
        """
        now_s = time.monotonic()
        if all(abs(a - b) <= 1 for a, b in zip(frame.size, real, strict=True)):
            self._misfit_s = None
        elif self._misfit_s is None:
            self._misfit_s = now_s
            self._on_misfit(False)
        elif frame.time_s > self._misfit_s + SETTLED_S:
            self._misfit_s = None
            self._on_misfit(True)
