"""Cutting a page into tags and text, each with its place in the source, as the HTML standard's tokenizer does (13.2.5).

A tree would be more than is needed, and writing one out again would change what nobody named. One pass, whose time
grows with the page alone: what is not closed ends the page, as it does in a browser.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_NAME = re.compile(r"[a-zA-Z][^\s/>]*+")
_ATTRIBUTE = re.compile(
    r"[\s/]*+([^\s/>=][^\s/>=]*+|=[^\s/>=]*+)"
    r"(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)?))?"
)
_UNCLOSED = re.compile(r"\s*+=\s*+[\"']")
_COMMENT_END = re.compile("--!?>")
_TAG_END = re.compile(r"[\s/]*+>")
_RAW = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes")
_BREAK_OUT = frozenset(
    [
        *("b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed", "h1", "h2"),
        *("h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta", "nobr", "ol", "p", "pre"),
        *("ruby", "s", "small", "span", "strong", "strike", "sub", "sup", "table", "tt", "u", "ul", "var"),
    ]
)
"""What ends SVG and MathML without closing it (13.2.6.5)."""
_CDATA = "<![CDATA["
_MOST_FOREIGN = 64
_FOREIGN = ("svg", "math")
"""Inside them no element is raw: SVG has a ``title`` of its own."""
_RAW_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _RAW}


class Attribute(NamedTuple):
    """An attribute's name in small letters, its value as written, and characters ``start`` to ``end`` of that value.

    ``first`` to ``last`` are the characters of the whole attribute, its quotes included.
    """

    name: str
    value: str
    start: int
    end: int
    first: int
    last: int

    @property
    def quoted(self) -> bool:
        return self.last > self.end


class Token(NamedTuple):
    """``text``: characters between tags, or the inside of an element that holds no tags, `name`. ``open`` and
    ``close``: a tag, `name` in small letters.
    """

    kind: str
    name: str
    start: int
    end: int
    attributes: tuple[Attribute, ...] = ()


def tokens(text: str) -> Iterator[Token]:
    """The tags and texts of a page in order. Comments and declarations are passed over."""
    at = since = 0
    foreign: list[str] = []
    while (found := text.find("<", at)) >= 0:
        if foreign and text.startswith(_CDATA, found):
            at = found + len(_CDATA)  # text there, its brackets too: they are passed over by who reads it
            continue
        token, end = _markup(text, found)
        if end == found:  # a "<" that opens nothing
            at = found + 1
            continue
        if since < found:
            yield Token("text", "", since, found)
        if end is None:
            return
        at = since = end
        if token is None:
            continue
        yield token
        _follow(foreign, token, text)
        if token.kind == "open" and token.name in _RAW_END and not foreign:
            closing = _RAW_END[token.name].search(text, end)
            if closing is None:
                return
            yield Token("text", token.name, end, closing.start())
            at = since = closing.start()
    if since < len(text):
        yield Token("text", "", since, len(text))


def _follow(foreign: list[str], token: Token, text: str) -> None:
    """Keep `foreign`, the open elements of SVG and MathML, up to date."""
    if token.name in _FOREIGN and token.kind == "open":
        if not text.startswith("/>", token.end - 2) and len(foreign) < _MOST_FOREIGN:
            foreign.append(token.name)
    elif token.name in foreign:
        del foreign[foreign.index(token.name) :]
    elif token.name in _BREAK_OUT and (token.kind == "open" or token.name in ("p", "br")):
        foreign.clear()


def _markup(text: str, at: int) -> tuple[Token | None, int | None]:
    """What the ``<`` at `at` opens, if it is a tag, and where that ends: at `at` for nothing, None with the page."""
    if text.startswith("<!--", at):
        closed = _COMMENT_END.search(text, at + 2)
        return None, closed.end() if closed else None
    following = text[at + 1 : at + 2]
    if following in ("!", "?"):
        return None, _behind(text, ">", at)
    if following == "/":
        name = _NAME.match(text, at + 2)
        end = _behind(text, ">", at)
        if name is None or end is None:
            return None, end
        return Token("close", name.group().lower(), at, end), end
    name = _NAME.match(text, at + 1)
    if name is None:
        return None, at
    attributes: list[Attribute] = []
    here = name.end()
    while (ended := _TAG_END.match(text, here)) is None:
        attribute = _ATTRIBUTE.match(text, here)
        if attribute is None:
            return None, None
        if _UNCLOSED.match(text, attribute.end(1)) and attribute.lastindex == 1:
            return None, None
        group = next((number for number in (2, 3, 4) if attribute[number] is not None), 0)
        span = attribute.span(group) if group else (attribute.end(), attribute.end())
        value = attribute[group] if group else ""
        attributes.append(Attribute(attribute[1].lower(), value, *span, attribute.start(1), attribute.end()))
        here = attribute.end()
    return Token("open", name.group().lower(), at, ended.end(), tuple(attributes)), ended.end()


def _behind(text: str, what: str, at: int) -> int | None:
    found = text.find(what, at)
    return None if found < 0 else found + len(what)
