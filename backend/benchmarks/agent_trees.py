"""The agent benchmark's trees: how many bytes a scroll takes, whether its updates come before their frames, and what a
tree costs against a dump.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any

from backend.benchmarks.agent_app import FEED, Agent, Bench
from backend.phones.agent.live_tree import LiveTree
from backend.phones.agent.messages import Configure, FetchTree, TreeUpdate
from backend.phones.tree import parse_tree
from interventions.sdk import Box, Widget

_NEAR_S = 1.0
_SWITCH_S = 1e-4
_DISTANCES = (900, 500, 1200, -600)
_Rows = list[tuple[str, str, str, Box]]


def measure(on: Bench, scrolls: int, trees: int, seed: int) -> list[dict[str, Any]]:
    """Rows of a feed that is scrolled."""
    on.open()
    on.rest()
    with on.agent() as agent:
        agent.send(Configure(tree=True))
        agent.until(lambda: bool(agent.of(TreeUpdate)), "the tree")
        full = _bytes(agent.of(TreeUpdate)[0])
        with _Watch(on, agent) as watch:
            for number in range(scrolls):
                on.scroll(_DISTANCES[number % len(_DISTANCES)])
        shifts = [_bytes(update) for update in agent.of(TreeUpdate) if update.shifted]
        handed, drawn = watch.late_s()
        capture_s = _fastest_capture(on, trees)
        live, dumps = _trees(on, agent, trees)
        return [
            {"what": "bytes of a full tree", "seed": seed, "bytes": [full]},
            {
                "what": "bytes of a scroll's update",
                "seed": seed,
                "bytes": shifts,
                "share": [one / full for one in shifts],
            },
            {
                "what": "frames of a scroll",
                "seed": seed,
                "after_handed_s": handed,
                "after_drawn_s": drawn,
                "after_captured_s": [one - capture_s for one in handed],
                "capture_s": [capture_s],
            },
            {"what": "full live tree", "seed": seed, "seconds": live},
            {"what": "uiautomator dump", "seed": seed, "seconds": dumps},
        ]


def _bytes(update: TreeUpdate) -> int:
    """As it travels: JSON without what is as usual."""
    return len(update.model_dump_json(exclude_defaults=True).encode())


def _fastest_capture(on: Bench, count: int) -> float:
    """Seconds from asking for a picture over ADB to having it, at best: no frame is with the backend sooner."""
    fastest = float("inf")
    for _ in range(count):
        begun = perf_counter()
        on.phone.screenshot()
        fastest = min(fastest, perf_counter() - begun)
    return fastest


def _trees(on: Bench, agent: Agent, count: int) -> tuple[list[float], list[float]]:
    """Seconds of a full tree from the agent, asked for and put together, and of a dump over ADB, read."""
    live, dumps = [], []
    for _ in range(count):
        before, begun = len(agent.of(TreeUpdate)), perf_counter()
        agent.send(FetchTree())
        agent.until(lambda before=before: len(agent.of(TreeUpdate)) > before, "a full tree")  # type: ignore[misc]
        LiveTree(FEED).apply(agent.of(TreeUpdate)[-1])
        live.append(perf_counter() - begun)
        begun = perf_counter()
        on.phone.tree()
        dumps.append(perf_counter() - begun)
    return live, dumps


@dataclass(frozen=True)
class _Look:
    """One frame: when the app had handed it over and when it was drawn, and what it shows."""

    handed_s: float
    drawn_s: float
    xml: str


class _Watch:
    """Looks at every frame as soon as it is there, from a thread of its own."""

    def __init__(self, on: Bench, agent: Agent) -> None:
        self._on, self._agent = on, agent
        self._looks: list[_Look] = []
        self._over = threading.Event()
        self._before_s = 0.0
        self._thread = threading.Thread(target=self._run, name="frames")

    def __enter__(self) -> _Watch:
        # Phone, agent's link and this watch share an interpreter here: looking must not hold up hearing.
        self._before_s = sys.getswitchinterval()
        sys.setswitchinterval(_SWITCH_S)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        sys.setswitchinterval(self._before_s)

    def _run(self) -> None:
        device = self._on.virtual.device
        frame = device.frame_number()
        while not self._over.is_set():
            if (next_ := device.wait_for_frame(frame, 0.1)) == frame:
                continue
            handed_s, frame = monotonic(), next_
            device.screenshot()
            drawn_s = monotonic()
            xml = device.dump_tree()
            if device.frame_number() == frame:  # else these may be of a later frame
                self._looks.append(_Look(handed_s, drawn_s, xml))

    def late_s(self) -> tuple[list[float], list[float]]:
        """For each frame whose tree is another than that before it: how long after the app handed it over, and how
        long after it was drawn, the update came that leads to its tree; negative when it came before, infinite when
        none led there.
        """
        tree, told = LiveTree(FEED), []
        for one in self._agent.heard:
            if isinstance(one.message, TreeUpdate):
                tree.apply(one.message, one.at_s)
                told.append((one.at_s, _rows(tree.widgets)))
        handed, drawn, last = [], [], None
        for look in self._looks:
            rows = _rows(parse_tree(look.xml.encode()).widgets)
            if last is not None and rows != last:
                # A tree that was there long ago, too, is no sign that this frame's was told.
                alike = [at_s for at_s, those in told if those == rows and abs(at_s - look.drawn_s) < _NEAR_S]
                came_s = max((at_s for at_s in alike if at_s <= look.drawn_s), default=min(alike, default=float("inf")))
                handed.append(came_s - look.handed_s)
                drawn.append(came_s - look.drawn_s)
            last = rows
        return handed, drawn


def _rows(widgets: tuple[Widget, ...]) -> _Rows:
    return [(one.class_name, one.view_id, one.text, one.box) for one in widgets]
