"""Plain text: each of its lines is judged by itself."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from backend.network.views.charset import decoded
from backend.network.views.splice import Splice, spliced
from backend.network.views.view import MOST_PARTS, Part, Unreadable
from backend.network.views.words import is_number
from interventions.sdk import FlowAction, FlowKind, FlowList

_LINE = re.compile(r"[^\s][^\r\n]*")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")


class TextView:
    """A body of plain text, or a web socket's message of it.

    Raises:
        Unreadable: not text in its charset.
    """

    kind: FlowKind = "text"
    lists: tuple[FlowList, ...] = ()

    def __init__(self, body: bytes, content_type: str = "") -> None:
        self._body = body
        self._source = decoded(body, content_type)
        if _CONTROL.search(self._source.text):
            raise Unreadable("no text", "it holds control characters")
        found = [match.span() for match in _LINE.finditer(self._source.text)]
        self._spans = found[:MOST_PARTS]
        self.beyond = len(found) - len(self._spans)
        lines = [self._source.text[start:end].rstrip() for start, end in self._spans]
        self.parts = [Part("count" if is_number(line) else "text", "text", line) for line in lines]

    def path(self, position: int) -> str:
        return f"line {position + 1}"

    def read(self) -> Any:
        return None

    def edited(self, hidden: Mapping[int, str], actions: Iterable[FlowAction] = ()) -> bytes:
        if not hidden:
            return self._body
        splices = [Splice(*self._spans[position], text) for position, text in hidden.items()]
        return self._source.encoded(spliced(self._source.text, splices))
