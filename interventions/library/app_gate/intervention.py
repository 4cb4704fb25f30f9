"""A pause before an app, after the app "one sec": a message, a countdown, and the choice to go on or to leave."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fnmatch import fnmatchcase

from interventions.sdk import Action, App, Delay, Intervention, param

_DAY_S = 24 * 3600.0


class AppGate(Intervention):
    """Ask for a moment when one of `packages` comes to the front.

    Moving about inside the app is not coming to the front. Whoever went on is not stopped again for
    `again_after_minutes`.
    """

    packages = param(
        [
            "com.instagram.android",
            "com.zhiliaoapp.musically",
            "com.twitter.android",
            "com.facebook.katana",
            "com.reddit.frontpage",
            "com.snapchat.android",
            "com.google.android.youtube",
        ],
        help="package names; * and ? stand for any letters and any letter",
    )
    seconds = param(6.0, ge=0, le=120, help="how long the countdown is")
    message = param("Take a breath. Do you want to be here now?", help="what the pause says")
    show_count = param(True, help="also say how often the app was opened in the last 24 hours")
    again_after_minutes = param(5.0, ge=0, le=24 * 60, help="no second pause for so long after going on")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self._front = ""
        self._opened: dict[str, deque[float]] = {}

    def on_app(self, app: App) -> Iterator[Action]:
        came, self._front = app.package != self._front, app.package
        if not came or not any(fnmatchcase(app.package, pattern) for pattern in self.packages):
            return
        times = self._count(app.package)
        message = self.message
        if self.show_count and times > 1:
            message = f"{message}\nOpened {times} times in the last 24 hours."
        yield Delay(
            seconds=self.seconds,
            message=message,
            key=f"app_gate:{app.package}",
            again_after_s=60 * self.again_after_minutes,
            why=f"{app.package} came to the front",
            label="gate",
        )

    def _count(self, package: str) -> int:
        opened = self._opened.setdefault(package, deque())
        opened.append(self.now)
        while opened[0] < self.now - _DAY_S:
            opened.popleft()
        return len(opened)
