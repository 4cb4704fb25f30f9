"""What a service of the content server is: routes by path, requests, answers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

DOMAIN = "mindproof.test"
MEDIA = f"https://media.{DOMAIN}"
LONGEST_PAGE = 50


@dataclass(frozen=True, slots=True)
class Request:
    """One request. `body` is the JSON that came with it; `query` has the first value of each name."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: Any = None

    @classmethod
    def of(cls, method: str, target: str, body: Any = None) -> Request:
        parts = urlsplit(target)
        return cls(method, parts.path, {name: values[0] for name, values in parse_qs(parts.query).items()}, body)

    def number(self, name: str, default: int) -> int:
        """A number of the query, 0 or more; `default` where there is none or it is not one."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else default

    def page(self, size: int) -> range:
        """The items that ``cursor`` and ``limit`` ask for; `size` items where the query does not say how many."""
        start = self.number("cursor", 0)
        return range(start, start + max(1, min(self.number("limit", size), LONGEST_PAGE)))


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answers."""

    body: bytes
    content_type: str
    status: int = 200
    cache: str = "no-store"

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Answer:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return cls(text.encode(), "application/json; charset=utf-8", status)


Handler = Callable[..., Answer]
Routes = list[tuple[str, str, Handler]]
"""Method, pattern of the whole path, and what answers: it takes the request and the pattern's groups as numbers."""

NOT_FOUND = Answer.json({"error": "there is nothing here"}, 404)


def answer(routes: Routes, request: Request) -> Answer:
    """The answer of the first route that fits; 404 where none does, 405 where only the method does not."""
    status = NOT_FOUND
    for method, pattern, handler in routes:
        match = re.fullmatch(pattern, request.path)
        if match is None:
            continue
        if method == request.method:
            return handler(request, *map(int, match.groups()))
        status = Answer.json({"error": f"{request.method} is not possible here"}, 405)
    return status


def picture_url(name: str) -> str:
    """Where the picture ``photo/7`` is."""
    return f"{MEDIA}/{name}.png"
