"""Never a flash: no frame of a scrolling feed shows a picture that a verdict takes away, whenever the verdict comes."""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from PIL import Image

HOLD = {"hold": True, "deadline_ms": 60_000, "afterwards": "hide"}
STRIP_PX = 24
"""Of the screen's left edge: photos reach it, and nothing else of the feed does."""
SCROLLS = (-500,) * 4 + (600,) * 3
QUIET = {0xFFFFFF, 0x8A8D91}


def packed(pixels: np.ndarray) -> np.ndarray:
    """Each pixel as one number."""
    return pixels.reshape(-1, 3).astype(np.int64) @ (0x10000, 0x100, 1)


@dataclass
class Photos:
    """The photos of a feed as they look without an agent: brightness, and the colours of their left edge."""

    by_brightness: dict[float, set[int]] = field(default_factory=dict)

    def add(self, pixels: np.ndarray) -> None:
        self.by_brightness[round(float(pixels.mean()), 3)] = set(packed(pixels[:, :STRIP_PX]).tolist()) - QUIET

    @property
    def limit(self) -> float:
        """The brightness in the middle of the widest gap between two: brighter ones are flagged."""
        order = sorted(self.by_brightness)
        return max((after - before, (after + before) / 2) for before, after in itertools.pairwise(order))[1]

    def colours(self, flagged: bool) -> np.ndarray:
        """Colours that only flagged, or only other photos have at their left edge."""
        sides: dict[bool, set[int]] = {True: set(), False: set()}
        for brightness, colours in self.by_brightness.items():
            sides[brightness > self.limit] |= colours
        return np.array(sorted(sides[flagged] - sides[not flagged]))


@pytest.fixture
def photos(app_phone: Any) -> Photos:
    """Those of the stretch that the test scrolls through, and a little beyond."""
    found = Photos()
    app_phone.open("feed")
    whole: int | None = None
    for _ in range(6):
        for node in app_phone.nodes():
            if node["resource-id"].endswith(":id/post_photo"):
                left, top, right, bottom = (int(n) for n in node["bounds"][1:-1].replace("][", ",").split(","))
                whole = max(whole or 0, bottom - top)
                if bottom - top == whole:
                    found.add(app_phone.pixels((left, top, right, bottom)))
        app_phone.scroll(-450)
    assert len(found.by_brightness) >= 3
    return found


@pytest.fixture
def frames(app_phone: Any, monkeypatch: pytest.MonkeyPatch) -> list[np.ndarray]:
    """The left edge of every single frame from now on: each is drawn before the next can come."""
    server = app_phone.phone._server
    taken: list[np.ndarray] = []
    following = server._new_frame

    def new_frame() -> None:
        following()
        taken.append(packed(server.screenshot()[:, :STRIP_PX, :3]))

    monkeypatch.setattr(server, "_new_frame", new_frame)
    return taken


def judge(agent: Any, limit: float, answered: int) -> int:
    """Answer the reports from number `answered` on; how many are answered then."""
    reports = agent.messages("image")[answered:]
    items = []
    for report in reports:
        photo = report["view_id"].endswith(":id/post_photo")
        bright = photo and np.asarray(Image.open(io.BytesIO(agent.binary_of(report)))).mean() > limit
        items.append({"key": report["key"], "effect": {"kind": "placeholder" if bright else "show"}})
    seq = answered + len(reports)
    if items:
        agent.post("verdicts", seq=seq, items=items)
        agent.wait_for("applied", lambda applied: applied["seq"] == seq)
    return seq


def test_no_frame_of_a_scrolling_feed_shows_a_flagged_picture(
    photos: Photos, inject: Callable[..., Any], app_phone: Any, request: pytest.FixtureRequest
) -> None:
    flagged, others = photos.colours(True), photos.colours(False)
    agent = inject("feed")
    agent.post("configure", images=True, image_waiting=HOLD)
    agent.settle(1)
    app_phone.rest()
    frames = request.getfixturevalue("frames")

    answered = 0
    for dy in SCROLLS:
        app_phone.scroll(dy)
        answered = judge(agent, photos.limit, answered)  # Late: what came into view has stood there for a while.
    app_phone.rest()
    assert len(frames) > 100
    assert [i for i, frame in enumerate(frames) if np.isin(frame, flagged).any()] == []
    assert any(np.isin(frame, others).sum() > 1000 for frame in frames)
    # The same look finds them as soon as the agent is gone.
    agent.leave()
    for dy in SCROLLS:
        if any(np.isin(frame, flagged).sum() > 1000 for frame in frames):
            return
        app_phone.scroll(dy)
    pytest.fail("the flagged pictures are not found where they are shown")
