"""One screen, many interventions: which of their standing actions are carried out where they disagree.

Rules, in order. The higher priority is heard. Among equals, hiding more wins (solid, then text, blur, inpaint), so
that no intervention can uncover what another covers. What lies wholly under an accepted cover is dropped. Dims and
greys do not add up: the strongest counts.
"""

from __future__ import annotations

from collections.abc import Iterable

from backend.engine.decision import Decided
from interventions.sdk import Block, Box, Cover, Dim, Greyscale, Replace

_HIDES = {"solid": 0, "text": 1, "blur": 2, "inpaint": 3}


def resolve(asked: Iterable[Decided], screen: tuple[int, int]) -> tuple[Decided, ...]:
    """The standing actions to carry out, covers first, clipped to a screen of `screen` (width, height)."""
    covers: list[Decided] = []
    overlays: list[Decided] = []
    for decided in asked:
        (covers if isinstance(decided.action, Cover | Replace) else overlays).append(decided)
    return (*_covers(covers, screen), *_overlays(overlays))


def _rank(decided: Decided) -> tuple[int, int, int]:
    action = decided.action
    strength = _HIDES[action.style] if isinstance(action, Cover) else len(_HIDES)
    box = action.box if isinstance(action, Cover | Replace) else Box(0, 0, 0, 0)
    return -decided.priority, strength, -box.area


def _covers(asked: list[Decided], screen: tuple[int, int]) -> list[Decided]:
    kept: list[Decided] = []
    taken: list[Box] = []
    for decided in sorted(asked, key=_rank):
        action = decided.action
        assert isinstance(action, Cover | Replace)
        box = action.box.clipped(screen)
        if box and not any(other.contains(box) for other in taken):
            kept.append(decided)
            taken.append(box)
    return kept


def _overlays(asked: list[Decided]) -> list[Decided]:
    strongest: dict[tuple[type, Box | None], Decided] = {}
    for decided in asked:
        action = decided.action
        if not isinstance(action, Dim | Greyscale | Block):
            continue
        place = (type(action), action.box)
        amount = 1.0 if isinstance(action, Block) else action.amount
        held = strongest.get(place)
        held_amount = getattr(held.action, "amount", 1.0) if held else -1.0
        if held is None or (decided.priority, amount) > (held.priority, held_amount):
            strongest[place] = decided
    return list(strongest.values())
