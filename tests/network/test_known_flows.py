"""What was decided is kept by content, as long as it holds and as there is room."""

from __future__ import annotations

from backend.engine.decision import Decided
from backend.network.known import Known, key_of
from backend.network.views.rows import batches, reached, scene_of
from backend.network.views.view import Part
from interventions.sdk import Box, Cover, Dim, Replace


def part(text: str, name: str = "text") -> Part:
    return Part("text", name, text)


def test_the_least_recently_used_is_forgotten_first() -> None:
    known = Known(capacity=2)
    known.of([], 1)
    keys = [key_of("app", part(text)) for text in ("one", "two", "three")]
    hide = Decided("it", Cover(Box(0, 0, 1, 1)))
    known.remember({keys[0]: hide, keys[1]: None}, 1)
    assert known.of(keys[:2], 1) == ({0: hide}, [])
    known.of(keys[:1], 1)
    known.remember({keys[2]: None}, 1)
    assert known.of(keys, 1) == ({0: hide}, [1])


def test_decisions_of_other_interventions_are_not_kept() -> None:
    known = Known()
    known.of([], 2)
    key = key_of("app", part("one"))
    known.remember({key: None}, 1)
    assert known.of([key], 2) == ({}, [0])
    known.remember({key: None}, 2)
    assert known.of([key], 3) == ({}, [0])


def test_a_content_is_told_by_its_app_name_and_text() -> None:
    parts = [part("one"), part("one", "title"), part("two"), Part("count", "text", "one")]
    assert len({key_of(app, one) for app in ("a", "b") for one in parts}) == 8


def test_rows_are_reached_by_what_lies_over_them_and_by_nothing_else() -> None:
    scene = scene_of([part(f"text {n}") for n in range(5)], "phone", "app", 1)
    rows = [line.box for line in scene.lines]
    first, second = Decided("a", Cover(rows[1])), Decided("b", Replace(rows[1], "x"))
    wide = Decided("c", Cover(rows[3].union(rows[4])))
    between = Decided("d", Cover(Box(0, rows[0].bottom, 100, rows[1].top)))
    assert reached(scene, [first, second, wide, between, Decided("e", Dim(0.5))]) == {1: first, 3: wide, 4: wide}


def test_scenes_are_small_enough_for_one_answer() -> None:
    parts = {n: part(str(n)) for n in range(300)}
    sizes = [len(batch) for batch in batches(list(parts), parts, even_if_none=True)]
    assert sizes == [128, 128, 44]
    assert list(batches([], {}, even_if_none=True)) == [[]]
    assert list(batches([], {}, even_if_none=False)) == []
    pictures = {n: Part("picture", "img", digest=str(n)) for n in range(20)}
    assert [len(batch) for batch in batches(list(pictures), pictures, even_if_none=False)] == [8, 8, 4]
