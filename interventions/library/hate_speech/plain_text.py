"""Undoing the plainest spelling tricks: ``1d10t``, ``b!tch``, ``i d i o t``.

A judge that knows words cannot know every disguise of one. Only what is cheap and hardly ever met in honest text is
undone here.
"""

from __future__ import annotations

import re

_LETTER_FOR = str.maketrans("013457@$!|", "oieastasil")
_SIGN = r"[013457@$!|]"
# A sign counts as a letter where a letter follows it, never at the end of a word ("no!") or as the @ of a mention.
_DISGUISED = re.compile(rf"(?<![\w@#$])(?!@)(?=[A-Za-z]*{_SIGN})[A-Za-z013457@$!|]*[A-Za-z](?![\w@])")
_AMOUNT = re.compile(r"\$?\d+[A-Za-z]{1,2}")  # 4th, 20k, $3M
# Not from an article on: "a b i t c h" is a word and an article.
_SPACED = re.compile(r"(?<![A-Za-z])(?!a )[A-Za-z](?:([ .\-_*])[A-Za-z])(?:\1[A-Za-z]){2,}(?![A-Za-z])")
_SEPARATOR = re.compile(r"[ .\-_*]")


def undisguised(text: str) -> str:
    """`text` with letters for the signs that stand for them, and spaced-out words closed up; the same text where none
    are.
    """
    closed = _SPACED.sub(lambda found: _SEPARATOR.sub("", found.group()), text)
    return _DISGUISED.sub(lambda found: _lettered(found.group()), closed)


def _lettered(word: str) -> str:
    letters = sum(character.isalpha() for character in word)
    return word if letters < 2 or _AMOUNT.fullmatch(word) else word.translate(_LETTER_FOR)
