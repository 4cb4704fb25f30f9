"""Which values of structured data are content: told by what they are called, and by what they look like."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

Role = Literal["text", "count", "technical", "unknown"]


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_TEXT = _words(
    "text body content message msg comment caption title subtitle headline description desc summary bio about reply "
    "tweet snippet excerpt question answer quote subject note lyrics alt biography"
)
_TECHNICAL = _words(
    "id ids uuid guid url urls uri href src link token cursor hash etag at on time date datetime timestamp ts type "
    "kind mime locale lang language timezone tz color colour format version agent signature sig key code slug path "
    "sha md5 class style css script font ip currency avatar thumbnail icon email to"
)
_METRICS = _words(
    "likes loves hearts reactions upvotes downvotes favorites favourites favs followers following subscribers shares "
    "retweets reposts bookmarks quotes views plays impressions comments replies"
)
_METRIC = _METRICS | _words(
    "like liked love heart reaction upvote downvote favorite favorited favourite fav follower follow followed "
    "subscriber share shared retweet repost bookmark quote view play impression comment reply"
)
_COUNTING = _words("count counts cnt num number total")
_GENERIC = _words("count counts total value number num text simple short formatted summary label")
_MOST_TEXT_WITHOUT_SPACES = 64

_LETTERS = re.compile(r"[^\W\d_]{2}")
_CLOSE_SCRIPT = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af]")
"""Scripts that are written without spaces between words."""
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:\S*|/\S*|www\.\S+|\S+@\S+\.\S+", re.IGNORECASE)
_DATE = re.compile(
    r"\d{4}-\d\d-\d\d.*"
    r"|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s.*\d\d:\d\d.*"
    r"|[a-z]{3,9}\.? \d{1,2},? \d{4}.*"
    r"|\d{1,2}[ .][a-z]{3,9}\.? \d{4}.*",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*\d[\d.,  ']*\s*(?:k|m|b|mio|mrd|mil|tsd|mln)?\.?\+?\s*", re.IGNORECASE)


@lru_cache(maxsize=8192)
def role_of(key: str) -> Role:
    """What the name of a value says of it: ``like_count`` counts, ``created_at`` is technical."""
    tokens = [token.lower() for token in _TOKEN.findall(key)]
    if not tokens:
        return "unknown"
    counting = not _COUNTING.isdisjoint(tokens)
    if tokens[-1] in _TECHNICAL and not counting:
        return "technical"
    if not (_METRIC if counting else _METRICS).isdisjoint(tokens):
        return "count"
    return "text" if tokens[-1] in _TEXT else "unknown"


def full_name(key: str, parent: str) -> str:
    """A name that says enough by itself: ``count`` in ``likes`` is ``likes_count``."""
    return f"{parent}_{key}" if parent and key.lower() in _GENERIC else key


def is_number(text: str) -> bool:
    """Whether a text is a number as counts are written: 7, 1,284, 3.4K."""
    return len(text) <= 20 and _NUMBER.fullmatch(text) is not None


def is_text(value: str, role: Role) -> bool:
    """Whether people read `value`: words, not an identifier, address, date or coded data."""
    if role == "technical" or _LETTERS.search(value) is None:
        return False
    start = value.strip()
    if start[0] in "{[" and start[-1] in "}]" and '"' in start:
        return False  # data inside data: other words in its place, and the app could not read it
    if " " not in start and "\n" not in start:
        if _CLOSE_SCRIPT.search(start):
            return True
        return role != "unknown" and len(start) <= _MOST_TEXT_WITHOUT_SPACES and _ADDRESS.fullmatch(start) is None
    return len(start) > 40 or _DATE.fullmatch(start) is None
