from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.library.hate_speech.intervention import HateSpeech
from interventions.library.hate_speech.passages import continued, joined, passages, words
from interventions.library.hate_speech.plain_text import undisguised
from interventions.sdk import Box, Cover, Line, Widget

Show = Callable[..., list[Any]]
ABUSE = "you are a stupid bitch"

LABELS = (
    "Like|Share|Comment|Reply|Follow|Send|Home|Search|Settings|White|Girls|Man|See more|Add to story|Your story|Log in|"
    "Sign up|Black Friday|View all 12 comments|3.4K likes|1,284 likes|2 hours ago|26 Jan|Turn on notifications|"
    "Suggested for you|People you may know|Who to follow|Watch again|Dark mode|Not interested|Hide post|Visit profile|"
    "Type a message|Video call|Wi-Fi|Women's clothing|Shop now|Learn more|$99.85|Pull to refresh|Try again|Stories|"
    "jack liked|Retweeted|Replying to @TonyZador|Kill process|Emily White|White House|Moby Dick|"
    "Recycle bin|12:45|100%|+1 (555) 010-9999|Free shipping"
)


def ocr(*texts: str, paragraph: int = 0, top: int = 100) -> list[Line]:
    return [
        Line(text, Box(50, top + 60 * n, 900, top + 60 * n + 40), "ocr", 0.9, paragraph) for n, text in enumerate(texts)
    ]


def tree(*texts: str) -> list[Line]:
    return [Line(text, Box(0, 100 * n, 1080, 100 * n + 80)) for n, text in enumerate(texts)]


def covered(lines: list[Line], actions: list[Any]) -> list[str]:
    return [line.text for line in lines if any(line.box.overlap(action.box) > 0.5 for action in actions)]


def test_an_abusive_line_is_covered_and_its_neighbours_are_not(show: Show) -> None:
    lines = tree("what a lovely day", ABUSE, "see you all tomorrow")
    (cover,) = show(HateSpeech(), lines=lines)
    assert isinstance(cover, Cover)
    assert cover.box == lines[1].box
    assert "bitch" not in cover.why


@pytest.mark.parametrize("text", [label for part in LABELS.split("|") for label in [part, *part.split()]])
def test_labels_of_an_interface_are_left_alone(show: Show, text: str) -> None:
    assert show(HateSpeech(), lines=tree(text)) == []


def test_the_continuation_of_an_abusive_row_is_covered_too(show: Show) -> None:
    lines = [
        *ocr("Good morning everyone"),
        *ocr("I hope you fucking", "retards all go home", "and never return", paragraph=1, top=300),
        *ocr("The weather is fine", paragraph=2, top=600),
    ]
    assert covered(lines, show(HateSpeech(), lines=lines)) == [line.text for line in lines[1:4]]


def test_abuse_that_only_shows_in_the_whole_text_is_found(show: Show) -> None:
    judge_blind = [Line(t, Box(0, y, 500, y + 40), "ocr", 1, 0) for y, t in [(0, "what a stupid"), (60, "bitch")]]
    assert len(show(HateSpeech(), lines=judge_blind)) == 2


def test_without_whole_paragraph_only_the_sentence_goes(show: Show) -> None:
    lines = ocr("We met at noon.", "You fucking idiots", "ruined it all.", "Then we went home.")
    actions = show(HateSpeech(whole_paragraph=False), lines=lines)
    assert covered(lines, actions) == ["You fucking idiots", "ruined it all."]


def test_one_abusive_sentence_in_a_long_post_is_found(show: Show) -> None:
    calm = "We walked along the river and looked at the boats that came in from the sea with the evening light."
    post = f"{calm} {calm} {calm} You are a stupid bitch. {calm} {calm}"
    assert len(show(HateSpeech(), lines=tree(post))) == 1
    assert show(HateSpeech(), lines=tree(f"{calm} {calm} {calm}")) == []


def test_what_the_participant_types_is_left_alone(show: Show) -> None:
    box = Box(0, 0, 1080, 80)
    field = Widget("w", 0, None, 0, "android.widget.EditText", "org.example.app", box, text=ABUSE)
    assert show(HateSpeech(), lines=[Line(ABUSE, box, widget=0)], widgets=[field]) == []


def test_a_pictures_description_is_not_on_the_screen(show: Show) -> None:
    box = Box(0, 0, 1080, 80)
    picture = Widget("w", 0, None, 0, "android.widget.ImageView", "org.example.app", box, description=ABUSE)
    assert show(HateSpeech(), lines=[Line(ABUSE, box, widget=0)], widgets=[picture]) == []
    drawn = Widget("w", 0, None, 0, "android.view.View", "org.example.app", box, description=ABUSE)
    assert len(show(HateSpeech(), lines=[Line(ABUSE, box, widget=0)], widgets=[drawn])) == 1


@pytest.mark.parametrize("text", ["you are a b!tch", "you are a b i t c h", "they are b.i.t.c.h.e.s"])
def test_the_plainest_disguises_are_seen_through(show: Show, text: str) -> None:
    assert len(show(HateSpeech(), lines=tree(text))) == 1
    assert len(show(HateSpeech(judge="hatesonar", threshold=0.7), lines=tree(text))) == 1
    assert show(HateSpeech(judge="hatesonar", threshold=0.7, disguises=False), lines=tree(text)) == []


@pytest.mark.parametrize("text", ["Fuck you", "STUPID BITCH", "you stupid bitch", "Stupid fucking bitch"])
def test_short_abuse_is_no_name(show: Show, text: str) -> None:
    assert len(show(HateSpeech(), lines=tree(text))) == 1


def test_the_style_text_writes_the_notice(show: Show) -> None:
    (cover,) = show(HateSpeech(style="text", notice="abuse hidden"), lines=tree(ABUSE))
    assert (cover.style, cover.text) == ("text", "abuse hidden")


def test_the_threshold_is_heard(show: Show) -> None:
    assert show(HateSpeech(threshold=1.0), lines=tree(ABUSE)) == []


@pytest.mark.parametrize(
    "honest",
    ["no!", "4th of July", "20k likes", "B2B", "mp3", "$5 off", "@user1 hello", "#m4ga", "U.S.A. today", "1,284",
     "3.4K", "covid19", "a b c", "10:45 a.m.", "wait!! what", "5G phone"],
)  # fmt: skip
def test_honest_spelling_is_not_touched(honest: str) -> None:
    assert undisguised(honest) == honest


@given(st.text())
def test_undisguising_settles(text: str) -> None:
    once = undisguised(text)
    assert len(once) <= len(text)
    assert words(once) >= 0


@given(st.lists(st.text(alphabet="ab.! ", min_size=1, max_size=8), min_size=1, max_size=8), st.data())
def test_a_continuation_holds_the_row_itself_and_is_unbroken(texts: list[str], data: st.DataObject) -> None:
    rows = ocr(*texts)
    row = data.draw(st.integers(0, len(rows) - 1))
    held = sorted(continued(rows, [row]))
    assert row in held
    assert held == list(range(held[0], held[-1] + 1))


@given(st.lists(st.tuples(st.integers(-1, 3), st.sampled_from(["tree", "ocr"])), max_size=12))
def test_every_line_is_in_one_passage(kinds: list[tuple[int, Any]]) -> None:
    lines = [Line(str(n), Box(0, n, 1, n + 1), source, 1, p) for n, (p, source) in enumerate(kinds)]
    assert sorted(line.text for rows in passages(lines) for line in rows) == sorted(line.text for line in lines)


def test_a_word_split_over_two_rows_is_mended() -> None:
    assert joined(ocr("an unfor-", "tunate Anglo-", "Saxon")) == "an unfortunate Anglo- Saxon"
