"""Things in a body that can be cut out of it, list by list, though nobody reads them: hints, variants, periods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.network.views.splice import Splice
from interventions.sdk import FlowAction, FlowList, KeepFirst
from interventions.sdk.flow import located


@dataclass(frozen=True, slots=True)
class Item:
    """One thing in the list `of`; characters ``start`` to ``end`` become `cut` when it is cut."""

    of: str
    start: int
    end: int
    says: Mapping[str, str]
    cut: str = ""


class Outline:
    """The lists, as ``flow.json`` shows them: ``{"hints": [{...}, ...]}``."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._items: dict[str, list[Item]] = {}
        for item in items:
            self._items.setdefault(item.of, []).append(item)

    @property
    def lists(self) -> list[FlowList]:
        return [FlowList(f"$.{name}", name, len(items)) for name, items in self._items.items()]

    def read(self) -> Any:
        return {name: [dict(item.says) for item in items] for name, items in self._items.items()}

    def splices(self, actions: Iterable[FlowAction]) -> Iterator[Splice]:
        """What ``KeepFirst`` cuts; no other action can be done to an outline. Raises FlowPathError."""
        for action in actions:
            if isinstance(action, KeepFirst):
                for location, _ in located(action.path, self.read()):
                    if len(location) == 1:
                        for item in self._items[str(location[0])][max(0, action.count) :]:
                            yield Splice(item.start, item.end, item.cut)
