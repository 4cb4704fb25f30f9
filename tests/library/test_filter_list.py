from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.library.filter_list.intervention import FilterList
from interventions.library.filter_list.matching import Tree
from interventions.library.filter_list.rules import Rule, Segment, parse
from interventions.sdk import Block, Box, Cover, ParameterError, Widget

Show = Callable[..., list[Any]]
APP = "org.example.app"
FRAME, LIST, IMAGE, TEXT, BUTTON = (
    "android.widget.FrameLayout",
    "androidx.recyclerview.widget.RecyclerView",
    "android.widget.ImageView",
    "android.widget.TextView",
    "android.widget.Button",
)


def tree(*nodes: tuple[Any, ...]) -> list[Widget]:
    """Widgets from ``(parent, class, {fields})``; each gets a box of its own unless it brings one."""
    widgets = []
    for index, (parent, class_name, fields) in enumerate(nodes):
        box = fields.pop("box", Box(0, 100 * index, 1080, 100 * index + 90))
        depth = 0 if parent is None else widgets[parent].depth + 1
        widgets.append(Widget(str(index), index, parent, depth, class_name, APP, box, **fields))
    return widgets


@pytest.fixture
def screen() -> list[Widget]:
    return tree(
        (None, FRAME, {}),
        (0, LIST, {"view_id": f"{APP}:id/list"}),
        (1, FRAME, {}),
        (2, IMAGE, {"description": "Thumbnail", "box": Box(0, 0, 1080, 600)}),
        (1, FRAME, {}),
        (4, IMAGE, {"description": "Avatar", "box": Box(0, 0, 90, 90)}),
        (4, TEXT, {"text": "Suggested for you"}),
        (0, FRAME, {"view_id": f"{APP}:id/nav"}),
        (7, BUTTON, {"description": "Home", "selected": True}),
        (7, BUTTON, {"description": "Reels, 3 new"}),
    )


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (f"viewId={APP}:id/nav", [7]),
        ("desc=Home", [8]),
        ("desc=Home|Avatar", [5, 8]),
        ("desc=Reels", []),
        ("desc=Reels##descMatch=prefix", [9]),
        ("desc=new##descMatch=substring", [9]),
        (f"className={BUTTON}", [8, 9]),
        ("text=Suggested for you", [6]),
        (f"className={TEXT}##text=Suggested for you", [6]),
        (f"className={BUTTON}##text=Suggested for you", []),
        (f"path={LIST}[0]>{FRAME}[*]", [2, 4]),
        (f"path={LIST}[0]>{FRAME}[1]>{TEXT}", [6]),
        (f"path={LIST}[0]>{FRAME}[2]", []),
        (f"viewId={APP}:id/nav##childPath={BUTTON}[1]", [9]),
        (f"viewId={APP}:id/list##childPath={FRAME}[*]##hasThumbnail=true", [2]),
        (f"viewId={APP}:id/list##desc=Avatar", [4]),
        (f"desc=Avatar##requiresViewId={APP}:id/nav", [5]),
        (f"desc=Avatar##requiresViewId={APP}:id/elsewhere", []),
        (f"desc=Avatar##requiresSelected={APP}:id/nav>{BUTTON}[0]", [5]),
        (f"desc=Avatar##requiresSelected={APP}:id/nav>{BUTTON}[1]", []),
    ],
)
def test_a_rule_means_these_widgets(screen: list[Widget], keys: str, expected: list[int]) -> None:
    (rule,), faults = parse(f"{APP}##{keys}")
    assert not faults
    assert sorted(widget.index for widget in Tree(screen).matching(rule, density=2.625)) == expected


def test_it_covers_and_blocks_in_its_own_app_only(show: Show, screen: list[Widget]) -> None:
    intervention = FilterList(rules=f"// The bar\n{APP}##viewId={APP}:id/nav##category=Bars")
    cover, block = show(intervention, widgets=screen, app=APP)
    assert isinstance(cover, Cover)
    assert isinstance(block, Block)
    assert cover.box == block.box == screen[7].box
    assert (cover.why, cover.label) == ("rule on line 2: The bar", "Bars")
    assert show(intervention, widgets=screen, app="org.example.other") == []


def test_touches_pass_where_the_rule_says_so(show: Show, screen: list[Widget]) -> None:
    actions = show(FilterList(rules=f"{APP}##desc=Home##blockTouches=false"), widgets=screen, app=APP)
    assert [type(action) for action in actions] == [Cover]


def test_a_transparent_rule_only_blocks(show: Show, screen: list[Widget]) -> None:
    actions = show(FilterList(rules=f"{APP}##desc=Home##color=#00FFFFFF"), widgets=screen, app=APP)
    assert [type(action) for action in actions] == [Block]


def test_bad_lines_are_reported_by_number_and_the_rest_work(
    show: Show, screen: list[Widget], caplog: pytest.LogCaptureFixture
) -> None:
    rules = f"""// a comment

    nonsense
    ##desc=Home
    {APP}##desc=Home
    {APP}##color=FF0000
    {APP}##desc=Home##descMatch=fuzzy
    {APP}##desc=Home##colour=FF0000
    {APP}##desc=Home##color=red
    {APP}##path=Button[x]
    {APP}##desc=Home##blockTouches=yes
    {APP}##childPath=Button[0]##desc=Home
    {APP}##desc=
    {APP}##desc=Home##enabled=false"""
    intervention = FilterList(rules=rules)
    with caplog.at_level(logging.WARNING):
        actions = show(intervention, widgets=screen, app=APP)
    assert [fault.line for fault in intervention.faults] == [3, 4, 6, 7, 8, 9, 10, 11, 12, 13]
    assert len(caplog.records) == 10
    assert "line 8: unknown key 'colour'" in caplog.text
    assert [type(action) for action in actions] == [Cover, Block]


def test_rules_come_from_a_file_and_follow_its_changes(show: Show, screen: list[Widget], tmp_path: Path) -> None:
    path = tmp_path / "rules.txt"
    path.write_text(f"{APP}##desc=Home", encoding="utf-8")
    intervention = FilterList(file=str(path))
    assert len(show(intervention, widgets=screen, app=APP)) == 2
    path.write_text(f"{APP}##className={BUTTON}##enabled=true", encoding="utf-8")
    show(intervention, app="org.example.other")
    assert len(show(intervention, widgets=screen, app=APP)) == 4


def test_a_missing_file_is_named(show: Show, screen: list[Widget], tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"absent\.txt cannot be read"):
        show(FilterList(file=str(tmp_path / "absent.txt")), widgets=screen, app=APP)


def test_a_rule_is_read_in_full() -> None:
    (rule,), _ = parse(
        "com.example##viewId=a:id/b##childPath=x.Y[2]>z.W##hasThumbnail=160dp##requiresSelected=c>d.E[*]"
        "##color=80ff0000##blockTouches=FALSE##comment=Hide=it"
    )
    assert rule == Rule(
        line=1,
        package="com.example",
        view_id="a:id/b",
        child_path=(Segment("x.Y", 2), Segment("z.W", 0)),
        thumbnail_dp=160,
        requires_selected="c",
        selected_path=(Segment("d.E", None),),
        color=(0x80, "FF0000"),
        block_touches=False,
        comment="Hide=it",
    )


@given(st.text())
def test_any_text_is_read_without_failing_and_no_line_is_lost(text: str) -> None:
    rules, faults = parse(text)
    meant = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("//")]
    assert len(rules) + len(faults) == len(meant)


WORD = st.text(alphabet="abcXYZ._$", min_size=1, max_size=8).filter(lambda s: s.strip())
STEPS = st.lists(st.tuples(WORD, st.one_of(st.none(), st.integers(0, 99))), min_size=1, max_size=5)


@given(WORD, STEPS, st.booleans())
def test_what_is_written_is_what_is_read(package: str, steps: list[tuple[str, int | None]], block: bool) -> None:
    path = ">".join(f"{name}[{'*' if index is None else index}]" for name, index in steps)
    (rule,), faults = parse(f"{package}##path={path}##blockTouches={str(block).lower()}")
    assert not faults
    assert rule.package == package
    assert [(step.class_name, step.index) for step in rule.path] == steps
    assert rule.block_touches is block
