"""What has been decided on texts and pictures, so that a feed met again costs next to nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from hashlib import blake2b

from backend.engine.decision import Decided
from backend.network.views.view import Part

Key = bytes
_UNKNOWN = object()


def key_of(package: str, part: Part) -> Key:
    """The digest of a part's content and name, in an app. The text itself is not kept."""
    content = part.digest or part.text
    words = "\0".join((package, part.kind, part.name, content))
    return blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).digest()


class Known:
    """Decisions by content, the least recently used forgotten first; all of them when the interventions change.

    Not for use by several threads at once.
    """

    def __init__(self, capacity: int = 50_000) -> None:
        self._capacity = capacity
        self._generation = -1
        self._decided: OrderedDict[Key, Decided | None] = OrderedDict()

    def of(self, keys: Sequence[Key], generation: int) -> tuple[dict[int, Decided], list[int]]:
        """Who hides which of the contents (by position), and the positions that nobody has decided on."""
        if generation != self._generation:
            self._decided.clear()
            self._generation = generation
        hiding: dict[int, Decided] = {}
        unknown: list[int] = []
        for position, key in enumerate(keys):
            decided = self._decided.get(key, _UNKNOWN)
            if decided is _UNKNOWN:
                unknown.append(position)
                continue
            self._decided.move_to_end(key)
            if isinstance(decided, Decided):
                hiding[position] = decided
        return hiding, unknown

    def remember(self, decided: Mapping[Key, Decided | None], generation: int) -> None:
        """Keep decisions that the interventions of `generation` made."""
        if generation != self._generation:
            return
        self._decided.update(decided)
        while len(self._decided) > self._capacity:
            self._decided.popitem(last=False)
