"""Pages: the texts that people read in them, and pictures that are part of the page itself.

A text is what stands between two tags that break a line; ``<b>`` and its like do not. Scripts, styles, forms' own
content and data inside a page are left alone, and so are pictures with an address: they come by themselves.
"""

from __future__ import annotations

import html
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from backend.network.views.charset import decoded
from backend.network.views.html_tokens import Attribute, Token, tokens
from backend.network.views.image_view import ImageView
from backend.network.views.outline import Item, Outline
from backend.network.views.splice import Splice, spliced
from backend.network.views.view import MOST_PARTS, Part, Unreadable
from backend.network.views.words import is_number, is_text, role_of
from interventions.sdk import FlowAction, FlowKind, FlowList

_WITHIN_A_TEXT = frozenset(
    [
        *("a", "abbr", "b", "br", "cite", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "strong"),
        *("sub", "sup", "u", "wbr"),
    ]
)
_NOT_READ = frozenset(["iframe", "noembed", "noframes", "script", "style", "textarea", "xmp"])
_EMPTY = frozenset(
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"]
)
_DEEPEST = 256
"""Open elements that are kept in mind, for their names: nobody closes every ``<li>``."""
_READ_ATTRIBUTES = ("alt", "title", "aria-label")
_AHEAD = frozenset(["prefetch", "prerender"])
_LEAST_DATA = 1000
"""Characters of a picture inside a page from which it is looked at: fewer make an icon."""
_MOST_DATA = 16


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a part stands: spans of the source that together are the text; or a picture, and its span.

    ``bare`` is an attribute's value without quotes.
    """

    spans: tuple[tuple[int, int], ...]
    picture: ImageView | None = None
    bare: bool = False


class HtmlView:
    """A page.

    Its outline has ``hints``: videos that play by themselves, and links that are fetched in advance.

    Raises:
        Unreadable: it is not in the charset that it names.
    """

    kind: FlowKind = "html"

    def __init__(self, body: bytes, content_type: str = "") -> None:
        self._body = body
        self._source = decoded(body, content_type, html=True)
        self.parts: list[Part] = []
        self.beyond = 0
        self._places: list[_Place] = []
        self._hints: list[Item] = []
        self._pictures = 0
        self._run: list[tuple[int, int]] = []
        self._name, self._begun = "", False
        self._open: list[tuple[str, str]] = []
        for token in tokens(self._source.text):
            self._take(token)
        self._end_text()
        self._outline = Outline(self._hints)

    @property
    def lists(self) -> list[FlowList]:
        return self._outline.lists

    def path(self, position: int) -> str:
        return f"character {self._places[position].spans[0][0]}"

    def read(self) -> Any:
        return self._outline.read()

    def edited(self, hidden: Mapping[int, str], actions: Iterable[FlowAction] = ()) -> bytes:
        splices = [*self._outline.splices(actions)]
        for position, text in hidden.items():
            splices += self._hiding(self._places[position], text)
        return self._source.encoded(spliced(self._source.text, splices)) if splices else self._body

    # -- finding ---------------------------------------------------------------------------------------

    def _take(self, token: Token) -> None:
        if token.kind == "text":
            if token.name not in _NOT_READ and not (self._open and self._open[-1][0] in _NOT_READ):
                if not self._begun:
                    self._name = self._nearest_name()
                    self._begun = not self._source.text[token.start : token.end].isspace()
                self._run.append((token.start, token.end))
            return
        if token.name == "br":
            self._run.append((token.end, token.end))
        elif token.name not in _WITHIN_A_TEXT:
            self._end_text()
        if token.kind == "close":
            self._close(token.name)
            return
        if token.name not in _EMPTY:
            del self._open[:-_DEEPEST]
            given = {attribute.name: attribute.value for attribute in token.attributes}
            self._open.append((token.name, given.get("class") or given.get("id") or ""))
        for attribute in token.attributes:
            self._attribute(token, attribute)

    def _close(self, name: str) -> None:
        """A closing tag that nothing opened closes nothing; one that skips others closes those as well."""
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth][0] == name:
                del self._open[depth:]
                return

    def _nearest_name(self) -> str:
        """What the element around a text is called, or the one around that: ``<p class="likes"><b>12</b></p>``."""
        return next((name for _, name in reversed(self._open[-2:]) if name), "")

    def _attribute(self, token: Token, attribute: Attribute) -> None:
        if attribute.name in _READ_ATTRIBUTES:
            text = html.unescape(attribute.value).strip()
            if is_text(text, "text"):
                place = _Place(((attribute.start, attribute.end),), bare=not attribute.quoted)
                self._add(Part("text", attribute.name, text), place)
        elif _is_ahead(token.name, attribute):
            says = {"element": token.name, "attribute": attribute.name}
            self._hints.append(Item("hints", attribute.first, attribute.last, says))
        elif attribute.name == "src" and token.name == "img" and attribute.value.startswith("data:image/"):
            self._picture(attribute)

    def _picture(self, attribute: Attribute) -> None:
        """A picture that is written out in the page. One that cannot be read is left."""
        head, _, data = attribute.value.partition(",")
        if not head.endswith(";base64") or len(data) < _LEAST_DATA or self._pictures >= _MOST_DATA:
            return
        self._pictures += 1
        try:
            view = ImageView(b64decode(data), "img")
        except (Unreadable, ValueError):
            return
        for part in view.parts:
            self._add(part, _Place(((attribute.start, attribute.end),), view))

    def _end_text(self) -> None:
        run, self._run, self._begun = self._run, [], False
        text = "".join(self._source.text[start:end] or " " for start, end in run)
        text = " ".join(html.unescape(text).split())
        name = self._name
        spans = tuple(span for span in run if self._source.text[slice(*span)].strip())
        if is_text(text, "text"):
            self._add(Part("text", name, text), _Place(spans))
        elif is_number(text) and any(role_of(one) == "count" for one in name.split()):
            self._add(Part("count", name, text), _Place(spans))

    def _add(self, part: Part, place: _Place) -> None:
        if len(self.parts) >= MOST_PARTS:
            self.beyond += 1
            return
        self.parts.append(part)
        self._places.append(place)

    # -- changing --------------------------------------------------------------------------------------

    def _hiding(self, place: _Place, text: str) -> Iterator[Splice]:
        """The first span says `text`, the others nothing; white space around a text stays."""
        if place.picture is not None:
            data = b64encode(place.picture.edited({0: ""})).decode("ascii")
            kind = place.picture.format.lower()
            yield Splice(*place.spans[0], f"data:image/{kind};base64,{data}")
            return
        written = self._source.writable(html.escape(text))
        written = f'"{written}"' if place.bare else written
        for number, (start, end) in enumerate(place.spans):
            old = self._source.text[start:end]
            left, right = len(old) - len(old.lstrip()), len(old) - len(old.rstrip())
            yield Splice(start + left, end - right, "" if number else written)


def _is_ahead(element: str, attribute: Attribute) -> bool:
    """Whether an attribute has something played or fetched that nobody has asked for."""
    if element in ("video", "audio"):
        return attribute.name == "autoplay"
    return element == "link" and attribute.name == "rel" and attribute.value.lower() in _AHEAD
