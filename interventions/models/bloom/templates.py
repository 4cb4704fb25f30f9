"""Prompts: Jinja files ``templates/TASK/NAME.LANGUAGE.jinja``, several for each task, with the answers in the file.

A file defines ``question(text)``, a macro that ends where the answer begins, and may define

- ``instruction()``, a macro: what stands once, ahead of everything;
- ``choices``, a mapping from class to answer; without it, classes and answers come from the classifier;
- ``harmful``, the classes that count as harm;
- ``content_free``, what stands for an item that says nothing (for PMI scoring);
- ``gap``, what stands between question and answer: the white space that the question ends with, or one blank.

The macros may use ``answers``, the list of answers. Templates run sandboxed, and a name that is not defined is an
error. A text is put into the finished prompt, never rendered, so no text can reach into the template.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, UndefinedError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from interventions.models.errors import WrongInput

FOLDER = Path(__file__).with_name("templates")
SUFFIX = ".jinja"
BETWEEN = "\n\n"
"""What stands between instruction, demonstrations and question."""
_PLACE = "\ue000"
"""Marks the item's place: a private character that no template has reason to use."""
_PROBE = "Mixed  CASE <b>ä</b> text."


@dataclass(frozen=True, slots=True)
class Prompt:
    """A template with its answers filled in.

    An item is asked about as ``instruction + demonstrations + before + item + after + gap + answer``. White space at
    the question's end is taken off it and becomes the `gap`: tokenizers join a blank to the word behind, so it is the
    answer's.
    """

    name: str
    answers: Mapping[str, str]
    harmful: tuple[str, ...]
    content_free: str
    instruction: str
    before: str
    after: str
    gap: str

    def demonstration(self, text: str, label: str) -> str:
        """An item of class `label` with its answer, as it stands ahead of the question."""
        return f"{self.before}{text}{self.after}{self.gap}{self.answers[label]}{BETWEEN}"


def names(task: str = "", language: str = "") -> list[str]:
    """The templates that come along, ``TASK/NAME.LANGUAGE``, of one task and language only where they are given."""
    found = sorted(FOLDER.glob(f"{task or '*'}/*.{language or '*'}{SUFFIX}"))
    return [f"{path.parent.name}/{path.name.removesuffix(SUFFIX)}" for path in found]


def source(name: str) -> str:
    """The text of the template `name`, one of `names` or the path of a ``.jinja`` file.

    Raises:
        WrongInput: there is none.
    """
    path = Path(name).expanduser() if name.endswith(SUFFIX) else FOLDER / f"{name}{SUFFIX}"
    if not name.endswith(SUFFIX) and name not in names():
        raise WrongInput(
            f"there is no template {name!r}", f"use one of: {', '.join(names())}; or the path of a {SUFFIX} file"
        )
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongInput(f"cannot read the template {path}: {error}") from error


def compose(name: str, text: str, labels: Mapping[str, str] | None = None) -> Prompt:
    """The prompt that the template `text` makes; `labels` (class to answer) replace the template's own choices.

    Raises:
        WrongInput: the template is wrong, or there are fewer than two answers, or two classes share one.
    """
    choices = dict(labels) if labels else _choices(name, text)
    _check(name, choices)
    asked = _Rendered(name, text, list(choices.values()))
    before, after = asked.question(_PLACE).split(_PLACE)
    if asked.question(_PROBE) != before + _PROBE + after:
        raise WrongInput(f"template {name} changes the text it is given", "write {{ text }} with no filter")
    bare = after.rstrip()
    gap = str(asked.value("gap", after[len(bare) :] or " "))
    instruction = asked.instruction().strip()
    return Prompt(
        name,
        choices,
        tuple(str(label) for label in asked.value("harmful", ()) if label in choices),
        str(asked.value("content_free", "N/A")),
        instruction + BETWEEN if instruction else "",
        before,
        bare,
        gap,
    )


def choices_of(name: str, text: str) -> dict[str, str]:
    """The template's own classes and answers; empty when it has none.

    Raises:
        WrongInput: the template is wrong.
    """
    found = _Rendered(name, text, []).value("choices", {})
    if not isinstance(found, Mapping):
        raise WrongInput(f"template {name}: choices must map classes to answers")
    return {str(label): str(answer) for label, answer in found.items()}


def _choices(name: str, text: str) -> dict[str, str]:
    found = choices_of(name, text)
    if not found:
        raise WrongInput(f"template {name} has no choices", "give the classifier labels, or fit it")
    return found


def _check(name: str, choices: Mapping[str, str]) -> None:
    if len(choices) < 2:
        raise WrongInput(f"template {name} needs at least two answers, not {len(choices)}")
    if empty := [label for label, answer in choices.items() if not answer.strip()]:
        raise WrongInput(f"template {name}: the answer of class {empty[0]!r} is empty")
    if len(set(choices.values())) < len(choices):
        raise WrongInput(f"template {name} has two classes with the same answer: {', '.join(choices.values())}")


class _Rendered:
    """A template that has run once; its macros can be called."""

    def __init__(self, name: str, text: str, answers: Sequence[str]) -> None:
        self._name = name
        # No escaping: what is made is a prompt, not a page.
        surroundings = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
        self._module = self._try(lambda: surroundings.from_string(text).make_module({"answers": list(answers)}))

    def question(self, item: str) -> str:
        asked = self._try(lambda: self._macro("question")(item))
        if item == _PLACE and asked.count(_PLACE) != 1:
            raise WrongInput(
                f"template {self._name} must put the text into its question once, not {asked.count(_PLACE)} times"
            )
        return str(asked)

    def instruction(self) -> str:
        return str(self._try(self._macro("instruction"))) if hasattr(self._module, "instruction") else ""

    def value(self, name: str, default: Any) -> Any:
        return getattr(self._module, name, default)

    def _macro(self, name: str) -> Any:
        macro = getattr(self._module, name, None)
        if not callable(macro):
            raise WrongInput(f"template {self._name} defines no macro {name}(...)", "see the templates that come along")
        return macro

    def _try(self, render: Any) -> Any:
        try:
            return render()
        except UndefinedError as error:
            raise WrongInput(
                f"template {self._name}: {error.message}", "templates know only: text (in question) and answers"
            ) from error
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            where = f", line {line}" if line else ""
            raise WrongInput(f"template {self._name}{where}: {error.message}") from error
        except (TypeError, ValueError, ArithmeticError, LookupError, OverflowError) as error:
            raise WrongInput(f"template {self._name} cannot be rendered: {error}") from error
