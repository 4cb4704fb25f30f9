"""The live picture of one phone: the newest frame, and nothing older.

Two threads. The *capture* thread takes pictures (video where the phone and the link allow, else one by one) and
publishes each that differs from the one before. The other (`surroundings`) asks for the UI tree whenever the screen has
changed since it last asked. Neither waits for the other; readers wait for neither. When the link breaks, the state says
so, and the capture thread tries again until it succeeds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from types import TracebackType
from typing import Literal, Self

from backend.errors import CaptureError, PhoneError, PhoneUnauthorised
from backend.phones.backoff import Backoff
from backend.phones.capture.raw import RawCapture
from backend.phones.capture.shot import Shot
from backend.phones.capture.stream import StreamCapture, StreamUnsupported
from backend.phones.frame import Frame
from backend.phones.live import LiveTrees
from backend.phones.newest import NewestFrame
from backend.phones.phone import Phone
from backend.phones.source_state import Kind, SourceState, SourceStats, StatsCounter
from backend.phones.surroundings import Surroundings, picture_lag_s
from backend.phones.transport import HOW_TO_ACCEPT, UNACCEPTED, AdbTransport

log = logging.getLogger(__name__)

Method = Literal["auto", "h264", "raw"]
ACCEPT_PATIENCE_S = 30.0
"""How long one connection waits for the phone's owner; then the next one asks again."""
BROKEN_PICTURES = 5
"""So many broken pictures in a row count as a broken link."""


class FrameSource:
    """Keeps the newest frame of `phone`.

    Args:
        method: how to take pictures; "auto" prefers video and falls back to single pictures.
        max_fps: no more frames a second than this.
        idle_fps: with single pictures, how often a still screen is looked at.
        tree_interval_s: the least time between two UI trees; None fetches none.
    """

    def __init__(
        self,
        phone: Phone,
        method: Method = "auto",
        max_fps: float = 30.0,
        idle_fps: float = 8.0,
        tree_interval_s: float | None = 0.1,
    ) -> None:
        self.phone = phone
        self._method: Method = method
        self._max_fps, self._idle_fps = max_fps, idle_fps
        self._tree_interval_s = tree_interval_s
        self._newest = NewestFrame(phone.serial)
        self._stats = StatsCounter()
        self.live = LiveTrees(self._newest, lambda: picture_lag_s(self._stats), self._newest.wake)
        """Where an agent in the app in front puts its UI tree; while it does, none is fetched."""
        self._state = SourceState("connecting")
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._lane: AdbTransport | None = None
        self._video: StreamCapture | None = None
        self._without_video = False

    # -- what readers ask ---------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Begin, on threads of its own. Raises nothing: `state` tells how it goes."""
        if self._thread is None:
            self._stopping.clear()
            self._set_state(SourceState("connecting"))
            self._thread = threading.Thread(target=self._run, name=f"capture {self.phone.serial}", daemon=True)
            self._thread.start()
        return self

    def stop(self) -> None:
        """End all threads and the connections made here. The last frame stays readable."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        self._stopping.set()
        self._newest.wake()
        lane = self._lane
        if lane is not None and self.phone.takes_lanes:
            lane.close()
        thread.join(20)
        self.live.stop()
        self._set_state(SourceState("stopped"))

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def newest(self, after: int = 0, timeout_s: float = 0.0) -> Frame | None:
        """The newest frame, once its number exceeds `after`; None when none comes within `timeout_s`."""
        return self._newest.wait(after, timeout_s)

    @property
    def state(self) -> SourceState:
        return self._state

    @property
    def stats(self) -> SourceStats:
        return self._stats.now()

    # -- the capture thread -------------------------------------------------------------------------------------------

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stopping.is_set():
            try:
                self._capture(backoff)
            except PhoneError as error:
                kind: Kind = "unauthorised" if isinstance(error, PhoneUnauthorised) else "lost"
                self._rest(SourceState(kind, error.message, error.remedy), backoff)
            except Exception as error:
                log.exception("phone %s: capture failed in a way nobody foresaw", self.phone.serial)
                self._rest(SourceState("lost", f"capture failed: {error!r}", "see the log; it is tried again"), backoff)

    def _rest(self, state: SourceState, backoff: Backoff) -> None:
        """Tell why there are no pictures, and let some time pass."""
        if not self._stopping.is_set():
            self._set_state(state)
            self._stopping.wait(backoff.delay_s())

    def _capture(self, backoff: Backoff) -> None:
        """Take pictures until told to stop. Raises PhoneError when the link breaks."""
        with self.phone.lane() as lane:
            self._lane = lane
            lane.connect(ACCEPT_PATIENCE_S, self._on_asked)
            self._name_app()
            with self._surroundings(), closing(self._shots(lane)) as shots:
                for shot in shots:
                    if self._stopping.is_set():
                        return
                    if self._state.kind != "live":
                        self._set_state(SourceState("live"))
                        backoff.reset()
                    if shot is not None:
                        self._stats.picture(shot.took_s, shot.source)
                        self._newest.show(shot)
                        self.live.picture(shot.time_s)

    def _on_asked(self) -> None:
        message = f"phone {self.phone.serial}: {UNACCEPTED}"
        self._set_state(SourceState("unauthorised", message, HOW_TO_ACCEPT))

    def _name_app(self) -> None:
        """Let the first frame know its app."""
        try:
            self._newest.set_app(self.phone.foreground())
        except CaptureError as error:
            log.debug("%s", error.message)

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        with self.phone.lane() as lane:
            surroundings = Surroundings(
                self.phone,
                lane,
                self._newest,
                self._stats,
                self._on_misfit,
                self._tree_interval_s,
                live=lambda: self.live.on,
            )
            surroundings.start()
            try:
                yield
            finally:
                surroundings.stop()

    def _on_misfit(self, again: bool) -> None:
        """Pictures and screen differ in size. Single pictures follow the screen by themselves; video begins anew."""
        video = self._video
        if video is not None and again:
            video.give_up("it has not the size of the screen")
        elif video is not None:
            log.info("phone %s: its screen was turned; the video starts anew", self.phone.serial)
            video.restart()

    def _shots(self, lane: AdbTransport) -> Generator[Shot | None, None, None]:
        """Pictures by video, or one by one where that is asked for or nothing else works; None for "as before"."""
        if self._method == "h264" or (self._method == "auto" and self.phone.takes_lanes):
            self._video = StreamCapture(lane, self._max_fps)
            try:
                yield from self._video.shots()
            except StreamUnsupported as error:
                if self._method == "h264":
                    raise
                level = logging.DEBUG if self._without_video else logging.WARNING
                log.log(level, "%s; %s", error.message, error.remedy)
                self._without_video = True
            finally:
                self._video = None
        yield from self._single_shots(lane)

    def _single_shots(self, lane: AdbTransport) -> Generator[Shot | None, None, None]:
        capture, broken, pause_s = RawCapture(lane), 0, 0.0
        while not self._stopping.is_set():
            began, shot = time.monotonic(), None
            try:
                shot = capture.take()
                broken = 0
            except CaptureError as error:
                broken += 1
                told = broken > 1 or self._state.kind == "lost"
                log.log(logging.DEBUG if told else logging.WARNING, "%s (%s)", error.message, error.remedy)
                if broken >= BROKEN_PICTURES:
                    raise
            if not broken:
                yield shot
            shortest_s = 1 / self._max_fps
            # A screen that has come to rest is looked at ever less often.
            pause_s = min(1 / self._idle_fps, max(shortest_s, 1.3 * pause_s)) if shot is None else shortest_s
            self._stopping.wait(max(0.0, pause_s - (time.monotonic() - began)))

    def _set_state(self, state: SourceState) -> None:
        before, self._state = self._state, state
        if (before.kind, before.reason) == (state.kind, state.reason):
            self._state = before  # still the same; since when stays
        elif state.kind == before.kind:  # said already; only the words have changed
            log.debug("%s", state.reason)
        elif state.kind in ("lost", "unauthorised"):
            log.warning("%s (%s)", state.reason, state.remedy)
        elif state.kind == "live":
            if before.kind in ("lost", "unauthorised"):
                self._stats.reconnect()
            log.info("phone %s: live", self.phone.serial)
