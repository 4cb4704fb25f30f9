"""Templates make prompts, or say what is wrong with them."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("jinja2")

from interventions.models.bloom import templates
from interventions.models.bloom.templates import compose, names, source
from interventions.models.errors import WrongInput

CHOICES = '{% set choices = {"a": "yes", "b": "no"} %}'
QUESTION = "{% macro question(text) %}Text: {{ text }}\nAnswer:{% endmacro %}"


@pytest.mark.parametrize("name", names())
def test_every_template_that_comes_along_makes_a_prompt(name: str) -> None:
    prompt = compose(name, source(name), {"one": "x", "two": "y"} if name.startswith("any/") else None)

    assert len(prompt.answers) == 2
    assert len(set(prompt.answers.values())) == 2
    assert not prompt.after.endswith((" ", "\n"))
    assert set(prompt.harmful) <= set(prompt.answers)
    assert prompt.content_free


def test_there_are_four_templates_for_each_task_and_language() -> None:
    for task, languages in (("reviews", ["en"]), ("abuse", ["en"]), ("hate", ["ar", "de", "es", "fr"])):
        for language in languages:
            assert len(names(task, language)) == 4


def test_a_prompt_reads_as_its_template_says() -> None:
    text = CHOICES + "{% macro instruction() %}Say: {{ answers | join(' or ') }}.{% endmacro %}" + QUESTION

    prompt = compose("mine", text)

    assert prompt.instruction == "Say: yes or no.\n\n"
    assert prompt.demonstration("sea {{ 1 }}", "b") == "Text: sea {{ 1 }}\nAnswer: no\n\n"


@pytest.mark.parametrize(
    ("question", "gap"),
    [("{{ text }}\nAnswer:", " "), ("{{ text }}\nAnswer: ", " "), ("{{ text }}\n", "\n")],
)
def test_blanks_at_the_end_of_a_question_belong_to_the_answer(question: str, gap: str) -> None:
    prompt = compose("mine", CHOICES + "{% macro question(text) %}" + question + "{% endmacro %}")

    assert prompt.gap == gap
    assert compose("mine", CHOICES + '{% set gap = "" %}' + QUESTION).gap == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (CHOICES + "{% macro question(text) %}{{ txet }}{% endmacro %}", "'txet' is undefined"),
        (CHOICES + "{{ nothing }}" + QUESTION, "'nothing' is undefined"),
        (CHOICES + "{% macro question(text) %}{{ text }", "line 1"),
        (CHOICES, "defines no macro question"),
        (CHOICES + "{% macro question() %}What?{% endmacro %}", "cannot be rendered"),
        (CHOICES + "{% macro question(text) %}What?{% endmacro %}", "once, not 0 times"),
        (CHOICES + "{% macro question(text) %}{{ text }}{{ text }}{% endmacro %}", "once, not 2 times"),
        (CHOICES + "{% macro question(text) %}{{ text | lower }}{% endmacro %}", "changes the text"),
        (CHOICES + "{% macro question(text) %}{{ text.__class__.mro() }}{% endmacro %}", "unsafe"),
        (CHOICES + "{% include '/etc/passwd' %}" + QUESTION, "template mine"),
        ("{% set choices = {'a': 'yes', 'b': ' '} %}" + QUESTION, "answer of class 'b' is empty"),
        ("{% set choices = {'a': 'yes', 'b': 'yes'} %}" + QUESTION, "same answer"),
        ("{% set choices = {'a': 'yes'} %}" + QUESTION, "at least two answers"),
        ("{% set choices = 'yes' %}" + QUESTION, "must map classes to answers"),
        (QUESTION, "has no choices"),
        ("{{ 1 / 0 }}" + CHOICES + QUESTION, "cannot be rendered"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(text: str, says: str) -> None:
    with pytest.raises(WrongInput, match=says):
        compose("mine", text)


def test_a_template_is_found_by_name_or_path(tmp_path: Path) -> None:
    (tmp_path / "own.jinja").write_text(CHOICES + QUESTION)

    assert source(str(tmp_path / "own.jinja")) == CHOICES + QUESTION
    for name in ("abuse/none.en", "../../secret", str(tmp_path / "absent.jinja")):
        with pytest.raises(WrongInput, match="template"):
            source(name)


def test_own_labels_replace_the_templates() -> None:
    prompt = compose("abuse/plain.en", source("abuse/plain.en"), {"abuse": "rude", "spam": "spam", "neither": "fine"})

    assert list(prompt.answers) == ["abuse", "spam", "neither"]
    assert prompt.harmful == ("abuse",)
    assert templates.choices_of("abuse/plain.en", source("abuse/plain.en")) == {
        "abuse": "abusive",
        "neither": "acceptable",
    }
