"""Apps that start, as the phone's log tells: ``ActivityManager: Start proc 4711:org.example/u0a81 for ...``.

The line is the same on Android 7 to 16 (AOSP ``ProcessList.startProcessLocked``), and a shell user may read it.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Self

from backend.errors import PhoneError
from backend.phones.agent.scope import AppRef
from backend.phones.backoff import Backoff
from backend.phones.phone import Phone
from backend.phones.transport import AdbTransport

log = logging.getLogger(__name__)

COMMAND = "logcat -v brief -T 1 ActivityManager:I *:S"
FIRST_S, QUIET_S = 10.0, 0.5
_START = re.compile(r"\bStart proc (\d+):([\w.]+)/\w+")


def parse_start(line: str) -> AppRef | None:
    """The app that `line` says has been started; None for other lines, and for processes beside an app's main one."""
    found = _START.search(line)
    return None if found is None else AppRef(found[2], int(found[1]))


class Starts:
    """Calls `on_start` for every app that starts while it runs, on a thread of its own, over a lane of its own.

    A link that breaks is taken up again; meanwhile starts are missed, which whoever looks at the screen notices.
    """

    def __init__(self, phone: Phone, on_start: Callable[[AppRef], None]) -> None:
        self._phone, self._on_start = phone, on_start
        self._stopping = threading.Event()
        self._lane: AdbTransport | None = None
        self._seen: AppRef | None = None
        self._thread = threading.Thread(target=self._run, name=f"app starts {phone.serial}", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._stopping.set()
        lane = self._lane
        if lane is not None:
            lane.close()
        self._thread.join(10)

    def _run(self) -> None:
        backoff = Backoff()
        while not self._stopping.is_set():
            try:
                with self._phone.lane() as lane:
                    self._lane = lane
                    self._follow(lane, backoff)
            except PhoneError as error:
                log.debug("the log of %s cannot be followed: %s", self._phone.serial, error)
            finally:
                self._lane = None
            self._stopping.wait(backoff.delay_s())

    def _follow(self, lane: AdbTransport, backoff: Backoff) -> None:
        rest = b""
        with closing(lane.stream(COMMAND, FIRST_S, QUIET_S)) as chunks:  # type: ignore[type-var]
            for chunk in chunks:
                if self._stopping.is_set():
                    return
                *lines, rest = (rest + chunk).split(b"\n")
                if lines:
                    backoff.reset()
                for line in lines:
                    self._take(line.decode(errors="replace"))

    def _take(self, line: str) -> None:
        app = parse_start(line)
        if app is not None and app != self._seen:  # the line before the stream began comes again
            self._seen = app
            self._on_start(app)
