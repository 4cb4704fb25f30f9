"""Where a place of an earlier scene is now: late verdicts follow the scroll."""

from __future__ import annotations

from collections import deque
from dataclasses import replace

from interventions.sdk import Action, Box, Scene

_REMEMBERED = 256


class Drift:
    """Adds up the scrolls of the latest scenes."""

    def __init__(self) -> None:
        self._moves: deque[tuple[int, int, int, Box]] = deque(maxlen=_REMEMBERED)
        self._epoch: tuple[str, tuple[int, int]] | None = None
        self._since = 0

    def follow(self, scene: Scene) -> None:
        """Take note of a new scene. Another app or another screen size breaks the chain."""
        epoch = (scene.app.package, scene.size)
        if epoch != self._epoch:
            self._epoch, self._since = epoch, scene.number
            self._moves.clear()
        if scene.scroll:
            self._moves.append((scene.number, scene.scroll.dx, scene.scroll.dy, scene.scroll.box))

    def moved(self, box: Box, from_scene: int) -> Box | None:
        """`box` of scene `from_scene` as it lies now; None when that screen is gone or its path is no longer known."""
        if from_scene < self._since or (len(self._moves) == _REMEMBERED and self._moves[0][0] > from_scene + 1):
            return None
        for number, dx, dy, area in self._moves:
            if number > from_scene and area.intersect(box):
                box = box.moved(dx, dy)
        return box

    def carry(self, action: Action, from_scene: int) -> Action | None:
        """`action` with its box moved along; None when its place is gone."""
        box: Box | None = getattr(action, "box", None)
        if box is None:
            return action if from_scene >= self._since else None
        now = self.moved(box, from_scene)
        return None if now is None else replace(action, box=now)  # type: ignore[call-arg]
