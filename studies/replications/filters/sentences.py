"""Training sentences of our own, made from templates in five languages.

Each belongs to a part (what it tests: negation, counter-speech, ...), a language and a target group, so that any of
these can be kept out of training. The same groups, nouns and adjectives stand in abusive and in harmless sentences: the
words alone tell nothing.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from studies.replications.filters.corpora import Example

LANGUAGES = ("en", "fr", "de", "es", "ar")
HERE = Path(__file__).parent / "templates"
_SLOT = re.compile(r"\{(\w+)\}")
_SIGNS = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$"}


def made(
    each: int,
    seed: int,
    languages: Collection[str] = LANGUAGES,
    without: Collection[str] = (),
    spelling_tricks: float = 0.2,
) -> list[Example]:
    """`each` fillings of every template that has slots, without the parts in `without`; repeats removed.

    `spelling_tricks` is the share of sentences, abusive or not, that are also given misspelt.
    """
    examples: dict[str, Example] = {}
    for language in languages:
        chance = random.Random(f"{seed} {language}")  # noqa: S311 - sentences, not secrets
        source = tomllib.loads((HERE / f"{language}.toml").read_text(encoding="utf-8"))
        for example in _of_language(source, language, each, chance, without):
            examples.setdefault(example.text, example)
    plain = list(examples.values())
    chance = random.Random(seed)  # noqa: S311
    tricked = [misspelt(one, chance) for one in plain if chance.random() < spelling_tricks]
    return plain + [one for one in tricked if one.text not in examples]


def _of_language(
    source: Mapping[str, Any], language: str, each: int, chance: random.Random, without: Collection[str]
) -> Iterator[Example]:
    for label in ("abuse", "neither"):
        for part, templates in source[label].items():
            if part in without:
                continue
            for template in templates:
                for _ in range(each if "{" in template else 1):
                    text, target = _filled(template, source, chance)
                    targets = (target,) if target else ()
                    yield Example(text, label == "abuse", "sentences", part, language, targets)


def _filled(template: str, source: Mapping[str, Any], chance: random.Random) -> tuple[str, str]:
    """`template` with its slots filled, and the group that it speaks of."""
    group = chance.choice(source["groups"])
    about = any(slot in template for slot in ("{many}", "{one}", "{slur}"))

    def word(found: re.Match[str]) -> str:
        name = found.group(1)
        return str(chance.choice(group[name] if name in group else source["slots"][name]))

    text = _SLOT.sub(word, template)
    case = chance.random()
    if case < 0.4:
        text = text[:1].upper() + text[1:]
    elif case < 0.7:
        text = text.lower()
    elif case < 0.75:
        text = text.upper()
    if chance.random() < 0.3:
        text = text.rstrip(".")
    return text, group["name"] if about else ""


def misspelt(example: Example, chance: random.Random) -> Example:
    """`example` with its spelling disguised in one of the usual ways."""
    words = example.text.split()
    long = [at for at, word in enumerate(words) if len(word) > 3] or [0]
    at = chance.choice(long)
    word = words[at]
    place = chance.randrange(1, max(2, len(word) - 1))
    way = chance.choice(("signs", "swapped", "dropped", "repeated", "spaced", "joined"))
    if way == "signs":
        words = ["".join(_sign(c, chance) for c in word) for word in words]
    elif way == "swapped":
        words[at] = word[: place - 1] + word[place : place + 1] + word[place - 1 : place] + word[place + 1 :]
    elif way == "dropped":
        words[at] = word[:place] + word[place + 1 :]
    elif way == "repeated":
        words[at] = word[:place] + word[place - 1] * chance.randint(1, 4) + word[place:]
    elif way == "spaced":
        words[at] = chance.choice((" ", ".", "-")).join(word)
    else:
        words = (
            ["".join(words)] if chance.random() < 0.5 else [*words[:at], "".join(words[at : at + 2]), *words[at + 2 :]]
        )
    return Example(" ".join(words), example.abuse, example.corpus, example.part, example.language, example.targets)


def _sign(character: str, chance: random.Random) -> str:
    signs = _SIGNS.get(character.lower())
    return chance.choice(signs) if signs and chance.random() < 0.6 else character
