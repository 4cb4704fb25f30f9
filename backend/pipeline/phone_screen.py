"""Decisions on the phone's own screen: which sink carries out what, in the app in front or over it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Literal, Protocol

from backend.engine.interstitials import DISMISS, LEAVE, Open
from backend.phones.agent.messages import Effect, Effects, Interstitial, ToAgent, Toast
from backend.phones.foreground import SYSTEM_UI
from backend.phones.frame import Tree
from backend.pipeline.way import Passed
from backend.sinks.app import AppSink, Carried, LiveView
from backend.sinks.overlay import OverlaySink
from interventions.sdk import Box, Delay

On = Literal["app", "overlay"]


class Inside(Protocol):
    """The agents of a phone, whoever hosts them now."""

    def effects(self, package: str, effects: Effects) -> None: ...

    def send(self, package: str, message: ToAgent) -> bool: ...

    def is_in(self, package: str) -> bool: ...

    def noticed(self, package: str) -> None: ...


class PhoneScreen:
    """The screen of one phone. All methods may be called from any thread.

    Args:
        on: inside apps where the agent is, with the overlay for the rest; or on the overlay alone.
        inside: the agents.
        verdict: the verdict on a content, by its key.
        views_of: what an agent called the widgets of a tree.
        carried: hears of each app's actions where they took effect.
    """

    def __init__(
        self,
        on: On,
        inside: Inside,
        verdict: Callable[[str], Effect | None],
        views_of: Callable[[Tree | None], Mapping[str, LiveView]],
        carried: Callable[[str, list[Carried]], None],
    ) -> None:
        self.on = on
        self._inside, self._views_of, self._carried = inside, views_of, carried
        self._lock = threading.RLock()
        self._app, self._overlay = AppSink(inside, verdict), OverlaySink(inside)
        self._front = ""
        self._changed: set[str] = set()
        self._open: tuple[str, str] | None = None

    @property
    def drawn(self) -> tuple[Box, ...]:
        """Where the phone shows something of ours that perception must not take for the app's."""
        with self._lock:
            return (*self._app.drawn, *self._overlay.drawn)

    def show(self, passed: Passed) -> None:
        """Carry out the standing actions of a decision, and no others from now on."""
        scene, standing = passed.scene, passed.decision.standing
        with self._lock:
            package = scene.app.package
            if package != self._front:
                self._front = package
                self._inside.noticed(package)
            if self.on == "app" and self._inside.is_in(package):
                views = self._views_of(passed.frame.tree)
                if not views:  # not a scene of a live tree: what its views do holds until there is one
                    self._overlay.clear()
                    return
                self._changed.add(package)
                made = self._app.show(scene, standing, views)
                carried = [*made.carried, *self._overlay.show(scene, made.left)]
            else:
                carried = self._overlay.show(scene, standing)
        self._carried(package, carried)

    def interstitial(self, shown: Open | None, now: float) -> None:
        """Have `shown`, and no other interstitial, open over the app in front."""
        with self._lock:
            host = self._there()
            wanted = (host, shown.key) if shown is not None and host else None
            if wanted == self._open:
                return
            if self._open is not None:
                self._inside.send(self._open[0], Interstitial(key=self._open[1], open=False))
            sent = wanted is not None and shown is not None and self._inside.send(wanted[0], _page(shown, now))
            self._open = wanted if sent else None

    def notify(self, message: str) -> None:
        """Tell the participant something, over the app in front."""
        with self._lock:
            host = self._there()
        if host:
            self._inside.send(host, Toast(message=message))

    def clear(self) -> None:
        """Show everything, in every app."""
        with self._lock:
            for package in self._changed:
                self._app.clear(package)
            self._changed.clear()
            self._overlay.clear()
            self.interstitial(None, 0.0)

    def begin(self, package: str) -> None:
        """The agent in `package` is a new one, and shows nothing of ours yet."""
        with self._lock:
            self._app.forget(package)
            if package == SYSTEM_UI:
                self._overlay.forget()
            if self._open is not None and self._open[0] == package:
                self._open = None

    def _there(self) -> str:
        """The package whose agent can put something over the app in front; empty for none."""
        if self.on == "app" and self._inside.is_in(self._front):
            return self._front
        return SYSTEM_UI if self._inside.is_in(SYSTEM_UI) else ""


def _page(shown: Open, now: float) -> Interstitial:
    action = shown.action
    if isinstance(action, Delay):
        return Interstitial(
            key=shown.key,
            message=action.message,
            seconds=shown.wait_s(now),
            choices=[(DISMISS, action.dismiss), (LEAVE, action.leave)],
            at_once=[LEAVE],
        )
    return Interstitial(key=shown.key, message=action.question, choices=[(one, one) for one in action.answers])
