"""Measuring, breaking lines and arranging."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from device_agent.virtual_phone.window import fonts
from device_agent.virtual_phone.window.layout import AT_MOST, EXACTLY, FREE, arrange, measure
from device_agent.virtual_phone.window.node import Node

ROBOTO = "Roboto-Regular"
numbers = iter(range(1, 1_000_000))


def node(kind: str = "view", width: int = -2, height: int = -2, **properties: object) -> Node:
    made = Node(next(numbers), kind, "android.view.View", "org.test")
    weight, gravity = properties.pop("weight", 0), properties.pop("child_gravity", 0)
    margins = properties.pop("margins", (0, 0, 0, 0))
    made.params = {"w": width, "h": height, "weight": weight, "gravity": gravity, "margins": margins}
    for name, value in properties.items():
        setattr(made, name, value)
    return made


def filled(parent: Node, *children: Node) -> Node:
    for child in children:
        parent.add(child, len(parent.children))
    return parent


def lay_out(root: Node, width: int, height: int) -> list[int]:
    changed: list[int] = []
    size = measure(root, (EXACTLY, width), (EXACTLY, height))
    arrange(root, 0, 0, *size, changed)
    return changed


def box(of: Node) -> tuple[int, int, int, int]:
    return of.x, of.y, of.width, of.height


def test_weights_share_what_is_left_to_the_last_pixel() -> None:
    fixed = node(width=100, height=50)
    shares = [node(width=0, height=50, weight=w) for w in (1, 1, 1)]
    lay_out(filled(node("linear"), fixed, *shares), 1000, 100)
    assert [share.width for share in shares] == [300, 300, 300]
    lay_out(filled(node("linear"), *(more := [node(width=0, height=5, weight=1) for _ in range(3)])), 1000, 100)
    assert sum(share.width for share in more) == 1000
    assert [share.x for share in more] == [0, more[0].width, more[0].width + more[1].width]


def test_a_column_stacks_with_padding_and_margins() -> None:
    first, second = node(width=-1, height=40, margins=(5, 6, 7, 8)), node(width=30, height=20)
    lay_out(filled(node("linear", vertical=True, padding=[10, 20, 30, 40]), first, second), 200, 300)
    assert box(first) == (15, 26, 200 - 40 - 12, 40)
    assert box(second) == (10, 74, 30, 20)


def test_gravity_centres_and_sends_to_the_end() -> None:
    middle, corner = node(width=20, height=10, child_gravity=17), node(width=20, height=10, child_gravity=85)
    lay_out(filled(node("frame"), middle, corner), 100, 50)
    assert box(middle) == (40, 20, 20, 10)
    assert box(corner) == (80, 40, 20, 10)


def test_what_is_gone_takes_no_room() -> None:
    gone, there = node(width=50, height=50, visibility=8), node(width=50, height=50)
    lay_out(filled(node("linear"), gone, there), 200, 200)
    assert there.x == 0


def test_a_wrapped_column_stretches_children_that_match_it() -> None:
    wide, matching = node(width=120, height=10), node("frame", width=-1, height=10)
    column = filled(node("linear", vertical=True), wide, matching)
    lay_out(filled(node("frame"), column), 500, 500)
    assert column.width == 120
    assert matching.width == 120


def test_a_scroll_view_lets_its_child_be_as_tall_as_it_wants() -> None:
    tall = node(width=-1, height=5000)
    lay_out(filled(node("scroll"), tall), 100, 200)
    assert box(tall) == (0, 0, 100, 5000)


def test_only_what_moved_is_told() -> None:
    first, second = node(width=10, height=10), node(width=10, height=10)
    root = filled(node("linear"), first, second)
    assert len(lay_out(root, 100, 100)) == 15
    assert lay_out(root, 100, 100) == []
    first.set("layout", {**first.params, "w": 12})
    assert lay_out(root, 100, 100) == [first.number, 0, 0, 12, 10, second.number, 12, 0, 10, 10]


def test_an_unchanged_subtree_is_not_measured_again() -> None:
    text = node("text", text="Hello")
    root = filled(node("frame"), filled(node("linear"), text))
    lay_out(root, 300, 300)
    spec = text.spec
    root.add(node(width=5, height=5), 1)
    assert text.spec == spec
    text.set("text", "Hello there")
    assert text.spec is None
    assert root.spec is None


texts = st.text(st.characters(codec="latin-1", exclude_categories=("C",)), max_size=120)


@given(texts, st.integers(40, 900), st.sampled_from([14.0, 36.75, 60.0]))
@settings(max_examples=60, deadline=None)
def test_lines_fit_and_lose_no_word(text: str, room: int, size: float) -> None:
    lines = fonts.wrap(text, ROBOTO, size, room)
    for line in lines.lines:
        assert len(line) <= 1 or fonts.width(line, ROBOTO, size) <= room
    assert "".join(lines.lines).replace(" ", "") == text.replace(" ", "")


@given(texts, st.integers(60, 500), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_an_ellipsis_keeps_to_the_lines_and_the_room(text: str, room: int, most: int) -> None:
    lines = fonts.wrap(text, ROBOTO, 36.75, room, most, ellipsize=True)
    assert len(lines.lines) <= most
    assert all(len(line) <= 1 or fonts.width(line, ROBOTO, 36.75) <= room for line in lines.lines)


def trees(depth: int = 3) -> st.SearchStrategy[Node]:
    sizes = st.sampled_from([-1, -2, 0, 40, 300])
    leaf = st.builds(
        lambda w, h, kind, m: node(kind, w, h, margins=(m, m, m, m), text="some words to show"),
        sizes,
        sizes,
        st.sampled_from(["view", "text"]),
        st.integers(0, 9),
    )
    groups = st.sampled_from(["linear", "frame", "scroll"])

    def group(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        return st.builds(
            lambda w, h, kind, vertical, gravity, children: filled(
                node(kind, w, h, vertical=vertical, gravity=gravity), *children
            ),
            sizes,
            sizes,
            groups,
            st.booleans(),
            st.sampled_from([0, 1, 5, 16, 17, 80]),
            st.lists(inner, max_size=3),
        )

    return st.recursive(leaf, group, max_leaves=8)


@given(trees(), st.integers(0, 600), st.integers(0, 600))
@settings(max_examples=80, deadline=None)
def test_any_tree_is_measured_within_what_it_was_given(root: Node, width: int, height: int) -> None:
    assert measure(root, (EXACTLY, width), (EXACTLY, height)) == (width, height)
    at_most = measure(root, (AT_MOST, width), (AT_MOST, height))
    assert at_most[0] <= width
    assert at_most[1] <= height
    free = measure(root, (FREE, 0), (FREE, 0))
    assert min(free) >= 0
    changed = lay_out(root, width, height)
    assert len(changed) % 5 == 0
    assert lay_out(root, width, height) == []
