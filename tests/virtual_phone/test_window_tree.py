"""The UI tree's XML."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_agent.virtual_phone.window.node import Node
from device_agent.virtual_phone.window.tree import dump

REAL = Path(__file__).parents[3] / "shared/data/trees/news_feed.xml"


def node(number: int, x: int, y: int, width: int, height: int, **properties: object) -> Node:
    made = Node(number, "frame", "android.widget.FrameLayout", "org.test")
    made.x, made.y, made.width, made.height = x, y, width, height
    for name, value in properties.items():
        setattr(made, name, value)
    return made


def bounds(xml: str) -> list[str]:
    return re.findall(r'bounds="(.*?)"', xml)


def test_attributes_and_head_are_those_of_a_real_dump() -> None:
    if not REAL.is_file():
        pytest.skip("the recorded trees are not here")
    real = REAL.read_text()
    ours = dump(node(1, 0, 0, 10, 10), (10, 10), 0)
    names = r"(\S+?)=\""
    first = re.search(r"<node .*?/?>", real)
    mine = re.search(r"<node .*?/?>", ours)
    assert first is not None
    assert mine is not None
    assert re.findall(names, mine[0]) == re.findall(names, first[0])
    rotation = re.compile(r'rotation="\d"')
    assert rotation.sub("", ours.split("<node")[0]) == rotation.sub("", real.split("<node")[0])


def test_bounds_are_cut_to_the_parent_and_hidden_nodes_left_out() -> None:
    root = node(1, 0, 0, 100, 200)
    root.add(node(2, -20, 150, 80, 100), 0)
    root.add(node(3, 0, 300, 10, 10), 1)
    root.add(node(4, 0, 0, 10, 10, visibility=4), 2)
    root.add(node(5, 0, 0, 10, 10, alpha=0), 3)
    assert bounds(dump(root, (100, 200), 0)) == ["[0,0][100,200]", "[0,150][60,200]"]


def test_children_move_with_the_scroll() -> None:
    root = node(1, 0, 0, 100, 200, scroll=[0, 50])
    root.add(node(2, 0, 60, 10, 10), 0)
    assert bounds(dump(root, (100, 200), 0))[1] == "[0,10][10,20]"


def test_no_window_gives_an_empty_hierarchy() -> None:
    assert ElementTree.fromstring(dump(None, (10, 10), 3)).attrib == {"rotation": "3"}


@given(st.text(max_size=60), st.text(max_size=60))
@settings(deadline=None)
def test_any_text_survives_xml(text: str, description: str) -> None:
    root = node(1, 0, 0, 10, 10, text=text, description=description)
    parsed = ElementTree.fromstring(dump(root, (10, 10), 0).encode("utf-8")).find("node")
    assert parsed is not None
    legal = re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", ".", text)
    assert parsed.get("text") == legal


def test_a_password_is_dots_and_an_empty_field_shows_its_hint() -> None:
    secret = node(1, 0, 0, 9, 9, text="hunter2", password=True)
    empty = node(1, 0, 0, 9, 9, hint="Message")
    assert 'text="•••••••"' in dump(secret, (9, 9), 0)
    assert 'text="Message"' in dump(empty, (9, 9), 0)
