"""The live tree: whatever the views do, the tree put together from updates is the tree that is there."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.errors import CaptureError
from backend.phones.agent import live_tree
from backend.phones.agent.live_tree import LiveTree
from backend.phones.agent.messages import Node, Rect, TreeUpdate
from backend.phones.agent.phone_clock import PhoneClock
from interventions.sdk import Box, Widget

MOST_BELOW = 4


@dataclass
class View:
    """A view of an imaginary app."""

    number: int
    box: Rect
    text: str = ""
    below: list[View] = field(default_factory=list)

    def all_below(self) -> list[View]:
        return [found for child in self.below for found in (child, *child.all_below())]


class App:
    """Views that change at random, and what an agent would say of it."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.last = 0
        self.seq = 0
        self.root = self.new(0)
        self.told: dict[int, tuple[int, int, View]] = {}

    def new(self, depth: int) -> View:
        self.last += 1
        left, top = self.rng.randrange(-50, 500), self.rng.randrange(-50, 500)
        view = View(self.last, (left, top, left + 10, top + 10), self.rng.choice(["", "a", "🙂 ب"]))
        if depth < 3:
            view.below = [self.new(depth + 1) for _ in range(self.rng.randrange(MOST_BELOW))]
        return view

    def views(self) -> list[View]:
        return [self.root, *self.root.all_below()]

    def change(self) -> list[tuple[int, int, int]]:
        """One change, and the shift that tells a scroll, if that is what it was."""
        view = self.rng.choice(self.views())
        kind = self.rng.randrange(6)
        if kind == 0:
            view.text = str(self.rng.random())
        elif kind == 1:
            view.box = (self.rng.randrange(100), 0, 200, 9)
        elif kind == 2:
            view.below.insert(self.rng.randint(0, len(view.below)), self.new(2))
        elif kind == 3 and view.below:
            view.below.pop(self.rng.randrange(len(view.below)))
        elif kind == 4:
            self.rng.shuffle(view.below)
            inside = {view.number, *(one.number for one in view.all_below())}
            others = [one for one in self.views() if one.number not in inside]
            if view.below and others:  # a row that is used again elsewhere, with all in it
                self.rng.choice(others).below.append(view.below.pop())
        else:
            return self.scroll(view)
        return []

    def scroll(self, view: View) -> list[tuple[int, int, int]]:
        dx, dy = self.rng.randrange(-9, 9), self.rng.randrange(-99, 99)
        for below in view.all_below():
            left, top, right, bottom = below.box
            below.box = (left + dx, top + dy, right + dx, bottom + dy)
        return [(view.number, dx, dy)] if view.number in self.told else []

    def nodes(self) -> list[tuple[int, int, View]]:
        """(parent, order, view), parents first."""
        found = [(0, 0, self.root)]
        for _, _, view in found:
            found += [(view.number, 10 * place, below) for place, below in enumerate(view.below)]
        return found

    def update(self, full: bool, shifted: list[tuple[int, int, int]]) -> TreeUpdate:
        """What is different from what was told, given that these shifts are said."""
        before = {} if full else self.told
        expected = {number: view.box for number, (_, _, view) in before.items()}
        for number, dx, dy in shifted:
            for below in before[number][2].all_below():
                left, top, right, bottom = expected[below.number]
                expected[below.number] = (left + dx, top + dy, right + dx, bottom + dy)
        now = {view.number: (parent, order, view) for parent, order, view in self.nodes()}
        changed, moved = [], []
        for number, (parent, order, view) in now.items():
            old = before.get(number)
            if old is None or (old[0], old[1], old[2].text) != (parent, order, view.text):
                changed.append(_node(parent, order, view))
            elif expected[number] != view.box:
                moved.append((number, *view.box))
        gone = [n for n, (parent, _, _) in before.items() if n not in now and (parent == 0 or parent in now)]
        self.told = {number: (parent, order, _frozen(view)) for number, (parent, order, view) in now.items()}
        self.seq += 1
        return TreeUpdate(
            seq=self.seq,
            uptime_ms=self.seq,
            full=full,
            activity="org.example.Main" if full else "",
            changed=changed,
            moved=moved,
            shifted=shifted,
            gone=gone,
        )

    def widgets(self) -> list[tuple[str, int | None, int, str, Box]]:
        """(id, parent's index, depth, text, box) in document order, straight from the views."""
        found: list[tuple[str, int | None, int, str, Box]] = []

        def visit(view: View, parent: int | None, depth: int) -> None:
            index = len(found)
            found.append((f"v{view.number}", parent, depth, view.text, Box(*view.box)))
            for below in view.below:
                visit(below, index, depth + 1)

        visit(self.root, None, 0)
        return found


def _frozen(view: View) -> View:
    return replace(view, below=[_frozen(below) for below in view.below])


def _node(parent: int, order: int, view: View) -> Node:
    return Node(
        view=view.number, parent=parent, order=order, class_name="android.view.View", box=view.box, text=view.text
    )


def _told(widgets: tuple[Widget, ...]) -> list[tuple[str, int | None, int, str, Box]]:
    return [(one.id, one.parent, one.depth, one.text, one.box) for one in widgets]


def _update(seq: int, full: bool = False, **parts: object) -> TreeUpdate:
    return TreeUpdate.model_validate({"seq": seq, "uptime_ms": seq, "full": full, **parts})


def _simple(view: int, parent: int = 0, **fields: object) -> dict[str, object]:
    return {"view": view, "parent": parent, "order": view, "class_name": "C", "box": (0, 0, 10, 10), **fields}


@given(st.integers(0, 2**32), st.lists(st.integers(0, 3), min_size=1, max_size=12))
@settings(max_examples=150, deadline=None)
def test_what_updates_lead_to_is_what_is_there(seed: int, changes: list[int]) -> None:
    app, tree = App(random.Random(seed)), LiveTree("org.example")
    assert tree.apply(app.update(True, []))
    for count in changes:
        shifted = [shift for _ in range(count) for shift in app.change()]
        assert tree.apply(app.update(False, shifted))
        assert _told(tree.widgets) == app.widgets()
        assert [one.index for one in tree.widgets] == list(range(len(tree.widgets)))


@given(st.integers(0, 2**32), st.integers(1, 5))
@settings(max_examples=50, deadline=None)
def test_after_an_update_that_is_missing_nothing_is_believed_until_all_is_told(seed: int, lost: int) -> None:
    asked: list[int] = []
    app, tree = App(random.Random(seed)), LiveTree("org.example", lambda: asked.append(1))
    tree.apply(app.update(True, []), 0.0)
    for _ in range(lost):
        app.update(False, app.change())
    for _ in range(3):
        assert not tree.apply(app.update(False, app.change()), 0.1)
    assert not tree.widgets
    assert not tree.complete
    assert tree.tree is None
    assert len(asked) == 1
    assert tree.apply(app.update(True, []), 0.2)
    assert _told(tree.widgets) == app.widgets()


def test_asks_again_when_the_full_tree_does_not_come() -> None:
    asked: list[int] = []
    tree = LiveTree("org.example", lambda: asked.append(1))
    for second in range(3):
        tree.apply(_update(5), float(second))
    assert len(asked) == 3


@pytest.mark.parametrize(
    "parts",
    [
        {"changed": [_simple(3, parent=99)]},
        {"moved": [(99, 0, 0, 1, 1)]},
        {"shifted": [(99, 0, 1)]},
        {"gone": [99]},
        {"changed": [_simple(1, parent=2)]},
    ],
    ids=["parent", "moved", "shifted", "gone", "ring"],
)
def test_an_update_that_does_not_fit_is_a_gap(parts: dict[str, object]) -> None:
    asked: list[int] = []
    tree = LiveTree("org.example", lambda: asked.append(1))
    tree.apply(_update(0, True, changed=[_simple(1), _simple(2, 1)]), 0.0)
    assert not tree.apply(_update(1, **parts), 1.0)
    assert asked


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ([_simple(n) for n in range(1, 12)], "more than 10 views"),
        ([_simple(n, n - 1) for n in range(1, 8)], "deeper than 5"),
        ([_simple(1, text="x" * 101)], "longer than 100 characters"),
        ([_simple(1, box=(0, 0, 10**12, 1))], "box"),
        ([_simple(1, 2)], "not in the tree"),
    ],
    ids=["nodes", "depth", "texts", "box", "ring"],
)
def test_a_hostile_tree_is_refused_with_one_clear_error(
    changed: list[object], what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_tree, "MAX_NODES", 10)
    monkeypatch.setattr(live_tree, "MAX_DEPTH", 5)
    monkeypatch.setattr(live_tree, "MAX_CHARACTERS", 100)
    asked: list[int] = []
    tree = LiveTree("org.example", lambda: asked.append(1))
    with pytest.raises(CaptureError, match=what):
        tree.apply(_update(0, True, changed=changed), 0.0)
    assert not tree.widgets
    for second in range(20):
        assert not tree.apply(_update(1, gone=[1]), float(second))
    assert len(asked) <= 1
    assert tree.apply(_update(9, True, changed=[_simple(1)]), 30.0)
    assert len(tree.widgets) == 1


def test_shifts_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_tree, "_MAX_STEPS", 100)
    tree = LiveTree("org.example")
    tree.apply(_update(0, True, changed=[_simple(1), _simple(2, 1)]))
    assert not tree.apply(_update(1, shifted=[(1, 0, 1)] * 101))


def test_tells_activity_keys_and_what_is_hidden() -> None:
    tree = LiveTree("org.example")
    key = "ab" * 16
    tree.apply(_update(0, True, activity="org.example.Main", changed=[_simple(7, key=key, hidden=True), _simple(8)]))
    assert tree.activity == "org.example.Main"
    assert tree.views == {"v7": (7, key), "v8": (8, "")}
    assert tree.hidden == {"v7"}
    tree.apply(_update(1, activity="org.example.Other"))
    assert tree.activity == "org.example.Other"
    tree.apply(_update(2))
    assert tree.activity == "org.example.Other"


@given(st.floats(0, 1e6), st.lists(st.tuples(st.floats(0.001, 5), st.floats(0, 2)), min_size=1, max_size=50))
def test_the_phones_clock_is_read_by_the_fastest_message(offset_s: float, messages: list[tuple[float, float]]) -> None:
    clock, uptime_s, fastest = PhoneClock(), 0.0, float("inf")
    for pause_s, way_s in messages:
        uptime_s += pause_s
        fastest = min(fastest, way_s)
        read = clock.ours(uptime_s * 1000, uptime_s + offset_s + way_s)
        assert uptime_s + offset_s - 1e-6 <= read <= uptime_s + offset_s + way_s + 1e-6
        if uptime_s < 60:
            assert read == pytest.approx(uptime_s + offset_s + fastest, abs=1e-5)


def test_a_phone_that_slept_is_read_right_again_after_two_windows() -> None:
    clock = PhoneClock()
    clock.ours(0, 100.0)
    for second in range(130):
        read = clock.ours(second * 1000, 200.0 + second)
    assert read == pytest.approx(329.0)
