from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from font_roboto import Roboto
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from interventions.library.demetrication.counts import counts, is_bare_number, without
from interventions.library.demetrication.intervention import Demetrication
from interventions.library.demetrication.typography import part
from interventions.library.demetrication.vocabulary import NOUNS
from interventions.sdk import Box, Cover, Line, Replace, Widget

Show = Callable[..., list[Any]]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("1,284 likes", "likes"),
        ("3.4K views", "views"),
        ("1.2M views · 3 days ago", "views · 3 days ago"),
        ("1.2M views 3 days ago", "views 3 days ago"),
        ("View all 12 comments", "View all comments"),
        ("Comments (12)", "Comments"),
        ("Likes: 1,284", "Likes"),
        ("56 comments • 12 shares", "comments • shares"),
        ("321 Following", "Following"),
        ("2h   1,284 likes   Reply", "2h   likes   Reply"),
        ("2h 1,284 likes Reply", "2h likes Reply"),
        ("1K+ likes", "likes"),
        ("Liked by anna and 1,283 others", "Liked by anna and others"),
        ("12 people like this", "people like this"),
        ("12 mil Me gusta", "Me gusta"),
        ("Ver los 12 comentarios", "Ver los comentarios"),
        ("3,4 mil seguidores", "seguidores"),
        ("Les gusta a anna y 41 personas más", "Les gusta a anna y personas más"),
        ("1,2 M de vues", "vues"),
        ("3 millions d’abonnés", "abonnés"),
        ("1 284 J’aime", "J’aime"),
        ("12 personnes aiment ça", "personnes aiment ça"),
        ("1.234 Follower", "Follower"),
        ("1 Mio. Aufrufe", "Aufrufe"),
        ("Alle 12 Kommentare ansehen", "Alle Kommentare ansehen"),
        ("Gefällt 1.234 Mal", "Gefällt Mal"),
        ("41 curtidas", "curtidas"),
        ("12 mil visualizações", "visualizações"),
        ("anna e outras 12 pessoas curtiram", "anna e outras pessoas curtiram"),
        ("1.284 Mi piace", "Mi piace"),
    ],
)
def test_counts_lose_their_number(show: Show, text: str, left: str) -> None:
    (replace,) = show(Demetrication(), lines=[Line(text, Box(0, 0, 1080, 60))])
    assert isinstance(replace, Replace)
    assert replace.text == left


@pytest.mark.parametrize(
    "text",
    [
        "$12", "$100 shares", "€ 1.284", "12:30", "at 12:30 views", "26 Jan", "12 March 2024", "2 hours ago",
        "3.99", "1284", "100 shares of Apple stock", "I have 3 comments on your draft today", "Call 555 0199",
        "Version 3.4", "10% off", "iPhone 12", "24/7", "#1 likes", "5 stars", "Episode 5", "12 items", "Like",
        "Following", "Top 10", "1-2 replies", "2 likes to 1 dislike ratio", "4 people in the room", "Room 12",
        "https://a.b/12/likes", "v2.0 comments", "",
    ],
)  # fmt: skip
def test_prices_times_dates_and_prose_stay(show: Show, text: str) -> None:
    assert show(Demetrication(), lines=[Line(text, Box(0, 0, 1080, 60))]) == []


def test_in_a_row_read_by_ocr_only_the_number_is_covered(show: Show) -> None:
    line = Line("1,284 likes", Box(100, 500, 320, 540), "ocr", 0.9, 0)
    (cover,) = show(Demetrication(), lines=[line])
    assert isinstance(cover, Cover)
    assert cover.box.left <= 100
    assert 190 <= cover.box.right <= 235


def test_only_the_kinds_that_were_chosen_are_hidden(show: Show) -> None:
    lines = [Line("5 likes · 3 comments", Box(0, 0, 500, 60))]
    (replace,) = show(Demetrication(kinds=["comments"]), lines=lines)
    assert replace.text == "5 likes · comments"
    assert show(Demetrication(kinds=[]), lines=lines) == []


def number(text: str, box: Box, widget: int | None = None) -> Line:
    return Line(text, box, "tree" if widget is not None else "ocr", widget=widget)


def widget(index: int, box: Box, class_name: str = "ImageView", **fields: Any) -> Widget:
    return Widget(str(index), index, None, 0, f"android.widget.{class_name}", "org.example.app", box, **fields)


@pytest.mark.parametrize(
    "icon",
    [
        {"view_id": "org.example.app:id/btnLike"},
        {"view_id": "org.example.app:id/inline_retweet"},
        {"description": "Share"},
        {"description": "Me gusta"},
        {"description": "J’aime"},
        {"description": "Kommentieren"},
    ],
)
@pytest.mark.parametrize("place", [Box(40, 500, 90, 550), Box(110, 430, 160, 480), Box(100, 480, 260, 560)])
def test_a_bare_number_beside_an_icon_is_covered(show: Show, icon: dict[str, str], place: Box) -> None:
    box = Box(110, 505, 190, 545)
    widgets = [widget(0, place, **icon), widget(1, box, "TextView", text="364")]
    (cover,) = show(Demetrication(), lines=[number("364", box, 1)], widgets=widgets)
    assert cover.box == box


def test_a_bare_number_far_from_any_icon_stays(show: Show) -> None:
    box = Box(110, 505, 190, 545)
    widgets = [
        widget(0, Box(700, 500, 750, 550), description="Like"),
        widget(1, Box(0, 0, 1080, 2000), "FrameLayout", view_id="org.example.app:id/share_screen"),
        widget(2, box, "TextView", text="364"),
        widget(3, Box(40, 500, 90, 550), view_id="org.example.app:id/image_view", description="Alarm"),
    ]
    assert show(Demetrication(), lines=[number("364", box, 2)], widgets=widgets) == []


def test_a_bare_number_is_known_by_its_own_id_and_by_the_label_below_it(show: Show) -> None:
    posts, followers = Box(100, 300, 200, 350), Box(400, 300, 500, 350)
    lines = [
        number("1,284", followers, 1),
        Line("Followers", Box(380, 360, 540, 400)),
        number("17", posts, 0),
        Line("Posts", Box(100, 360, 200, 400)),
    ]
    widgets = [widget(0, posts, "TextView", text="17"), widget(1, followers, "TextView", text="1,284")]
    assert [c.box for c in show(Demetrication(), lines=lines, widgets=widgets)] == [followers]
    own = [widget(0, posts, "TextView", text="17", view_id="a:id/comment_count"), widgets[1]]
    assert [c.box for c in show(Demetrication(), lines=lines, widgets=own)] == [followers, posts]


def row(*texts: str, top: int = 1140) -> list[Line]:
    """Numbers as OCR finds them under a post."""
    lefts = range(280, 2000, 220)
    return [number(text, Box(x, top, x + 22 * len(text), top + 40)) for x, text in zip(lefts, texts, strict=False)]


def test_without_a_tree_a_row_of_bare_numbers_is_covered_but_no_table_or_keypad(show: Show) -> None:
    post = row("14", "28", "180")
    assert [c.box for c in show(Demetrication(), lines=post)] == [line.box for line in post]
    chart = [number(n, Box(500, y, 600, y + 30)) for n, y in [("25,300", 0), ("20,400", 60), ("15,800", 120)]]
    for other in (row("1", "2", "3"), row("6", "7", "8", "9", "10"), [*row("14", "28", "180"), *row("each")], chart):
        assert show(Demetrication(), lines=other) == []
    assert show(Demetrication(unlabelled_rows=False), lines=post) == []


def test_a_pair_of_numbers_counts_where_it_stands_in_the_columns_of_a_row(show: Show) -> None:
    assert len(show(Demetrication(), lines=[*row("14", "28", "180"), *row("3", "5", top=1800)])) == 5
    assert show(Demetrication(), lines=row("3", "5", top=1800)) == []


def test_what_ocr_makes_of_icons_is_left_alone(show: Show) -> None:
    icons = [number("8", Box(860, 1134, 912, 1186)), number("Q", Box(230, 1134, 270, 1186))]
    wide = number("28", Box(424, 1139, 542, 1182))  # the icon before it is in the box
    covers = show(Demetrication(), lines=[*icons, number("14", Box(284, 1145, 327, 1177)), wide,
                                          number("180", Box(716, 1145, 777, 1178))])  # fmt: skip
    assert len(covers) == 3
    assert all(cover.box.right != 912 for cover in covers)
    (narrow,) = [cover.box for cover in covers if cover.box.right == 542]
    assert 485 <= narrow.left <= 500


@pytest.mark.parametrize("text", ["View all 166 comments", "1,284 likes", "Seguidores: 12"])
def test_the_words_are_written_anew_where_they_stood_and_as_large(show: Show, text: str) -> None:
    pixels, size = np.full((400, 1080, 3), 255, np.uint8), 36
    picture = Image.fromarray(pixels)
    draw, font = ImageDraw.Draw(picture), ImageFont.truetype(Roboto, size)
    draw.text((42, 160), text, fill=(90, 90, 90), font=font, anchor="ls")
    line = Line(text, Box(0, 60, 1080, 260))  # a widget with much room around its text
    (replace,) = show(Demetrication(), lines=[line], pixels=np.asarray(picture), size=(1080, 400))
    left, top, right, bottom = draw.textbbox((42, 160), text, font=font, anchor="ls")
    assert replace.box.contains(Box(int(left) + 1, int(top) + 1, int(right) - 1, int(bottom) - 1))
    assert replace.box.height * 0.75 == pytest.approx(size, rel=0.12)
    assert replace.box.left == pytest.approx(42, abs=5)


def test_what_only_a_screen_reader_is_told_is_not_written_on_the_screen(show: Show) -> None:
    box = Box(100, 500, 200, 560)
    for class_name, expected in [("ImageButton", []), ("View", [box])]:
        told = [widget(0, box, class_name, description="1,284 likes. Like")]
        actions = show(Demetrication(), lines=[Line("1,284 likes. Like", box, widget=0)], widgets=told)
        assert [action.box for action in actions if isinstance(action, Cover)] == expected
        assert not [action for action in actions if isinstance(action, Replace)]
    bare = [widget(0, box, "ImageView", description="12", view_id="a:id/like_count")]
    assert show(Demetrication(), lines=[Line("12", box, widget=0)], widgets=bare) == []


def test_over_a_photograph_the_widgets_own_box_is_kept(show: Show) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (400, 1080, 3), dtype=np.uint8)
    line = Line("1,284 likes", Box(100, 60, 400, 120))
    (replace,) = show(Demetrication(), lines=[line], pixels=noise, size=(1080, 400))
    assert replace.box == line.box


def test_the_nearest_icon_says_what_is_counted(show: Show) -> None:
    """Icons below each other with their counts between them, as in an app of short videos."""
    icons = [
        widget(0, Box(917, 1486, 1043, 1612), description="Like"),
        widget(1, Box(917, 1678, 1043, 1804), description="Comments"),
    ]
    (cover,) = show(Demetrication(), lines=[number("74.1K", Box(928, 1609, 1035, 1654))], widgets=icons)
    assert cover.label == "likes"


@given(st.text())
def test_any_text_is_read_without_failing(text: str) -> None:
    found = counts(text)
    for count in found:
        assert any(character.isdecimal() for character in text[count.start : count.end])
    assert len(without(text, found)) <= len(text)


NUMBERS = st.one_of(
    st.integers(0, 10**9).map(str),
    st.integers(1000, 10**9).map(lambda n: f"{n:,}"),
    st.integers(1000, 10**9).map(lambda n: f"{n:,}".replace(",", ".")),
    st.tuples(st.integers(1, 999), st.integers(0, 9), st.sampled_from(["K", "M", "B", " mil", " Mio", "k"])).map(
        lambda t: f"{t[0]}.{t[1]}{t[2]}"
    ),
)
WORDS = ["likes", "Followers", "comments", "Me gusta", "seguidores", "vues", "J'aime", "Aufrufe", "curtidas", "shares"]


@given(NUMBERS, st.sampled_from(WORDS))
def test_however_a_number_is_written_it_goes_whole(written: str, word: str) -> None:
    assert is_bare_number(written)
    text = f"{written} {word}"
    (count,) = counts(text)
    assert text[count.start : count.end] == written
    assert without(text, [count]) == word


@given(NUMBERS, st.sampled_from(["$", "€", "£", "#", "@", ":", "/"]), st.sampled_from(WORDS))
def test_a_sign_of_something_else_before_the_number_saves_it(written: str, sign: str, word: str) -> None:
    assert counts(f"{sign}{written} {word}") == []


@given(st.text(min_size=1, max_size=40), st.data())
def test_a_part_of_a_line_stays_near_the_line(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    box = Box(100, 50, 700, 90)
    piece = part(box, text, start, end)
    assert box.grown(2).contains(piece)
    assert piece
    assert part(box, text, 0, len(text)).contains(box)


def test_every_kind_has_words_in_all_languages() -> None:
    assert set(NOUNS) == {"likes", "followers", "shares", "views", "comments"}
