"""UI trees: real dumps, hostile dumps, and names that last."""

from __future__ import annotations

import contextlib
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import CaptureError
from backend.phones.tree import MAX_BYTES, parse_tree
from backend.phones.widget_ids import item_number
from interventions.sdk import Box, Widget

REAL = Path(__file__).parents[3] / "shared/data/trees"
XML_TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"))


def node(
    text: str = "", kind: str = "android.widget.TextView", view_id: str = "", inside: str = "", **more: str
) -> str:
    attributes = {"text": text, "class": kind, "resource-id": view_id, "bounds": "[0,0][10,20]", **more}
    written = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    return f"<node {written}>{inside}</node>"


def dump(*nodes: str, rotation: int = 0) -> bytes:
    return f"<?xml version='1.0'?><hierarchy rotation=\"{rotation}\">{''.join(nodes)}</hierarchy>".encode()


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the real dumps in shared/data/trees")
@pytest.mark.parametrize(("name", "nodes", "rotation"), [("news_feed", 126, 1), ("lockscreen_es", 119, 0)])
def test_reads_real_dumps(name: str, nodes: int, rotation: int) -> None:
    tree = parse_tree((REAL / f"{name}.xml").read_bytes())
    assert (len(tree.widgets), tree.rotation) == (nodes, rotation)
    assert len({widget.id for widget in tree.widgets}) == nodes
    for widget in tree.widgets:
        parent = tree.widgets[widget.parent] if widget.parent is not None else None
        assert widget.depth == (parent.depth + 1 if parent else 0)


@given(XML_TEXT, XML_TEXT, st.tuples(*[st.integers(-9999, 9999)] * 4))
def test_what_is_written_is_read(text: str, description: str, box: tuple[int, int, int, int]) -> None:
    bounds = f"[{box[0]},{box[1]}][{box[2]},{box[3]}]"
    written = node(text, **{"content-desc": description, "bounds": bounds, "clickable": "true", "enabled": "false"})
    (widget,) = parse_tree(dump(written)).widgets
    # XML turns line ends and tabs in attributes into spaces.
    assert widget.text == text.translate({9: " ", 10: " ", 13: " "})
    assert (widget.box, widget.clickable, widget.enabled) == (Box(*box), True, False)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_tree_or_one_clear_error(data: bytes) -> None:
    for xml in (data, b"<hierarchy>" + data, b"<hierarchy>" + data + b"</hierarchy>"):
        with contextlib.suppress(CaptureError):
            parse_tree(xml)


@given(st.integers(1, 200))
def test_a_dump_cut_anywhere_is_refused(cut: int) -> None:
    whole = dump(node("a", inside=node("b")), node("c"))
    with pytest.raises(CaptureError):
        parse_tree(whole[: max(1, len(whole) - cut)])


def test_leaves_out_what_stands_around_the_document() -> None:
    tree = parse_tree(b"WARNING: linker\n" + dump(node("x"), rotation=3) + b"UI hierchary dumped to: /dev/tty\n")
    assert (len(tree.widgets), tree.rotation) == (1, 3)


def test_an_empty_hierarchy_is_a_tree_of_nothing() -> None:
    assert parse_tree(b'<hierarchy rotation="0" />').widgets == ()


def test_reads_an_emoji_that_android_writes_as_two_surrogates() -> None:
    xml = dump(node("PLACE")).replace(b"PLACE", b"&#55357;&#56832; &#65; &#0; &#55357;")
    assert parse_tree(xml).widgets[0].text == "\U0001f600 A \ufffd \ufffd"


def test_refuses_entities() -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE h [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><hierarchy>&b;</hierarchy>'
    with pytest.raises(CaptureError, match="document type"):
        parse_tree(bomb)
    with pytest.raises(CaptureError, match="malformed"):
        parse_tree(b'<hierarchy><node text="&b;" /></hierarchy>')


def test_takes_five_megabytes_and_refuses_more() -> None:
    one = node("some text on a line", view_id="org.example:id/line")
    big = dump(*[one] * ((5 << 20) // len(one)))
    assert len(parse_tree(big).widgets) > 30_000
    with pytest.raises(CaptureError, match="more than"):
        parse_tree(b"<hierarchy>" + b" " * MAX_BYTES + b"</hierarchy>")


def test_refuses_a_tree_without_end() -> None:
    with pytest.raises(CaptureError, match="nested deeper"):
        parse_tree(b"<hierarchy>" + b'<node bounds="[0,0][1,1]">' * 600 + b"</node>" * 600 + b"</hierarchy>")


def test_says_which_bounds_are_wrong() -> None:
    with pytest.raises(CaptureError, match=r"bounds '\[0,0\]\[x"):
        parse_tree(dump(node(bounds="[0,0][x,1]")))


def post(text: str, likes: str) -> str:
    inside = node(text, view_id="o:id/text") + node(likes, view_id="o:id/likes")
    return node(kind="android.view.ViewGroup", view_id="o:id/post", inside=inside)


def feed(*posts: str) -> bytes:
    return dump(node(kind="androidx.recyclerview.widget.RecyclerView", scrollable="true", inside="".join(posts)))


def ids(widgets: tuple[Widget, ...]) -> dict[str, str]:
    return {widget.text: widget.id for widget in widgets if widget.text}


def test_a_count_that_grows_keeps_its_name() -> None:
    before = parse_tree(feed(post("first", "1 like"), post("second", "9 likes")))
    after = parse_tree(feed(post("first", "2 likes"), post("second", "9 likes")), before=before)
    assert [w.id for w in before.widgets] == [w.id for w in after.widgets]


@given(st.integers(0, 40), st.integers(2, 6), st.integers(-4, 4))
def test_what_scrolls_keeps_its_name(top: int, shown: int, scroll: int) -> None:
    def screen(start: int) -> bytes:
        return feed(*(post(f"post {start + i}", f"{start + i} likes") for i in range(shown)))

    before = parse_tree(screen(top))
    after = parse_tree(screen(top + scroll), before=before)
    was, is_ = ids(before.widgets), ids(after.widgets)
    for text in was.keys() & is_.keys():
        assert was[text] == is_[text]
    assert not {was[t] for t in was.keys() - is_.keys()} & {is_[t] for t in is_.keys() - was.keys()}
    assert len({widget.id for widget in after.widgets}) == len(after.widgets)


def test_other_content_in_the_same_list_gets_other_names() -> None:
    before = parse_tree(feed(post("a", "1"), post("b", "2")))
    after = parse_tree(feed(post("x", "7"), post("y", "8")), before=before)
    items = [item_number(widget.id) for widget in after.widgets]
    assert [number for number in items if number is not None] == [2, 3]


def test_an_item_half_out_of_sight_keeps_its_name() -> None:
    def cut(text: str) -> str:
        return node(kind="android.view.ViewGroup", view_id="o:id/post", inside=node(text, view_id="o:id/text"))

    before = parse_tree(feed(post("one", "Like"), post("two", "Like"), cut("three")))
    after = parse_tree(feed(cut("two"), post("three", "Like"), cut("four")), before=before)
    was, is_ = ids(before.widgets), ids(after.widgets)
    assert was["two"] == is_["two"]
    assert was["three"] == is_["three"]
    assert is_["four"] not in was.values()


def test_a_list_that_says_nothing_keeps_its_names() -> None:
    silent = feed(node(kind="android.widget.ImageView"), node(kind="android.widget.ImageView"))
    before = parse_tree(silent)
    assert [w.id for w in parse_tree(silent, before=before).widgets] == [w.id for w in before.widgets]
