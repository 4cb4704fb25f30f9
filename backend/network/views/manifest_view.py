"""Manifests of video streams: what a player may play on to, and what it is told to fetch before it is needed.

Read as an outline, whose items can be cut with ``KeepFirst``; a value in it cannot be rewritten.

HLS (RFC 8216 and its second edition): ``variants`` of a master playlist, ``segments`` of a media playlist, and
``hints``: EXT-X-PRELOAD-HINT, EXT-X-PREFETCH, and EXT-X-SESSION-KEY, which has keys fetched in advance.

DASH (ISO/IEC 23009-1): ``periods``, which play on into one another, and ``hints``: what is to be resolved as soon as
the manifest is loaded (``xlink:actuate="onLoad"``). One that is cut is resolved when it is played.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from xml.parsers import expat

from backend.network.views.outline import Item, Outline
from backend.network.views.splice import spliced
from backend.network.views.view import Part, Unreadable
from interventions.sdk import FlowAction, FlowKind, FlowList

HLS_TYPES = ("application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl")
DASH_TYPES = ("application/dash+xml",)

_HINTS = ("#EXT-X-PRELOAD-HINT", "#EXT-X-PREFETCH", "#EXT-X-SESSION-KEY")
_OF_THE_NEXT_ADDRESS = ("#EXT-X-STREAM-INF", "#EXTINF", "#EXT-X-BYTERANGE", "#EXT-X-PROGRAM-DATE-TIME")
_LINE = re.compile(r"[^\r\n]+(?:\r?\n)?|\r?\n")
_ON_LOAD = re.compile(r"\bactuate\s*=\s*[\"']onLoad[\"']")
_PERIOD = "Period"


class ManifestView:
    """An HLS playlist or a DASH manifest. It has no parts: nobody reads it.

    Raises:
        Unreadable: it is neither.
    """

    kind: FlowKind = "manifest"
    parts: tuple[Part, ...] = ()
    beyond = 0

    def __init__(self, body: bytes, dash: bool) -> None:
        self._body = body
        # A character a byte: positions of bytes are positions in the text, and everything comes out as it went in.
        self._text = body.decode("latin-1")
        self._outline = Outline(_dash_items(body, self._text) if dash else _hls_items(self._text))

    @property
    def lists(self) -> list[FlowList]:
        return self._outline.lists

    def path(self, position: int) -> str:
        return "$"

    def read(self) -> Any:
        return self._outline.read()

    def edited(self, hidden: Mapping[int, str], actions: Iterable[FlowAction] = ()) -> bytes:
        splices = list(self._outline.splices(actions))
        return spliced(self._text, splices).encode("latin-1") if splices else self._body


def _hls_items(text: str) -> Iterator[Item]:
    """Raises Unreadable."""
    if not text.lstrip("\ufeffï»¿").startswith("#EXTM3U"):
        raise Unreadable("no manifest", "a playlist begins with #EXTM3U")
    start: int | None = None
    tags: dict[str, str] = {}
    for found in _LINE.finditer(text):
        line = found.group().strip()
        name, _, value = line.partition(":")
        if name in _HINTS:
            yield Item("hints", *found.span(), {"tag": name, "value": value})
        elif name in _OF_THE_NEXT_ADDRESS:
            start = found.start() if start is None else start
            tags[name.removeprefix("#")] = value
        elif line and not line.startswith("#"):
            of = "variants" if "EXT-X-STREAM-INF" in tags else "segments"
            yield Item(of, found.start() if start is None else start, found.end(), {"uri": line, **tags})
            start, tags = None, {}


def _dash_items(body: bytes, text: str) -> list[Item]:
    """Raises Unreadable."""
    parser = expat.ParserCreate()
    items: list[Item] = []
    opened: list[tuple[str, int, dict[str, str]]] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        at = parser.CurrentByteIndex
        opened.append((name, at, attributes))
        if found := _ON_LOAD.search(text, at, text.find(">", at)):
            items.append(Item("hints", *found.span(), {"element": name}, found.group().replace("onLoad", "onRequest")))

    def end(name: str) -> None:
        _, at, attributes = opened.pop()
        if name == _PERIOD and len(opened) == 1:
            here = parser.CurrentByteIndex  # where a closing tag begins, and where an empty element ends
            closed = text.find(">", here) + 1 if text.startswith("</", here) else here
            items.append(Item("periods", at, closed, attributes))

    def entity(*declared: Any) -> None:
        raise Unreadable("no manifest", "it declares entities")

    parser.StartElementHandler, parser.EndElementHandler, parser.EntityDeclHandler = start, end, entity
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise Unreadable("no manifest", str(error)) from error
    return items
