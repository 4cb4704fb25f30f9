"""Drawing in a real app: views by their resource names, effects, and what is then on the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from device_agent.virtual_phone.phone import VirtualPhone

Box = tuple[int, int, int, int]


class Drawing:
    """The agent in an app, and its phone; `view` finds the agent's number for what the app's tree names."""

    def __init__(self, phone: Any, agent: Any) -> None:
        self.phone = phone
        self.agent = agent
        self._numbers = count(1)

    def nodes(self) -> dict[int, dict[str, Any]]:
        """All views by number, from the agent's tree taken anew."""
        before = len(self.agent.messages("tree"))
        self.agent.post("fetch_tree")
        self.agent.until(lambda: any(one["full"] for one in self.agent.messages("tree")[before:]), "a full tree")
        full = next(one for one in self.agent.messages("tree")[before:] if one["full"])
        return {node["view"]: node for node in full.get("changed", [])}

    def node(self, name: str, index: int = 0) -> dict[str, Any]:
        named = [node for node in self.nodes().values() if node.get("view_id", "").endswith(f":id/{name}")]
        return named[index]

    def view(self, name: str, index: int = 0) -> int:
        return int(self.node(name, index)["view"])

    def key(self, view: int) -> str:
        """The key of the view's text, as the agent reported it."""

        def found() -> str:
            items = [item for message in self.agent.messages("texts") for item in message["items"]]
            return next((str(item["key"]) for item in reversed(items) if item["view"] == view), "")

        key: str = self.agent.until(found, f"the text of view {view}")
        return key

    def show(self, *effects: dict[str, Any], **window: Any) -> dict[str, Any]:
        """Have exactly these effects hold; the agent's answer, the screen at rest."""
        seq = next(self._numbers)
        self.agent.post("effects", seq=seq, views=list(effects), **window)
        applied: dict[str, Any] = self.agent.wait_for("applied", lambda one: one["seq"] == seq)
        self.phone.rest()
        assert not self.agent.messages("problem")
        return applied

    def screen(self) -> np.ndarray:
        return np.array(self.phone.pixels())

    def part(self, box: Box) -> np.ndarray:
        return np.array(self.phone.pixels(box))


def effect(view: int, kind: str, key: str = "", **more: Any) -> dict[str, Any]:
    return {"view": view, "key": key, "effect": {"kind": kind, **more}}


@pytest.fixture
def on() -> Callable[..., dict[str, Any]]:
    """Makes an effect on a view."""
    return effect


@pytest.fixture
def drawing(app_phone: Any, inject: Callable[..., Any]) -> Callable[..., Drawing]:
    """Opens an app with the agent in it."""

    def bring(app: str = "feed", **configure: Any) -> Drawing:
        agent = inject(app)
        agent.post("configure", tree=True, **configure)
        return Drawing(app_phone, agent)

    return bring


@pytest.fixture(scope="module")
def standing(request: pytest.FixtureRequest, agent_script: str) -> Iterator[Drawing]:
    """The feed on a phone of its own, for tests that leave it as they found it."""
    outer = request.config.pluginmanager.getplugin(str(Path(__file__).parents[1] / "conftest.py"))
    assert outer is not None
    with VirtualPhone(seed=1) as phone:
        app = outer.AppPhone(phone)
        agent = outer.Injected(app.open("feed"), agent_script)
        try:
            agent.wait_for("hello")
            agent.post("configure", tree=True, texts=True)
            yield Drawing(app, agent)
        finally:
            agent.close()


@pytest.fixture
def feed(standing: Drawing) -> Iterator[Drawing]:
    """The feed as it comes up; every effect ends with the test."""
    yield standing
    standing.show()
