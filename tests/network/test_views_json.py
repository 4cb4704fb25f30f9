"""JSON bodies: content is found by name and looks, and an edit changes the characters of its value alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.network.views.json_view import JsonView
from backend.network.views.view import Unreadable
from backend.network.views.words import role_of
from interventions.sdk import FlowPathError, KeepFirst, Rewrite
from interventions.sdk.flow import located

ODD = (
    b'\xef\xbb\xbf { "big": 12345678901234567890123, "text":"caf\\u00e9 \\ud83d\\ude00 here" ,\n "f": 1.50e+3,'
    b'\t"x":[ ] ,'
    b'"posts": [ {"text":"hello \\/ you", "a b":1} , {"text":"half \\ud83d here"}\n ] } \n'
)


def view(value: Any) -> JsonView:
    return JsonView(json.dumps(value).encode())


def found(value: Any, kind: str = "text") -> list[str]:
    return [part.text for part in view(value).parts if part.kind == kind]


def test_text_is_told_from_what_is_technical() -> None:
    post = {
        "id": "a1 b2",
        "text": "stupid",
        "author": {"name": "Anna Berg", "handle": "@anna"},
        "created_at": "Wed Oct 10 20:19:24 +0000 2018",
        "when": "2024-01-01 10:00 UTC",
        "published": "Oct 10, 2018",
        "avatar_url": "https://x.test/a b.png",
        "message": "https://x.test/a",
        "body": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk=",
        "note": "你好",
        "opaque": "x9f2",
        "payload": '{"inner": "some words here"}',
        "whatever": "some words here",
        "tags": ["two words", "id7"],
        "html": "<p>some <b>bold</b> words &amp; more</p>",
    }
    assert found(post) == [*("stupid", "Anna Berg", "你好", "some words here", "two words", "some  bold  words & more")]


@pytest.mark.parametrize(
    "key",
    [
        *("like_count", "likeCount", "likes", "num_comments", "followers", "viewCount", "retweetCount", "plays"),
        *("repliesCount", "FollowerCount", "subscriber_count", "likes_count", "favorited_count"),
    ],
)
def test_names_that_count(key: str) -> None:
    assert role_of(key) == "count"


@pytest.mark.parametrize("key", ["comment_id", "liked_at", "share_url", "reply_to", "id", "viewType", "retry_count"])
def test_names_that_do_not(key: str) -> None:
    assert role_of(key) != "count"


def test_numbers_lose_their_value_and_keep_their_type() -> None:
    body = view({"like_count": 12, "likes": {"count": 3.0}, "followers": "1.2K", "price": 9, "is_liked": True})
    assert [part.text for part in body.parts] == ["12", "3", "1.2K"]
    assert json.loads(body.edited({0: "", 1: "", 2: ""})) == {
        "like_count": 0,
        "likes": {"count": 0.0},
        "followers": "",
        "price": 9,
        "is_liked": True,
    }


def test_markup_in_a_text_is_escaped_again() -> None:
    assert json.loads(view({"html": "<p>two words</p>"}).edited({0: "a < b"})) == {"html": "a &lt; b"}


def test_everything_else_stays_to_the_byte() -> None:
    body = JsonView(ODD)
    assert body.edited({}) == ODD
    position = next(at for at, part in enumerate(body.parts) if part.text == "hello / you")
    assert body.edited({position: "[hidden]"}) == ODD.replace(b'"hello \\/ you"', b'"[hidden]"')


@pytest.mark.parametrize("guard", [")]}',\n", ")]}'\n", "for (;;);", "while(1);", " \n"])
def test_what_services_put_before_json(guard: str) -> None:
    body = JsonView((guard + '{"text": "two words"}').encode())
    assert body.edited({0: "none"}).decode() == guard + '{"text": "none"}'


@pytest.mark.parametrize("codec", ["utf-16", "utf-16-be", "utf-32", "utf-8-sig", "latin-1"])
def test_charsets(codec: str) -> None:
    text = '{"text": "schön gesagt", "n": 1}'
    encoded = ("\ufeff" + text).encode(codec) if codec == "utf-16-be" else text.encode(codec)
    body = JsonView(encoded, "application/json; charset=iso-8859-1" if codec == "latin-1" else "application/json")
    assert body.parts[0].text == "schön gesagt"
    edited = body.edited({0: "Ω"})
    read = JsonView(edited, "application/json; charset=iso-8859-1" if codec == "latin-1" else "application/json")
    assert read.read() == {"text": "Ω", "n": 1}
    assert body.edited({}) == encoded


def test_lists_are_cut_and_values_rewritten() -> None:
    body = view({"posts": [{"n": 1, "media": [{"u": 1}, {"u": 2}]}, {"n": 2, "media": []}], "next": "c"})
    assert [(one.path, one.length, one.inner) for one in body.lists] == [
        ("$.posts", 2, False),
        ("$.posts[0].media", 2, True),
    ]
    cut = body.edited({}, [KeepFirst("$.posts", 1), KeepFirst("$..media", 0), Rewrite("$.next", None)])
    assert json.loads(cut) == {"posts": [{"n": 1, "media": []}], "next": None}


def test_a_flow_can_give_back_what_was_read_of_it() -> None:
    from interventions.sdk import Flow

    body = view({"a": {"b": [1, 2]}, "c": 0})
    flow = Flow("response", "GET", "https://x.test/", read=body.read)
    with pytest.raises(TypeError):
        flow.json["a"] = 1
    assert json.loads(body.edited({}, [Rewrite("$.c", flow.json["a"])])) == {"a": {"b": [1, 2]}, "c": {"b": [1, 2]}}
    assert [path for path, _ in flow.find("$.a.b[*]")] == ["$.a.b[0]", "$.a.b[1]"]


def test_what_is_no_json_cannot_be_put_in() -> None:
    with pytest.raises(Unreadable, match="not JSON"):
        view({"a": 1}).edited({}, [Rewrite("$.a", object())])
    with pytest.raises(Unreadable, match="not JSON"):
        view({"a": 1}).edited({}, [Rewrite("$.a", float("nan"))])
    with pytest.raises(FlowPathError):
        view({"a": 1}).edited({}, [Rewrite("$.[", 1)])


def test_too_many_texts_are_counted_not_judged() -> None:
    body = view([f"text number {n}" for n in range(5000)])
    assert (len(body.parts), body.beyond) == (4000, 1000)


KEYS = st.sampled_from(["text", "id", "posts", "like_count", "a b", "it's", "", "ü", 'q"q', "\\"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-9, 9), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=8)
)
VALUES = st.recursive(
    st.one_of(SCALARS, st.just("two words")),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
STYLES = st.sampled_from([{"indent": 2}, {"separators": (",", ":")}, {"ensure_ascii": False}, {"indent": "\t"}])


def written(value: Any, style: dict[str, Any]) -> bytes:
    return json.dumps(value, **style).encode("utf-8", "surrogatepass")


def put(value: Any, location: tuple[Any, ...], new: Any) -> Any:
    if not location:
        return new
    step, *rest = location
    copy = list(value) if isinstance(value, list) else dict(value)
    copy[step] = put(value[step], tuple(rest), new)
    return copy


@given(VALUES, STYLES)
def test_no_edit_leaves_the_body_as_it_was(value: Any, style: dict[str, Any]) -> None:
    body = written(value, style)
    try:
        read = JsonView(body)
    except Unreadable:
        return
    assert read.edited({}) == body
    assert read.edited({}, [Rewrite("$.nowhere.at.all", 1), KeepFirst("$.nowhere", 0)]) == body


@settings(max_examples=150)
@given(VALUES, STYLES, st.data())
def test_an_edit_changes_only_what_it_names(value: Any, style: dict[str, Any], data: st.DataObject) -> None:
    body = JsonView(written(value, style))
    if not body.parts:
        return
    position = data.draw(st.integers(0, len(body.parts) - 1))
    ((location, old),) = located(body.path(position), value)
    new = "[hidden]" if isinstance(old, str) else type(old)(0)
    edited = body.edited({position: "[hidden]"})
    assert json.loads(edited) == put(value, location, new)
    before = written(value, style)
    assert len(edited) - len(before) == len(json.dumps(new)) - len(
        json.dumps(old, ensure_ascii=style.get("ensure_ascii", True)).encode()
    )


@given(st.lists(VALUES, max_size=6), st.integers(-1, 7), STYLES)
def test_keeping_the_first_of_a_list(items: list[Any], count: int, style: dict[str, Any]) -> None:
    body = JsonView(written({"a": 1, "posts": items}, style))
    edited = body.edited({}, [KeepFirst("$.posts", count)])
    assert json.loads(edited) == {"a": 1, "posts": items[: max(0, count)]}
    if count >= len(items):
        assert edited == written({"a": 1, "posts": items}, style)


@given(st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read = JsonView(body)
    except Unreadable:
        return
    assert read.edited({}) == body
