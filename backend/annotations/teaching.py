"""From pointing to a rule that holds: what can be pointed at, what else a rule would hide, saving, taking back."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from backend.annotations.picking import Pick, overlap, picks
from backend.annotations.rules import Breadth, Proposal, covered, propose
from backend.errors import AnnotationError
from backend.store.annotations import Annotation, Annotations
from interventions.library.taught.intervention import ANYWHERE
from interventions.sdk import Box, Scene

Author = Literal["researcher", "participant"]
_OFFERS = 16
"""Screens that may be pointed at; of an older one it is said that it has gone."""
_HIDDEN = 0.5
"""Share of a thing that is covered from which it cannot be pointed at: nothing of it may be told."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a phone shows now: its scene, where the mirror covers it, and the scenes before it, newest last."""

    scene: Scene
    covers: tuple[Box, ...] = ()
    before: tuple[Scene, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """The things of one screen that can be pointed at. `number` names the screen in what follows."""

    number: int
    size: tuple[int, int]
    things: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would hide: on this screen where, and on how many of the `screens` before it."""

    breadth: Breadth
    by: Literal["id", "text", "position"]
    boxes: tuple[Box, ...]
    also_on: int
    screens: int


@dataclass(frozen=True, slots=True)
class _Kept:
    phone: str
    screen: Screen
    things: tuple[Pick, ...]


class Teaching:
    """One backend's. Any thread may call any method.

    Args:
        store: where annotations are kept.
        screen_of: what a phone shows now; None while it shows nothing.
        apply: given the lessons that hold, for the intervention `taught`, whenever they change; and whether there is a
            new one, for which it is to be switched on.
        tell: given an event's name, a phone and a message, for the journal.
    """

    def __init__(
        self,
        store: Annotations,
        screen_of: Callable[[str], Screen | None],
        apply: Callable[[Sequence[str], bool], None],
        tell: Callable[[str, str, str], None],
    ) -> None:
        self._store, self._screen_of, self._apply, self._tell = store, screen_of, apply, tell
        self._offers: OrderedDict[int, _Kept] = OrderedDict()
        self._number = 0
        self._lock = threading.Lock()

    def resume(self) -> None:
        """Have in force again what held when the backend ended. Raises StoreError."""
        lessons = self.lessons()
        self._apply(lessons, bool(lessons))

    def offer(self, serial: str) -> Offer:
        """What can be pointed at on the phone's screen now.

        Of what the mirror covers nothing is told.

        Raises:
            AnnotationError: the phone shows nothing.
        """
        screen = self._screen_of(serial)
        if screen is None:
            raise AnnotationError(f"phone {serial} shows nothing to point at", "wait until its picture is there")
        things = tuple(pick for pick in picks(screen.scene) if not _is_hidden(pick.box, screen.covers))
        with self._lock:
            self._number += 1
            self._offers[self._number] = _Kept(serial, screen, things)
            while len(self._offers) > _OFFERS:
                self._offers.popitem(last=False)
            return Offer(self._number, screen.scene.size, things)

    def previews(self, serial: str, number: int, thing: int) -> list[Preview]:
        """What hiding the thing alone, and all its like, would hide. Only what differs is listed.

        Raises:
            AnnotationError: that screen has gone, has no such thing, or only its pixels tell of the thing.
        """
        kept, pick = self._kept(serial, number, thing)
        found: list[Preview] = []
        for breadth in ("this", "like"):
            proposal = self._proposal(kept, pick, breadth)
            if found and proposal.boxes == found[0].boxes:
                continue
            also_on = sum(bool(covered(scene, proposal.rule)) for scene in kept.screen.before)
            found.append(Preview(breadth, proposal.by, proposal.boxes, also_on, len(kept.screen.before)))
        return found

    def hide(
        self, serial: str, number: int, thing: int, breadth: Breadth, author: Author, everywhere: bool = False
    ) -> Annotation:
        """Hide it from now on, on this phone or on every one. It is on the disk when this returns.

        Raises:
            AnnotationError: as `previews`.
            StoreError: it cannot be written down; then nothing has changed.
        """
        kept, pick = self._kept(serial, number, thing)
        rule = self._proposal(kept, pick, breadth).rule
        scene = kept.screen.scene
        widget = scene.widgets[pick.position]
        made = self._store.add(
            author=author,
            phone="" if everywhere else serial,
            app=scene.app.package,
            name=widget.short_id.replace("_", " ") or widget.short_class,
            breadth=breadth,
            rule=rule,
        )
        self._apply(self.lessons(), True)
        self._tell("annotation.made", serial, f"{made.name} in {made.app}, by a {author}")
        return made

    def undo(self, number: int, author: Author, only_phone: str = "") -> Annotation:
        """Take one back.

        Args:
            only_phone: the phone whose annotations alone may be taken back; empty for a researcher.

        Raises:
            AnnotationError: there is none of that number that holds, or it is not theirs.
        """
        made = self._store.of(number)
        if made is None or (only_phone and made.phone != only_phone):
            raise AnnotationError(f"there is no annotation {number} to take back", "reload the list")
        undone = self._store.undo(number, author)
        if undone is None:
            raise AnnotationError(f"annotation {number} was taken back already", "reload the list")
        self._apply(self.lessons(), False)
        self._tell("annotation.undone", made.phone, f"{made.name} in {made.app}, by a {author}")
        return undone

    def history(self, phone: str | None = None) -> list[Annotation]:
        """All annotations, newest first; of one phone, those for every phone included. Raises StoreError."""
        return self._store.history(phone)

    def lessons(self) -> list[str]:
        """What holds, as the intervention `taught` reads it. Raises StoreError."""
        return [f"{made.phone or ANYWHERE} {made.rule}" for made in self._store.holding()]

    def _kept(self, serial: str, number: int, thing: int) -> tuple[_Kept, Pick]:
        with self._lock:
            kept = self._offers.get(number)
        if kept is None or kept.phone != serial:
            raise AnnotationError("the screen that was pointed at has gone", "point at it again")
        if not 0 <= thing < len(kept.things):
            raise AnnotationError(f"that screen has no thing {thing}", "point at it again")
        return kept, kept.things[thing]

    def _proposal(self, kept: _Kept, pick: Pick, breadth: Breadth) -> Proposal:
        scene = kept.screen.scene
        proposal = propose(scene, scene.widgets[pick.position], breadth) if pick.kind == "widget" else None
        if proposal is None:
            raise AnnotationError(
                f"this {pick.kind} is known by its pixels alone, and no rule would find it again",
                "point at something around it",
            )
        return proposal


def _is_hidden(box: Box, covers: Sequence[Box]) -> bool:
    """Whether most of a thing lies under a cover; a large thing with a cover somewhere in it does not."""
    return any(box.intersect(cover).area >= _HIDDEN * box.area or overlap(box, cover) >= _HIDDEN for cover in covers)
