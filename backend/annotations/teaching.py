"""From pointing to a rule that holds: what can be pointed at, what else a rule would hide, saving, taking back."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from backend.annotations.looks import crop_of, look_of
from backend.annotations.packs import Pack
from backend.annotations.picking import Pick, kind_in_words, picks
from backend.annotations.rules import BREADTHS, Breadth, covered, propose
from backend.errors import AnnotationError, StoreError
from backend.store.annotations import Annotation, Annotations
from interventions.library.taught.lessons import lesson
from interventions.sdk import Box, Scene

Author = Literal["researcher", "participant"]
By = Literal["id", "text", "position", "look"]
_OFFERS = 4
"""Screens that may be pointed at, with their pixels; of an older one it is said that it has gone."""
_HIDDEN = 0.5
"""Share of a thing that is covered from which it cannot be pointed at: nothing of it may be told."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A place that the mirror covers, and on whose behalf."""

    box: Box
    intervention: str = ""


@dataclass(frozen=True, slots=True)
class Screen:
    """What a phone shows now: its scene, where the mirror covers it, and the scenes before it, newest last."""

    scene: Scene
    covers: tuple[Covered, ...] = ()
    before: tuple[Scene, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """The things of one screen that can be pointed at. `number` names the screen in what follows."""

    number: int
    size: tuple[int, int]
    things: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a rule would hide: on this screen where, and on how many of the `screens` before it, whose pixels are gone:
    what goes by its look is not counted there."""

    breadth: Breadth
    by: By
    boxes: tuple[Box, ...]
    also_on: int
    screens: int


Meant = int | Box
"""What is pointed at: one of an offer's things, by its place there, or any piece of its screen, in screen pixels."""


@dataclass(frozen=True, slots=True)
class _Kept:
    phone: str
    screen: Screen
    things: tuple[Pick, ...]


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to find something again."""

    breadth: Breadth
    by: By
    rule: str
    boxes: tuple[Box, ...]
    crop: bytes = b""


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
        covers = [cover.box for cover in screen.covers]
        shown = [pick for pick in picks(screen.scene) if not _is_hidden(pick.box, covers)]
        things = tuple(sorted([*shown, *cover_picks(screen.covers)], key=lambda pick: pick.box.area))
        with self._lock:
            self._number += 1
            self._offers[self._number] = _Kept(serial, screen, things)
            while len(self._offers) > _OFFERS:
                self._offers.popitem(last=False)
            return Offer(self._number, screen.scene.size, things)

    def screens(self, serial: str) -> tuple[Scene, ...]:
        """What the phone has shown of late, without pixels, this screen last."""
        screen = self._screen_of(serial)
        return () if screen is None else (*screen.before, screen.scene)

    def previews(self, serial: str, number: int, meant: Meant) -> list[Preview]:
        """What hiding the thing alone, and all its like, would hide. Only what differs is listed.

        Raises:
            AnnotationError: that screen has gone, has no such thing, or nothing would find the thing again.
        """
        kept = self._kept(serial, number)
        found: list[Preview] = []
        for way in self._ways(kept, meant):
            if found and way.boxes == found[0].boxes:
                continue
            before = kept.screen.before if way.by != "look" else ()
            also_on = sum(bool(covered(scene, way.rule)) for scene in before)
            found.append(Preview(way.breadth, way.by, way.boxes, also_on, len(before)))
        return found

    def hide(
        self, serial: str, number: int, meant: Meant, breadth: Breadth, author: Author, everywhere: bool = False
    ) -> Annotation:
        """Hide it from now on, on this phone or on every one. It is on the disk when this returns.

        Raises:
            AnnotationError: as `previews`.
            StoreError: it cannot be written down; then nothing has changed.
        """
        kept = self._kept(serial, number)
        ways = self._ways(kept, meant)
        way = next((way for way in ways if way.breadth == breadth), ways[0])
        made = self._store.add(
            author=author,
            phone="" if everywhere else serial,
            app=kept.screen.scene.app.package,
            name=_what(kept, meant),
            breadth=way.breadth,
            rule=way.rule,
            crop=way.crop,
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
        return [lesson(made.phone, made.rule) for made in self._store.holding()]

    def write_crops(self, folder: Path) -> None:
        """Put the crops that lessons name into `folder`, for this user's eyes alone, and take away all others.

        Raises:
            StoreError: they cannot be read from the database, or not be written.
        """
        wanted = {crop_of(rule): png for rule, png in self._store.crops().items()}
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for path in folder.glob("*.png"):
                if path.name not in wanted:
                    path.unlink()
            for name, png in wanted.items():
                if not (folder / name).is_file():
                    part = folder / f"{name}.part"
                    part.touch(mode=0o600)
                    part.write_bytes(png)
                    part.replace(folder / name)
        except OSError as error:
            raise StoreError(
                f"crops cannot be written into {folder}: {error.strerror or error}", "check its rights and free space"
            ) from error

    # -- correcting a judge ----------------------------------------------------------------------------

    def meant_texts(self, serial: str, number: int, thing: int) -> tuple[list[str], str, str]:
        """The texts of a thing, or under a cover; the app; and the intervention whose cover it is, if it is one.

        Raises:
            AnnotationError: that screen has gone, has no such thing, or it has no text.
        """
        kept = self._kept(serial, number)
        pick, scene = _thing(kept, thing), kept.screen.scene
        texts = texts_in(scene, pick.box)
        if not texts:
            raise AnnotationError(f"this {pick.kind} has no text that could be judged", "point at a text")
        by = kept.screen.covers[pick.position].intervention if pick.kind == "cover" else ""
        return texts, scene.app.package, by

    # -- packs -----------------------------------------------------------------------------------------

    def take_in(self, pack: Pack, phone: str = "") -> list[Annotation]:
        """Have a pack's rules hold on `phone`, or everywhere; those that hold there already are left as they are.

        Raises:
            StoreError: one cannot be written down; those before it hold.
        """
        known = {made.rule for made in self._store.holding() if made.phone in ("", phone)}
        new = [entry for entry in pack.entries if entry.rule not in known]
        added: list[Annotation] = []
        try:
            for entry in new:
                made = self._store.add(author=f"pack {pack.author}", phone=phone, **entry.model_dump())
                added.append(made)
        finally:
            if added:
                self._apply(self.lessons(), True)
                self._tell("pack.taken_in", phone, f"{pack.name}, by {pack.author}: {len(added)} new")
        return added

    # -- inside ----------------------------------------------------------------------------------------

    def _kept(self, serial: str, number: int) -> _Kept:
        with self._lock:
            kept = self._offers.get(number)
        if kept is None or kept.phone != serial:
            raise AnnotationError("the screen that was pointed at has gone", "point at it again")
        return kept

    def _ways(self, kept: _Kept, meant: Meant) -> list[_Way]:
        """By a rule where a widget is meant and one finds it; else by its look."""
        scene = kept.screen.scene
        box = meant if isinstance(meant, Box) else _thing(kept, meant).box
        if isinstance(meant, int) and _thing(kept, meant).kind == "cover":
            raise AnnotationError("this is hidden already", "point at something else")
        if isinstance(meant, int) and (pick := _thing(kept, meant)).kind == "widget":
            found = [(breadth, propose(scene, scene.widgets[pick.position], breadth)) for breadth in BREADTHS]
            ways = [_Way(breadth, one.by, one.rule, one.boxes) for breadth, one in found if one is not None]
            if ways:
                return ways
        if scene.pixels is None:
            raise AnnotationError("the pixels of that screen are gone", "point at it again")
        look = look_of(scene.pixels, box, scene.app.package)
        return [_Way("this", "look", look.rule, look.boxes, look.png)]


def _thing(kept: _Kept, thing: int) -> Pick:
    if not 0 <= thing < len(kept.things):
        raise AnnotationError(f"that screen has no thing {thing}", "point at it again")
    return kept.things[thing]


def _what(kept: _Kept, meant: Meant) -> str:
    """What was pointed at in a few words, never what it says."""
    if isinstance(meant, Box):
        return "piece of the screen"
    pick = _thing(kept, meant)
    if pick.kind != "widget":
        return {"line": "text", "region": "picture"}.get(pick.kind, pick.kind)
    widget = kept.screen.scene.widgets[pick.position]
    return widget.short_id.replace("_", " ") or kind_in_words(widget)


def cover_picks(covers: Sequence[Covered]) -> list[Pick]:
    """Covers as things to point at; of what is under them nothing is told."""
    return [
        Pick("cover", at, cover.box, f"hidden by {cover.intervention}", text=True)
        for at, cover in enumerate(covers)
        if cover.intervention
    ]


def texts_in(scene: Scene, box: Box) -> list[str]:
    """The texts that lie in `box` for the most part, in reading order."""
    inside = [line for line in scene.lines if line.box.intersect(box).area >= _HIDDEN * line.box.area > 0]
    return list(dict.fromkeys(line.text for line in sorted(inside, key=lambda line: (line.box.top, line.box.left))))


def _is_hidden(box: Box, covers: Sequence[Box]) -> bool:
    """Whether most of a thing lies under a cover; a large thing with a cover somewhere in it does not."""
    return any(box.intersect(cover).area >= _HIDDEN * box.area or box.iou(cover) >= _HIDDEN for cover in covers)
