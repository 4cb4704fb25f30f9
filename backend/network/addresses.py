"""Changing the query of a URL, and nothing else in it."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote_plus, unquote_plus, urlsplit, urlunsplit


def with_query(url: str, changes: Mapping[str, str | None]) -> str:
    """`url` with the parameters in `changes` set, or taken away where None; all others as they are written."""
    if not changes:
        return url
    split = urlsplit(url)
    kept: list[str] = []
    to_set = dict(changes)
    for written in split.query.split("&") if split.query else []:
        name = unquote_plus(written.partition("=")[0])
        if name not in changes:
            kept.append(written)
        elif (value := to_set.pop(name, None)) is not None:
            kept.append(f"{written.partition('=')[0]}={quote_plus(value)}")
    kept += [f"{quote_plus(name)}={quote_plus(value)}" for name, value in to_set.items() if value is not None]
    return urlunsplit(split._replace(query="&".join(kept)))
