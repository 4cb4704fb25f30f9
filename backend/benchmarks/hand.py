"""A scripted hand that browses the virtual phone's apps through ADB, as a person would."""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from functools import partial
from time import monotonic

from backend.errors import PhoneError
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

APPS = {
    "org.mindproof.feed": ".FeedActivity",
    "org.mindproof.chat": ".ChatActivity",
    "org.mindproof.reader": ".ReaderActivity",
    "org.mindproof.shorts": ".ShortsActivity",
}


class Hand:
    """Opens one app after the other and scrolls in it, until it is stopped. Seeded: the same hand does the same."""

    def __init__(self, phone: Phone, seed: int = 1, stay_s: float = 6.0, pause_s: float = 0.9) -> None:
        self._phone, self._random = phone, random.Random(seed)  # noqa: S311 - gestures, not secrets
        self._stay_s, self._pause_s = stay_s, pause_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="scripted hand", daemon=True)
        self.gestures = 0

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(20.0)

    def _run(self) -> None:
        try:
            while not self._stop.is_set():
                for package in APPS:
                    if self._visit(package):
                        return
        except PhoneError as error:
            log.warning("the scripted hand lost the phone: %s", error)

    def _visit(self, package: str) -> bool:
        """Use one app for a while; whether the hand was stopped meanwhile."""
        self._phone.shell(f"am start -n {package}/{APPS[package]}")
        until = monotonic() + self._stay_s
        for gesture in self._gestures(package):
            if self._stop.wait(self._pause_s):
                return True
            if monotonic() > until:
                break
            gesture()
            self.gestures += 1
        self._phone.key("home")
        return self._stop.wait(self._pause_s / 2)

    def _gestures(self, package: str) -> Iterator[Callable[[], None]]:
        width, height = self._phone.info.size
        up = 1
        if package.endswith(".chat"):
            yield lambda: None  # read the list of conversations first
            yield partial(self._phone.tap, width // 2, int(height * 0.815))
            up = -1  # a conversation opens at its end: older messages are above
        while True:
            length = self._random.uniform(0.25, 0.5)
            x, y = width // 2 + self._random.randint(-40, 40), int(height * (0.78 if up > 0 else 0.3))
            yield partial(self._phone.swipe, x, y, x, int(y - up * height * length), 350)
