"""One network flow as an intervention sees it in ``on_flow``, and what it may ask to become of it.

A flow is a request, a response, or a message of a web socket, decoded and parsed. Paths are JSONPath (RFC 9535):
``$.posts[*].text``. What an action does not name stays as it is, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import jsonpath

from interventions.sdk.actions import Action

Direction = Literal["request", "response", "message"]
FlowKind = Literal["json", "html", "image", "manifest", "text", "none"]


class FlowPathError(ValueError):
    """A path is not JSONPath. The message says where it goes wrong."""


@dataclass(frozen=True, slots=True)
class FlowText:
    """A piece of text in a flow that people read. `path` leads to it, `key` is the name it has there."""

    path: str
    key: str
    text: str


@dataclass(frozen=True, slots=True)
class FlowList:
    """A list of objects in a flow: what a feed or its page is made of. `inner` says that it stands inside another."""

    path: str
    key: str
    length: int
    inner: bool = False


def _nothing() -> Any:
    return None


@dataclass(frozen=True)
class Flow:
    """What went over the network. `method` and `url` are the request's, for a response too.

    Header names are in small letters. `kind` tells how the body was understood; "none" is a body that was not: too
    large, broken, or of no type that carries content.
    """

    direction: Direction
    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    status: int | None = None
    kind: FlowKind = "none"
    texts: tuple[FlowText, ...] = ()
    lists: tuple[FlowList, ...] = ()
    read: Callable[[], Any] = field(default=_nothing, repr=False, compare=False)
    """Gives the parsed body; `json` is the same, read-only."""

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @cached_property
    def query(self) -> Mapping[str, str]:
        """The parameters after the ``?``, by name; of one given several times, the last."""
        return MappingProxyType(dict(parse_qsl(urlsplit(self.url).query, keep_blank_values=True)))

    @property
    def content_type(self) -> str:
        """The type alone, in small letters: ``application/json``."""
        return self.header("content-type").partition(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """The first header called `name`; empty text when there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key == wanted), "")

    @cached_property
    def json(self) -> Any:
        """The body of a JSON flow, and the outline of a video manifest: mappings, tuples and plain values; else None.

        It cannot be written to: a change is an action.
        """
        return _read_only(self.read())

    def find(self, path: str) -> Iterator[tuple[str, Any]]:
        """The places in `json` that `path` means, each as its own path, with what stands there.

        Raises:
            FlowPathError: `path` is not JSONPath.
        """
        for location, value in located(path, self.json):
            yield path_text(location), value


@dataclass(frozen=True, slots=True)
class FlowAction(Action):
    """Base of what can become of a flow. Like Press and Notify it happens once, to the flow it was yielded for."""


@dataclass(frozen=True, slots=True)
class Rewrite(FlowAction):
    """Put `value` (text, number, true, false, None, or lists and mappings of them) wherever `path` leads."""

    path: str
    value: Any


@dataclass(frozen=True, slots=True)
class KeepFirst(FlowAction):
    """Of every list that `path` leads to, keep the first `count` items."""

    path: str
    count: int


@dataclass(frozen=True, slots=True)
class SetQuery(FlowAction):
    """Set a parameter of the request's URL; None takes it away. For a response it does nothing."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Refuse(FlowAction):
    """Do not let the flow through: the app gets an empty answer with `status`. A web socket's message is dropped."""

    status: int = 403


Location = tuple[str | int, ...]
"""A place in parsed JSON: names and indices from the top."""


@lru_cache(maxsize=512)
def _compiled(path: str) -> Any:
    try:
        return jsonpath.compile(path)
    except (jsonpath.JSONPathError, RecursionError) as error:
        reason = str(error).strip().splitlines()[:1]
        raise FlowPathError(f"{path!r} is not JSONPath: {''.join(reason)}") from error


def check_path(path: str) -> None:
    """Raises FlowPathError when `path` is not JSONPath."""
    _compiled(path)


def located(path: str, document: Any) -> Iterator[tuple[Location, Any]]:
    """The places in `document` that `path` means. Raises FlowPathError."""
    found = _compiled(path)
    if path.strip() == "$":  # the library reads a body that is text alone as a document to be parsed
        yield (), document
        return
    if not isinstance(document, Mapping | Sequence) or isinstance(document, str):
        return
    try:
        for match in found.finditer(document):
            yield tuple(match.parts), match.obj
    except (jsonpath.JSONPathError, RecursionError) as error:
        raise FlowPathError(f"{path!r} cannot be followed: {error}") from error


def path_text(location: Location) -> str:
    """The JSONPath of one place: ``$.posts[3].text``, with names quoted where they must be."""
    return "$" + "".join(_step(part) for part in location)


def _step(part: str | int) -> str:
    if isinstance(part, int):
        return f"[{part}]"
    if part.isidentifier() and part.isascii():
        return f".{part}"
    return "['" + part.replace("\\", "\\\\").replace("'", "\\'") + "']"


def _read_only(value: Any) -> Any:
    if isinstance(value, dict):
        return MappingProxyType({key: _read_only(inner) for key, inner in value.items()})
    if isinstance(value, list):
        return tuple(_read_only(inner) for inner in value)
    return value
