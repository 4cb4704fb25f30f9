"""What every view of a body offers, whatever its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from backend.errors import InputError
from interventions.sdk import FlowAction, FlowKind, FlowList, Pixels

MOST_PARTS = 4000
"""Of one body; what comes after them is not judged, and counted."""


class Unreadable(InputError):
    """A body that cannot be understood, and so passes untouched. `reason` is a few words to count it under."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Part:
    """One text or picture in a body, to be judged by itself.

    `name` is what it is called there (a key, a class). A ``count`` is a bare number that tells how
    many; its `text` is as people would read it. A picture has `pixels`, ``(height, width, 3)`` uint8 RGB, and a
    `digest` of its content.
    """

    kind: Literal["text", "count", "picture"]
    name: str
    text: str = ""
    pixels: Pixels | None = field(default=None, repr=False, compare=False)
    digest: str = ""


class View(Protocol):
    """A parsed body. It is not changed: `edited` makes a new one."""

    @property
    def kind(self) -> FlowKind: ...

    @property
    def parts(self) -> Sequence[Part]: ...

    @property
    def beyond(self) -> int:
        """Texts and pictures that are not among `parts` because there are too many."""
        ...

    @property
    def lists(self) -> Sequence[FlowList]: ...

    def path(self, position: int) -> str:
        """Where the part at `position` stands, as JSONPath where the body has such paths."""
        ...

    def read(self) -> Any:
        """The body as plain data, where it has that form; else None. Not to be changed."""
        ...

    def edited(self, hidden: Mapping[int, str], actions: Iterable[FlowAction] = ()) -> bytes:
        """The body with the parts `hidden` (by their position) showing the text given instead, and with `actions` done.

        All else is equal to the byte; with nothing to do, the body is.

        Raises:
            Unreadable: the body cannot be written back faithfully.
            FlowPathError: an action's path is not JSONPath.
        """
        ...
