"""How the filters read a text: one spelling, concepts in any language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from interventions.models.ngrams.features import Spaces, features, tokens_of
from interventions.models.ngrams.lexicon import CONCEPTS, PACKAGED, Lexicon
from interventions.models.ngrams.spelling import normalised

LEXICON = Lexicon.parse(PACKAGED.read_text(encoding="utf-8"))


def concepts(text: str) -> list[str]:
    numbers, _ = LEXICON.concepts(tokens_of(normalised(text)))
    return [CONCEPTS[number] for number in numbers]


@pytest.mark.parametrize(
    "written",
    [
        "stupid",
        "STUPID",
        "st\u200bupid",
        "stuuuupid",
        "s t u p i d",
        "s.t.u.p.i.d",
        "5tup1d",
        "$tupid",
        "ѕtupіd",
        "ｓｔｕｐｉｄ",
    ],
)
def test_disguises_of_a_word_are_read_alike(written: str) -> None:
    assert normalised(written) == "stupid"


@pytest.mark.parametrize("honest", ["no! wait!!", "$0 off", "a b c", "u.s.a. today", "covid0"])
def test_honest_spelling_stays(honest: str) -> None:
    assert normalised(honest) == honest


def test_who_is_mentioned_and_linked_does_not_count() -> None:
    assert normalised("RT @somebody: look <user> https://example.org/x @USER URL") == "look"


@given(st.text())
def test_spelling_settles_for_any_text(text: str) -> None:
    once = normalised(text)
    assert once == once.lower().strip()
    once.encode()
    assert isinstance(features(once, Spaces(bits=10, lexicon=LEXICON))[0].tolist(), list)


@pytest.mark.parametrize(
    "text",
    [
        "Women are vermin.",
        "Les femmes sont des parasites.",
        "Frauen sind Abschaum.",
        "Las mujeres son parásitos.",
        "النساء حشرات.",
    ],
)
def test_five_languages_name_the_same_concepts(text: str) -> None:
    assert [name for name in concepts(text) if name != "they"] == ["group", "vermin", "stop"]


def test_the_language_is_told_by_all_words_together() -> None:
    assert "insult" not in concepts("Hablé con mi madre en la cocina"), "con is an insult in French only"
    assert "insult" in concepts("Quel con celui-là, il est trop con")


def test_joined_and_misspelt_words_are_read() -> None:
    assert concepts("Ihatewomen") == ["self", "hate", "group"]
    assert "group" in concepts("all womne")
    assert "wrong" not in concepts("characteristics of a recommendation")


def test_a_lexicon_with_an_unknown_concept_is_refused() -> None:
    with pytest.raises(ValueError, match="no concept 'sheep'"):
        Lexicon.parse('[en]\nsheep = "wool"')


def test_no_text_is_too_long_or_too_short() -> None:
    spaces = Spaces(bits=12, lexicon=LEXICON)
    assert len(features("", spaces)[0]) == 0
    columns, values = features("vermin " * 5000, spaces)
    assert columns.max() < 1 << 12
    assert len(columns) == len(values)
