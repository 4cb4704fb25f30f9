"""Pages: only what people read is found and changed, and everything else stays to the byte."""

from __future__ import annotations

import sys
from base64 import b64decode, b64encode
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures

from backend.network.views.html_tokens import tokens
from backend.network.views.html_view import HtmlView
from backend.network.views.view import Unreadable
from interventions.sdk import KeepFirst

PAGE = """<!doctype html><html><head><title>My page</title>
<script>var x = "<p>rude words</p>"; if (1 < 2) {}</script><style>p::after { content: "rude words" }</style></head>
<body><!-- rude <p>words</p> --><div class="post"><p>You are <b>so</b> odd &amp; <i>dull</i>.</p>
<span class="like-count"> 12 </span><img alt="a sad cat" src="/a.png" title=hello data-x="alt='no'"></div>
<textarea>typed in here</textarea><script type="application/json">{"text": "rude words"}</script>
<ul><li>one two<li>three<br>four</ul> 5 < 6 it is</body></html>"""


def texts(page: str) -> list[str]:
    return [part.text for part in HtmlView(page.encode()).parts]


def test_it_finds_what_people_read() -> None:
    assert texts(PAGE) == [
        *("My page", "You are so odd & dull.", "12", "a sad cat", "hello", "one two", "three four", "5 < 6 it is")
    ]


def test_a_number_is_a_count_where_its_class_says_so() -> None:
    page = """<p class="like-count">12</p><p class="price">12</p><div class="foot"> <a class="views">12</a></div>
        <div id="followers"><span>1.2K</span></div>12"""
    view = HtmlView(page.encode())
    assert [(part.kind, part.name) for part in view.parts] == [
        ("count", "like-count"),
        ("count", "views"),
        ("count", "followers"),
    ]


def test_hiding_a_text_hides_all_of_it_and_nothing_else() -> None:
    view = HtmlView(PAGE.encode())
    hidden = view.edited({1: "a < b"}).decode()
    assert hidden == PAGE.replace("You are <b>so</b> odd &amp; <i>dull</i>.", "a &lt; b<b></b><i></i>").replace(
        "<b></b><i></i>", " <b></b>  <i></i>"
    )


def test_attributes_are_written_as_attributes() -> None:
    view = HtmlView(PAGE.encode())
    hidden = view.edited({3: 'say "no"', 4: "two words"}).decode()
    assert 'alt="say &quot;no&quot;"' in hidden
    assert 'title="two words" data-x' in hidden


def test_autoplay_and_prefetch_can_be_cut() -> None:
    page = b'<link rel="prefetch" href=/n><link rel=stylesheet href=/s><video controls autoplay src=/v></video>'
    view = HtmlView(page)
    assert view.lists[0].length == 2
    cut = view.edited({}, [KeepFirst("$.hints", 0)])
    assert cut == b"<link  href=/n><link rel=stylesheet href=/s><video controls  src=/v></video>"


def test_a_picture_in_the_page_is_judged_and_replaced() -> None:
    out = BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (40, 60, 3), dtype=np.uint8)
    Pictures.fromarray(noise).save(out, "PNG")
    page = b'<img src="data:image/png;base64,' + b64encode(out.getvalue()) + b'"><p>two words</p>'
    view = HtmlView(page)
    (picture, _) = view.parts
    assert picture.pixels is not None
    assert picture.pixels.shape == (40, 60, 3)
    data = view.edited({0: ""}).partition(b"base64,")[2].partition(b'"')[0]
    with Pictures.open(BytesIO(b64decode(data))) as shown:
        assert shown.size == (60, 40)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>schön gesagt</p>".encode("latin-1"), "text/html; charset=iso-8859-1"),
        ('<meta charset="windows-1252"><p>schön gesagt</p>'.encode("cp1252"), "text/html"),
        ("<p>schön gesagt</p>".encode("utf-8-sig"), "text/html"),
        ("\ufeff<p>schön gesagt</p>".encode("utf-16-be"), "text/html; charset=utf-8"),
    ],
)
def test_charsets(body: bytes, content_type: str) -> None:
    view = HtmlView(body, content_type)
    assert view.parts[0].text == "schön gesagt"
    edited = view.edited({0: "ein Ω"})
    assert HtmlView(edited, content_type).parts[0].text == "ein Ω"


def test_a_page_in_another_charset_than_it_says_is_left() -> None:
    with pytest.raises(Unreadable, match="wrong charset"):
        HtmlView("<p>schön gesagt</p>".encode("latin-1"), "text/html; charset=utf-8")


@pytest.mark.parametrize(
    "page",
    [
        *("<p>one two", "one two<", "one two<a href='", "one two<!-- <p>three", "<svg><title/></svg>one two"),
        *("<p/>one two", "</p></div>one two", '<a title=foo"bar>one two</a>', "<!-->one two", "<p a=b/c>one two"),
        *("<textarea></textarea>one two", "<script>x</script >one two", "<p =x>one two", "<p a='>'>one two"),
    ],
)
def test_broken_markup_is_read_as_browsers_do(page: str) -> None:
    assert "one two" in " ".join(texts(page))


@given(st.text(alphabet="<>/!-=\"' abpscrit&;é\n", max_size=200))
def test_any_page_comes_back_as_it_was(page: str) -> None:
    view = HtmlView(page.encode())
    assert view.edited({}) == page.encode()


@given(st.text(alphabet="<>/!-=\"' abp&;\n", max_size=120))
def test_tokens_stand_in_order_and_inside_the_page(page: str) -> None:
    at = 0
    for token in tokens(page):
        assert at <= token.start < token.end <= len(page) or token.start == token.end
        at = token.end


WORDS = st.lists(st.sampled_from(["good", "day", "sun", "äpfel"]), min_size=2, max_size=4).map(" ".join)


@given(st.lists(WORDS, min_size=1, max_size=6), st.data())
def test_an_edit_changes_only_what_it_names(said: list[str], data: st.DataObject) -> None:
    page = "".join(f"<div class=c{n}><p>{words}</p></div>" for n, words in enumerate(said))
    chosen = data.draw(st.sets(st.integers(0, len(said) - 1)))
    view = HtmlView(page.encode())
    expected = "".join(
        f"<div class=c{n}><p>{'[no &amp; no]' if n in chosen else words}</p></div>" for n, words in enumerate(said)
    )
    assert view.edited(dict.fromkeys(chosen, "[no & no]")).decode() == expected


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<a ",
        "<!--",
        "<a b='",
        "<script>",
        "<li>x y",
        "</p>",
        "<svg><title>",
        "</q><q>",
        "<div>",
        "&",
        " <b>",
        "<svg>",
    ],
)
def test_the_time_a_page_takes_grows_with_its_size_alone(piece: str) -> None:
    """Steps are counted, for clocks depend on the machine."""
    few, many = (_steps((piece * times).encode()) for times in (1000, 4000))
    assert many < 4.5 * few + 2000


def _steps(page: bytes) -> int:
    steps = 0

    def count(*_: object) -> object:
        nonlocal steps
        steps += 1
        return count

    before = sys.gettrace()
    sys.settrace(count)  # type: ignore[arg-type]
    try:
        HtmlView(page)
    finally:
        sys.settrace(before)
    return steps
