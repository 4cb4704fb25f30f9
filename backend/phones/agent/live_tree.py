"""The UI tree that an agent tells bit by bit, put together again.

Updates are numbered; a number left out, or an update that speaks of views nobody told of, means that something was
missed: the tree is not trusted until it has come in full. An app is anybody, so there are limits to what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from time import monotonic

from backend.errors import CaptureError
from backend.phones.agent.messages import Node, Rect, TreeUpdate
from backend.phones.agent.phone_clock import PhoneClock
from backend.phones.frame import Tree
from interventions.sdk import Box, Widget

MAX_NODES = 20_000
MAX_DEPTH = 500
MAX_CHARACTERS = 4 << 20
"""Of all texts, names and descriptions together."""
MAX_COORDINATE = 10_000_000

_ASK_AGAIN_S, _ASK_REFUSED_S = 1.0, 30.0
_MAX_STEPS = 50 * MAX_NODES
_TRY = "the next full tree is read again; until then this app is read from its pictures"


class _Missed(Exception):
    """An update does not fit what was told before."""


class _TooMuch(Exception):
    """More than is kept, or a shape that no tree has."""


@dataclass(slots=True)
class _Held:
    """A node, its box by now, and what hangs below it."""

    node: Node
    box: Rect
    below: set[int] = field(default_factory=set)

    @property
    def characters(self) -> int:
        node = self.node
        return len(node.text) + len(node.description) + len(node.view_id) + len(node.class_name) + len(node.key)


class LiveTree:
    """The live tree of one app, as one agent tells it. A new agent needs a new one. For one thread at a time.

    Args:
        package: the app.
        fetch: called when the tree must be sent in full (``FetchTree``): once a second while that is on its way, and
            every half minute after one that was refused.
    """

    def __init__(self, package: str, fetch: Callable[[], None] | None = None) -> None:
        self.package = package
        self.activity = ""
        self._fetch = fetch
        self._clock = PhoneClock()
        self._held: dict[int, _Held] = {}
        self._top: set[int] = set()
        self._characters = 0
        self._next: int | None = None
        self._refused = False
        self._asked_s = float("-inf")
        self._time_s = 0.0
        self._widgets: tuple[Widget, ...] | None = None

    def apply(self, update: TreeUpdate, arrived_s: float | None = None) -> bool:
        """Take an update that arrived at `arrived_s` (``time.monotonic``, by default now). True when all is there.

        Raises:
            CaptureError: a full tree is beyond all limits, or none at all. The updates that follow it are passed over.
        """
        now_s = monotonic() if arrived_s is None else arrived_s
        self._time_s = self._clock.ours(update.uptime_ms, now_s)
        if not update.full and self._next != update.seq:
            self._ask(now_s)
            return False
        try:
            self._take(update)
            self._build()
        except (_Missed, _TooMuch) as wrong:
            self._drop()
            if update.full:
                self._refused = True
                raise CaptureError(self.package, f"the live UI tree is refused: {wrong}", _TRY) from wrong
            self._ask(now_s)
            return False
        self._refused = False
        self._next = update.seq + 1
        return True

    @property
    def complete(self) -> bool:
        """Whether the tree is all there; without that, there are no widgets."""
        return self._next is not None

    @property
    def widgets(self) -> tuple[Widget, ...]:
        """All nodes in document order. The id of a widget is ``v`` and its view's number, the same for good."""
        return self._widgets or ()

    @property
    def tree(self) -> Tree | None:
        """The tree as it is since the phone's clock said so (`PhoneClock`), or None while it is not complete."""
        return Tree(self.widgets, self._time_s, self._time_s) if self.complete else None

    @property
    def views(self) -> Mapping[str, tuple[int, str]]:
        """For each widget by its id: the agent's number of its view, and the key of its content or ""."""
        return {_name(view): (view, held.node.key) for view, held in self._held.items()}

    @property
    def hidden(self) -> frozenset[str]:
        """Ids of widgets that the agent hides from the participant."""
        return frozenset(_name(view) for view, held in self._held.items() if held.node.hidden)

    def _ask(self, now_s: float) -> None:
        self._drop()
        if self._fetch is not None and now_s - self._asked_s >= (_ASK_REFUSED_S if self._refused else _ASK_AGAIN_S):
            self._asked_s = now_s
            self._fetch()

    def _drop(self) -> None:
        self._next = None
        self._held.clear()
        self._top.clear()
        self._characters = 0
        self._widgets = None

    # -- taking updates: shifts of what was there, then nodes, boxes, and what left -----------------------------

    def _take(self, update: TreeUpdate) -> None:
        if update.full:
            self._drop()
        self._shift(update.shifted)
        for node in update.changed:
            self._put(node)
        for view, *box in update.moved:
            self._get(view).box = _checked((box[0], box[1], box[2], box[3]))
        for view in update.gone:
            self._remove(view)
        if update.full or update.activity:
            self.activity = update.activity
        self._widgets = None

    def _shift(self, shifted: list[tuple[int, int, int]]) -> None:
        steps = 0
        for view, dx, dy in shifted:
            for below in self._below(view):
                left, top, right, bottom = below.box
                below.box = _checked((left + dx, top + dy, right + dx, bottom + dy))
                steps += 1
            if steps > _MAX_STEPS:
                raise _TooMuch("an update moves its views without end")

    def _get(self, view: int) -> _Held:
        held = self._held.get(view)
        if held is None:
            raise _Missed(f"view {view} is not in the tree")
        return held

    def _below(self, view: int) -> Iterator[_Held]:
        """What hangs below `view`, at any depth; each once, for the tree was checked when it was last built."""
        waiting = [*self._get(view).below]
        while waiting:
            held = self._held[waiting.pop()]
            yield held
            waiting += held.below

    def _put(self, node: Node) -> None:
        before = self._held.get(node.view)
        held = _Held(node, _checked(node.box), before.below if before else set())
        if before is not None:
            self._characters -= before.characters
            self._siblings(before.node.parent).discard(node.view)
        self._held[node.view] = held
        self._siblings(node.parent).add(node.view)
        self._characters += held.characters
        if len(self._held) > MAX_NODES:
            raise _TooMuch(f"it has more than {MAX_NODES} views")
        if self._characters > MAX_CHARACTERS:
            raise _TooMuch(f"its texts are longer than {MAX_CHARACTERS} characters")

    def _siblings(self, parent: int) -> set[int]:
        """Where views of that parent are kept; a parent is told of before its children."""
        return self._top if parent == 0 else self._get(parent).below

    def _remove(self, view: int) -> None:
        self._siblings(self._get(view).node.parent).discard(view)
        waiting = [view]
        while waiting:
            held = self._held.pop(waiting.pop(), None)
            if held is not None:
                self._characters -= held.characters
                waiting += held.below

    # -- widgets -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        """Make widgets, and with that check that all hangs together: no ring, nothing too deep."""
        widgets: list[Widget] = []
        waiting: list[tuple[int, int | None, int]] = [(view, None, 0) for view in self._sorted(self._top)]
        while waiting:
            view, parent, depth = waiting.pop()
            if depth > MAX_DEPTH:
                raise _TooMuch(f"it is nested deeper than {MAX_DEPTH}")
            held = self._held[view]
            widgets.append(self._widget(held, len(widgets), parent, depth))
            if held.below:
                index = len(widgets) - 1
                waiting += [(below, index, depth + 1) for below in self._sorted(held.below)]
        if len(widgets) != len(self._held):
            raise _Missed(f"{len(self._held) - len(widgets)} views hang in the air")
        self._widgets = tuple(widgets)

    def _sorted(self, views: set[int]) -> list[int]:
        """Siblings, the last first."""
        if len(views) < 2:
            return list(views)
        return sorted(views, key=lambda view: (self._held[view].node.order, view), reverse=True)

    def _widget(self, held: _Held, index: int, parent: int | None, depth: int) -> Widget:
        node = held.node
        return Widget(
            id=_name(node.view),
            index=index,
            parent=parent,
            depth=depth,
            class_name=node.class_name,
            package=self.package,
            box=Box(*held.box),
            view_id=node.view_id,
            text=node.text,
            description=node.description,
            clickable=node.clickable,
            scrollable=node.scrollable,
            enabled=node.enabled,
            focused=node.focused,
            checked=node.checked,
            selected=node.selected,
            password=node.password,
        )


def _name(view: int) -> str:
    return f"v{view}"


def _checked(box: Rect) -> Rect:
    if any(not -MAX_COORDINATE < edge < MAX_COORDINATE for edge in box):
        raise _TooMuch(f"a box is at {box}")
    return box
