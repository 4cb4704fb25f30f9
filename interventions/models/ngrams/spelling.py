"""One spelling for texts that say the same: ``sтuріd`` with Cyrillic letters, ``s t u p i d``, ``stuuupid``.

What is dropped altogether (mentions, addresses, the mark of a retweet) tells where a text comes from, not what it
says: a model that sees it learns the corpus.
"""

from __future__ import annotations

import html
import re
import unicodedata

_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\bURL\b|<url>|\bpic\.twitter\.com/\S+")
_MENTION = re.compile(r"<user>|@user\w*|(?<!\w)@\w+", re.IGNORECASE)
_RETWEET = re.compile(r"(?<!\w)(?:RT|MT)(?=\s|:)\s*:?")
_PLACEHOLDER = re.compile(
    r"<(?:number|censored|percent|money|time|date|phone|email|happy|sad|wink|laugh|kiss|tong|surprise)>"
)
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_DIGITS = re.compile(r"\d+(?:[.,:]\d+)*")

_LETTER_FOR = str.maketrans("013457@$!|", "oieastasil")
_SIGNS = "013457@$!|"
# A sign counts as a letter where a letter follows it, never at the end of a word ("no!") or as the @ of a mention.
_DISGUISED = re.compile(
    rf"(?<![\w@#$])(?!@)(?=[^\W\d_]*[{_SIGNS}])[^\W\d_{_SIGNS}0-9]*[{_SIGNS}][\w{_SIGNS}]*[^\W\d_](?![\w@])"
)
_AMOUNT = re.compile(r"\$?\d+[^\W\d_]{1,2}")  # 4th, 20k, $3M
# Not from an article on: "a b i t c h" is a word and an article.
_SPACED = re.compile(r"(?<!\w)(?!a )[^\W\d_](?:([ .\-_*])[^\W\d_])(?:\1[^\W\d_]){2,}(?!\w)")
_SEPARATOR = re.compile(r"[ .\-_*]")

# Cyrillic and Greek letters that look like Latin ones; read so only in words that hold Latin letters as well.
_LOOKALIKE = str.maketrans(
    "аеорсухкмтнвігԁѕјһԛԝєαεορτυνικχκβ",
    "aeopcyxkmthbirdsjhqweaeoptuvikxkb",
)
_WORD = re.compile(r"[^\W\d_]+")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ى": "ي", "ة": "ه", "ؤ": "و", "ئ": "ي", "ـ": None})


def normalised(text: str) -> str:
    """`text` in lower case and one spelling, without marks, accents, mentions and addresses; words one space apart."""
    text = html.unescape(text)
    for dropped in (_ADDRESS, _MENTION, _RETWEET, _PLACEHOLDER):
        text = dropped.sub(" ", text)
    text = _bare(text).lower().translate(_ARABIC)
    text = _WORD.sub(_in_one_script, text)
    text = _SPACED.sub(lambda found: _SEPARATOR.sub("", found.group()), text)
    text = _DISGUISED.sub(_lettered, text)
    text = _REPEATED.sub(r"\1", text)
    return " ".join(_DIGITS.sub("0", text).split())


def _bare(text: str) -> str:
    """Compatibility forms resolved; accents, vowel marks, zero-width and control characters gone."""
    if text.isascii():
        return text
    kept = (
        " " if category.startswith("Z") or category in ("Cc", "Cs") else character
        for character in unicodedata.normalize("NFKD", text)
        if (category := unicodedata.category(character)) not in ("Mn", "Cf", "Me")
    )
    return "".join(kept).replace("ß", "ss").replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"')


def _in_one_script(found: re.Match[str]) -> str:
    word = found.group()
    if word.isascii() or not any("a" <= letter <= "z" for letter in word):
        return word
    return word.translate(_LOOKALIKE)


def _lettered(found: re.Match[str]) -> str:
    word = found.group()
    letters = sum(character.isalpha() for character in word)
    return word if letters < 2 or _AMOUNT.fullmatch(word) else word.translate(_LETTER_FOR)
