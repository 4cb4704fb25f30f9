"""Which actions win where several interventions speak of one place."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from backend.engine.conflicts import resolve
from backend.engine.decision import Decided
from interventions.sdk import Box, Cover, Dim, Greyscale, Replace

SCREEN = (400, 400)
boxes = st.builds(
    lambda x, y, w, h: Box(x, y, x + w, y + h),
    st.integers(-50, 380), st.integers(-50, 380), st.integers(1, 300), st.integers(1, 300),
)  # fmt: skip
covers = st.lists(
    st.builds(
        lambda box, style, priority: Decided("i", Cover(box, style=style), priority),
        boxes, st.sampled_from(["solid", "blur", "inpaint", "text"]), st.integers(-1, 1),
    ),
    max_size=8,
)  # fmt: skip


@given(covers)
def test_whatever_was_to_be_covered_is_covered(asked):
    kept = [decided.action.box.clipped(SCREEN) for decided in resolve(asked, SCREEN)]
    for decided in asked:
        box = decided.action.box.clipped(SCREEN)
        assert not box or any(other.contains(box) for other in kept)


def test_the_higher_priority_is_heard():
    box = Box(10, 10, 90, 40)
    low = Decided("low", Cover(box, style="solid"), 0)
    high = Decided("high", Replace(box, "kind words"), 5)
    assert resolve([low, high], SCREEN) == (high,)


def test_among_equals_hiding_more_wins():
    box = Box(10, 10, 90, 40)
    blur, solid = Decided("a", Cover(box, style="blur")), Decided("b", Cover(box, style="solid"))
    assert resolve([blur, solid], SCREEN) == (solid,)


def test_dims_do_not_add_up():
    asked = [Decided("a", Dim(0.2)), Decided("b", Dim(0.6)), Decided("c", Greyscale(0.5))]
    assert resolve(asked, SCREEN) == (asked[1], asked[2])
