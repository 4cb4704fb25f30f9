"""What words mean, from lists: which language a text is in, and the concepts that it names in their order.

``X are not vermin``, ``les X ne sont pas des parasites`` and a sentence in a third language become the same short row
(group, not, vermin), so that what is learnt in one language holds in the others, and for words no training text had.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from interventions.models.ngrams.spelling import normalised

PACKAGED = Path(__file__).with_name("lexicon.toml")
# fmt: off
CONCEPTS = (
    "group", "folk", "slur", "insult", "vermin", "bad", "good", "hate", "like", "harm", "remove", "ought", "not", "all",
    "self", "you", "they", "think", "ask", "say", "wrong", "curse", "thing", "other", "quote", "stop", "asked",
)
# fmt: on
_NUMBER = {name: number for number, name in enumerate(CONCEPTS)}
_SIGNS = {'"': "quote", "«": "quote", "»": "quote", "„": "quote", ".": "stop", "!": "stop", ";": "stop", ":": "stop",
          "?": "asked", "؟": "asked"}  # fmt: skip
_ARABIC_PREFIXES = ("وال", "بال", "كال", "فال", "لل", "ال", "و", "ب", "ل", "ك", "ف", "ه", "ي", "ت", "ن")
_LONGEST_STEM = 12
_MISSPELT = 6
"""Letters of a word from which on one may be missing: among shorter ones too many are honest words."""
_JOINED = 9
_LONGEST_JOINED = 100
_KNOWN_AT_MOST = 100_000


@dataclass(slots=True)
class _Language:
    words: dict[str, frozenset[int]]
    stems: dict[str, frozenset[int]]
    shortened: dict[str, frozenset[int]]
    """Long words that name a concept, with any one letter left out."""


@dataclass(slots=True)
class Lexicon:
    """Lists of words by language and concept, see ``lexicon.toml``."""

    languages: dict[str, _Language]
    _known: dict[str, tuple[frozenset[int] | None, ...]] = field(default_factory=dict)
    _split: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def parse(cls, text: str) -> Lexicon:
        """The lexicon written in `text`.

        Raises:
            ValueError: when it is not TOML of that form, or names a concept there is none of.
        """
        return cls({name: _language(lists) for name, lists in tomllib.loads(text).items()})

    def concepts(self, tokens: Sequence[str]) -> tuple[list[int], list[int]]:
        """The concepts in `tokens`, in order, and the position of each; a word may name several at one position.

        Each language reads all of them; the one that knows most is believed, the first of equals.
        """
        tokens = [part for token in tokens for part in self._parts(token)]
        found = [self._look_up(token) for token in tokens]
        known = [sum(row[at] is not None for row in found) for at in range(len(self.languages))]
        language = known.index(max(known)) if known else 0
        concepts: list[int] = []
        positions: list[int] = []
        position, other = 0, False
        for token, row in zip(tokens, found, strict=True):
            sign = _SIGNS.get(token)
            named = row[language] if sign is None else frozenset((_NUMBER[sign],))
            if named is None and token[0].isalpha():
                if other:
                    continue
                named, other = frozenset((_NUMBER["other"],)), True
            elif named:
                other = False
            if named:
                position += 1
                concepts.extend(sorted(named))
                positions.extend([position] * len(named))
        return concepts, positions

    def _parts(self, token: str) -> tuple[str, ...]:
        """`token`, or the words that it consists of where a long one is known as a whole in no language."""
        if not _JOINED <= len(token) <= _LONGEST_JOINED or any(row is not None for row in self._look_up(token)):
            return (token,)
        found = self._split.get(token)
        if found is None:
            if len(self._split) >= _KNOWN_AT_MOST:
                self._split.clear()
            ways = [_pieces(token, language) for language in self.languages.values()]
            best = max(ways, key=_covered)
            found = self._split[token] = (
                tuple(word for word, _ in best) if _covered(best) > 0.7 * len(token) else (token,)
            )
        return found

    def _look_up(self, token: str) -> tuple[frozenset[int] | None, ...]:
        known = self._known.get(token)
        if known is None:
            if len(self._known) >= _KNOWN_AT_MOST:
                self._known.clear()
            known = self._known[token] = tuple(_meaning(token, language) for language in self.languages.values())
        return known


def _language(lists: Mapping[str, str]) -> _Language:
    words: dict[str, set[int]] = {}
    stems: dict[str, set[int]] = {}
    for concept, listed in lists.items():
        if concept not in _NUMBER and concept != "with":
            raise ValueError(f"there is no concept {concept!r}; there are: with, {', '.join(CONCEPTS)}")
        for word in listed.split():
            kind, bare = (stems, word[:-1]) if word.endswith("*") else (words, word)
            named = kind.setdefault(normalised(bare), set())
            if concept != "with":
                named.add(_NUMBER[concept])
    shortened = {
        word[:at] + word[at + 1 :]: named
        for word, named in words.items()
        if named and len(word) >= _MISSPELT
        for at in range(1, len(word))
    }
    return _Language(*({w: frozenset(n) for w, n in listed.items()} for listed in (words, stems, shortened)))


def _meaning(token: str, language: _Language) -> frozenset[int] | None:
    """The concepts that `token` names in `language`; empty for a word that only tells the language, None if unknown.

    A longer word may lack one letter, or have two neighbours swapped.
    """
    found = _exact(token, language)
    if found is None and len(token) >= _MISSPELT - 1:
        found = language.shortened.get(token)
        for at in range(len(token) - 1 if found is None else 0):
            swapped = token[:at] + token[at + 1] + token[at] + token[at + 2 :]
            if named := language.words.get(swapped):
                return named
    if found is None and "ء" <= token[0] <= "ي":
        for prefix in _ARABIC_PREFIXES:
            if token.startswith(prefix) and len(token) > len(prefix) + 1:
                found = _exact(token[len(prefix) :], language)
                if found is not None:
                    break
    return found


def _exact(token: str, language: _Language) -> frozenset[int] | None:
    found = language.words.get(token)
    for length in range(min(len(token), _LONGEST_STEM), 1, -1):
        stem = language.stems.get(token[:length])
        if stem is not None:
            return stem if found is None else stem | found
    return found


def _pieces(token: str, language: _Language) -> list[tuple[str, bool]]:
    """`token` cut into words, each with whether `language` knows it: as few letters unknown, as few words as can be."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(token) + 1):
        ways = [(best[end - 1][0] + 1.0, end - 1)]
        for start in range(max(0, end - 16), end - 1):
            word = token[start:end]
            if word in language.words or (len(word) >= 4 and word in language.stems):
                ways.append((best[start][0] + 0.9 / len(word) + (0.5 if len(word) == 2 else 0.0), start))
        best.append(min(ways))
    pieces: list[tuple[str, bool]] = []
    end = len(token)
    while end:
        start = best[end][1]
        known = end - start > 1
        if pieces and not known and not pieces[0][1]:
            pieces[0] = (token[start:end] + pieces[0][0], False)
        else:
            pieces.insert(0, (token[start:end], known))
        end = start
    return pieces


def _covered(pieces: Sequence[tuple[str, bool]]) -> int:
    """Letters in known words."""
    return sum(len(word) for word, known in pieces if known)
