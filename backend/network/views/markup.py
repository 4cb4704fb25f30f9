"""Text that may hold markup: what people read of it, and how other text is written in its place."""

from __future__ import annotations

import html
import re

_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,500}>")


def plain(text: str) -> str:
    """`text` as it is read: where there are tags in it, without them, and with its character references resolved."""
    if "<" not in text or _TAG.search(text) is None:
        return text
    return html.unescape(_TAG.sub(" ", text)).strip()


def escaped_as(old: str, new: str) -> str:
    """`new` written as `old` was: escaped where that had tags in it."""
    return html.escape(new) if "<" in old and _TAG.search(old) is not None else new
