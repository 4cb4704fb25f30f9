"""What holds of every shipped intervention, loaded as the engine loads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.engine.catalog import Loaded, load_folder
from interventions import library
from interventions.sdk import Action, Box, Line, Match, Region, Scroll, Widget

Show = Callable[..., list[Any]]
FOLDERS = sorted(path.parent for path in Path(library.__path__[0]).glob("*/manifest.toml"))
CASES = {"hate_speech", "explicit_images", "stories_bar", "demetrication", "endless_scroll", "app_gate", "filter_list"}


@pytest.fixture(scope="module", params=FOLDERS, ids=lambda folder: folder.name)
def loaded(request: pytest.FixtureRequest) -> Loaded:
    return load_folder(request.param)


def test_all_case_studies_are_shipped() -> None:
    assert {folder.name for folder in FOLDERS} >= CASES


def test_it_says_what_it_does(loaded: Loaded) -> None:
    assert loaded.manifest.title
    assert loaded.manifest.description
    assert loaded.manifest.author
    assert loaded.kind.__doc__
    assert loaded.kind.handlers()


def test_every_parameter_explains_itself(loaded: Loaded) -> None:
    for parameter in loaded.kind.parameters():
        assert parameter.help, f"{parameter.name} has no help"


def test_its_masks_are_there(loaded: Loaded) -> None:
    for mask in loaded.kind.masks:
        assert (loaded.folder / mask.path).is_file()


def test_an_empty_screen_leaves_it_cold(loaded: Loaded, show: Show) -> None:
    assert show(loaded.kind()) == []


BOX = st.tuples(st.integers(-50, 1080), st.integers(-50, 2220), st.integers(0, 1100), st.integers(0, 2300)).map(
    lambda b: Box(b[0], b[1], b[0] + b[2], b[1] + b[3])
)
TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["1,284 likes", "you stupid bitch", "364", "Like", "Stories", "Your story", "Followers", "2h   5 likes"]
    ),
)
WIDGET = st.tuples(
    BOX, TEXT, TEXT, st.sampled_from(["a:id/like_count", "a:id/stories_bar", "", "x"]),
    st.sampled_from(["ImageView", "TextView", "EditText", "RecyclerView"]), st.booleans(),
)  # fmt: skip


def tree(nodes: list[tuple[Box, str, str, str, str, bool]], parents: list[int]) -> list[Widget]:
    return [
        Widget(
            str(n), n, parents[n] % n if n else None, 0, f"android.widget.{name}", "org.example.app", box,
            view_id=view_id, text=text, description=description, scrollable=scrollable,
        )
        for n, (box, text, description, view_id, name, scrollable) in enumerate(nodes)
    ]  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    nodes=st.lists(WIDGET, max_size=12),
    parents=st.lists(st.integers(0, 11), min_size=12, max_size=12),
    rows=st.lists(st.tuples(TEXT, BOX, st.sampled_from(["tree", "ocr"]), st.integers(-1, 3)), max_size=8),
    places=st.lists(BOX, max_size=3),
    pixels=st.booleans(),
)
def test_any_screen_is_survived(
    loaded: Loaded, show: Show, nodes: Any, parents: Any, rows: Any, places: Any, pixels: bool
) -> None:
    widgets = tree(nodes, parents)
    lines = [
        Line(text, box, source, 0.9, paragraph, n if source == "tree" and n < len(widgets) else None)
        for n, (text, box, source, paragraph) in enumerate(rows)
    ]
    picture = np.zeros((8, 8, 3), np.uint8)
    actions = show(
        loaded.kind(),
        lines=lines,
        widgets=widgets,
        regions=[Region(box, f"{n}", picture) for n, box in enumerate(places)],
        matches=[Match("plus_badge", box, 0.9) for box in places],
        scroll=Scroll(dy=-5, distance=100_000, streak=3),
        pixels=np.full((2220, 1080, 3), 255, np.uint8) if pixels else None,
        app="com.instagram.android",
    )
    for action in actions:
        assert isinstance(action, Action)
        assert action.why, "the journal wants to know why"
        assert "bitch" not in action.why
