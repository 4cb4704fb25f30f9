"""The agents that are in, and what they and later ones are told."""

from __future__ import annotations

import threading
from collections.abc import Iterable

from backend.phones.agent.link import AgentLink
from backend.phones.agent.memory import Memory
from backend.phones.agent.messages import Configure, ToAgent, Verdict
from backend.phones.agent.scope import AppRef


class Agents:
    """For any thread. Nothing that is told while an agent comes in passes it by: it is told all, or the new alone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._memory = Memory()
        self._links: dict[AppRef, AgentLink] = {}

    @property
    def begun(self) -> tuple[AppRef, ...]:
        """The apps whose agent has said hello."""
        with self._lock:
            return tuple(app for app, link in self._links.items() if link.hello is not None)

    @property
    def links(self) -> list[AgentLink]:
        """The agents that are in."""
        with self._lock:
            return list(self._links.values())

    def admit(self, link: AgentLink) -> None:
        """An agent is in: tell it everything."""
        with self._lock:
            for message in self._memory.told():
                link.send(message)
            self._links[link.app] = link

    def drop(self, link: AgentLink) -> None:
        """An agent is out: tell it nothing more."""
        with self._lock:
            if self._links.get(link.app) is link:
                del self._links[link.app]

    def has(self, link: AgentLink) -> bool:
        """Whether this agent is in."""
        with self._lock:
            return self._links.get(link.app) is link

    def drop_all(self) -> list[AgentLink]:
        """Those that were in."""
        with self._lock:
            links = list(self._links.values())
            self._links.clear()
            return links

    def configure(self, configure: Configure) -> None:
        with self._lock:
            self._memory.configure(configure)
            for link in self._links.values():
                link.send(configure)

    def verdicts(self, items: Iterable[Verdict], forget: bool) -> int:
        """Tell all; the number they are told under."""
        with self._lock:
            for message in self._memory.learn(items, forget):
                for link in self._links.values():
                    link.send(message)
            return self._memory.seq

    def send(self, package: str, message: ToAgent) -> bool:
        """Tell those in `package`; whether there is one that took it."""
        with self._lock:
            links = [link for app, link in self._links.items() if app.package == package]
        taken = [link.send(message) for link in links]  # each is told, whatever the first answers
        return any(taken)
