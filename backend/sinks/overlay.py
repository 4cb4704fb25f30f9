"""On the phone, over apps that cannot be entered: standing actions become rectangles of an overlay window.

SystemUI is its host. The overlay lags behind the app as the mirror does: what it hides was on the screen for as long as
it took to be seen and judged. What perception must not see again is told by `drawn`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count
from time import monotonic

from backend.engine.decision import Decided
from backend.phones.agent.messages import Overlay, OverlayBox
from backend.phones.foreground import SYSTEM_UI
from backend.sinks.app import Agents, Carried
from backend.sinks.compose import surroundings
from interventions.sdk import Action, Block, Box, Cover, Dim, Pixels, Replace, Scene

_MARGIN = 4
"""As on the mirror: glyphs reach a little past the box that a layout reports."""
_UNDER_WAY_S = 0.5
"""How long a picture may still show rectangles that have been taken away."""
_UNKNOWN = 0xFF8A8D91


class OverlaySink:
    """Keeps the overlay of one phone up to date. Not for several threads at once."""

    def __init__(self, agents: Agents) -> None:
        self._agents = agents
        self._numbers = count(1)
        self._boxes: list[OverlayBox] = []
        self._colours: dict[tuple[str, Box], int] = {}
        self._before: list[tuple[float, Box]] = []

    @property
    def drawn(self) -> tuple[Box, ...]:
        """The opaque rectangles that a picture of now may show. What is only darkened can still be seen."""
        now = monotonic()
        self._before = [(until_s, box) for until_s, box in self._before if until_s > now]
        shown = [Box(*one.box) for one in self._boxes if _is_opaque(one.colour)]
        return tuple(dict.fromkeys([*shown, *(box for _, box in self._before)]))

    def show(self, scene: Scene, standing: Iterable[Decided]) -> list[Carried]:
        """Have the overlay show `standing`, and nothing else from now on; where each took effect."""
        boxes: list[OverlayBox] = []
        carried: list[Carried] = []
        for decided in standing:
            box = self._box(decided.action, scene)
            if box is not None:
                boxes.append(box)
            carried.append(Carried(decided, "overlay" if box is not None else "nowhere"))
        there = self._put(boxes)
        return carried if there else [Carried(one.decided, "nowhere") for one in carried]

    def clear(self) -> None:
        """Show nothing."""
        self._put([])

    def forget(self) -> None:
        """The host is a new one, and shows nothing yet."""
        self._boxes = []

    def _put(self, boxes: list[OverlayBox]) -> bool:
        """Whether a host shows `boxes`."""
        if boxes == self._boxes:
            return True
        if not self._agents.send(SYSTEM_UI, Overlay(seq=next(self._numbers), boxes=boxes)):
            return False
        until_s = monotonic() + _UNDER_WAY_S
        self._before += [(until_s, Box(*one.box)) for one in self._boxes if _is_opaque(one.colour)]
        self._boxes = boxes
        return True

    def _box(self, action: Action, scene: Scene) -> OverlayBox | None:
        match action:
            case Cover(box=box, text=text, style=style):
                place = box.grown(_MARGIN).clipped(scene.size)
                words = text if style == "text" else ""
                return _overlay(place, self._colour(place, scene), words) if place else None
            case Replace(box=box, text=text):
                place = box.clipped(scene.size)
                return _overlay(place, self._colour(place, scene), text) if place else None
            case Dim(amount=amount, box=box):
                place = (box or scene.bounds).clipped(scene.size)
                return _overlay(place, round(255 * min(max(amount, 0.0), 1.0)) << 24) if place else None
            case Block(box=box):
                place = (box or scene.bounds).clipped(scene.size)
                return _overlay(place, 0, block=True) if place else None
        return None

    def _colour(self, box: Box, scene: Scene) -> int:
        """What lies around the box, as it was when the box was first covered: afterwards our own colour is there."""
        known = self._colours.get((scene.app.package, box))
        if known is None:
            known = _argb(scene.pixels, box)
            if len(self._colours) > 512:
                self._colours.clear()
            self._colours[scene.app.package, box] = known
        return known


def _overlay(box: Box, colour: int, text: str = "", block: bool = False) -> OverlayBox:
    return OverlayBox(box=(box.left, box.top, box.right, box.bottom), colour=colour, text=text, block=block)


def _argb(pixels: Pixels | None, box: Box) -> int:
    if pixels is None:
        return _UNKNOWN
    red, green, blue = (int(value) for value in surroundings(pixels, box, shade=0.14))
    return 0xFF << 24 | red << 16 | green << 8 | blue


def _is_opaque(colour: int) -> bool:
    return colour >> 24 == 0xFF
