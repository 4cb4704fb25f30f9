"""What people say of a judge's verdicts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from backend.annotations.correcting import Correcting
from backend.annotations.teaching import Covered, Screen, Teaching
from backend.errors import AnnotationError
from backend.store.journal import Journal
from interventions.sdk import Box, Line
from tests.annotations.screens import feed

PHONE = "127.0.0.1:5555"
HIDDEN = Box(40, 1000, 1040, 1200)


@dataclass
class Room:
    journal: Journal
    heard: list[bool] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)
    covers: tuple[Covered, ...] = (Covered(HIDDEN, "hate_speech"), Covered(Box(0, 0, 99, 99), "stories_bar"))

    def __post_init__(self) -> None:
        self.teaching = Teaching(
            self.journal.annotations, lambda serial: self.screen(), lambda lessons, new: None, lambda *event: None
        )
        self.correcting = Correcting(
            self.journal.corrections,
            self.teaching,
            lambda name: name == "hate_speech",
            self.heard.append,
            lambda *event: self.told.append(event),
        )

    def screen(self) -> Screen:
        lines = (
            Line("go away", Box(40, 1010, 900, 1060)),
            Line("and never come back", Box(40, 1100, 900, 1150)),
            Line("in sight", Box(40, 1300, 900, 1350)),
            Line("stories", Box(10, 10, 90, 60)),
        )
        return Screen(replace(feed(rows=0), lines=lines), self.covers)

    def point_at(self, kind: str, name: str) -> tuple[int, int]:
        offer = self.teaching.offer(PHONE)
        found = [at for at, thing in enumerate(offer.things) if thing.kind == kind and name in thing.name]
        return offer.number, found[0]


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Journal.open(str(tmp_path / "journal.sqlite3")) as journal:
        yield Room(journal)


def test_what_a_cover_hides_was_fine(room: Room) -> None:
    made = room.correcting.correct(PHONE, *room.point_at("cover", "hate_speech"), False, "participant")
    assert [(one.text, one.harmful, one.phone) for one in made] == [
        ("go away", False, PHONE),
        ("and never come back", False, PHONE),
    ]
    assert room.heard == [False]
    assert "go away" not in room.told[0][2]
    assert [one.text for one in room.correcting.holding(PHONE)] == ["and never come back", "go away"]


def test_a_text_that_is_shown_is_harmful_and_is_taken_back(room: Room) -> None:
    (made,) = room.correcting.correct(PHONE, *room.point_at("line", "in sight"), True, "researcher", everywhere=True)
    assert (made.text, made.harmful, made.phone) == ("in sight", True, "")
    with pytest.raises(AnnotationError, match="to take back"):
        room.correcting.undo(made.id, "participant", only_phone=PHONE)
    room.correcting.undo(made.id, "researcher")
    assert room.correcting.holding(PHONE) == []
    assert room.heard == [True, False]
    with pytest.raises(AnnotationError, match="to take back"):
        room.correcting.undo(made.id, "researcher")


@pytest.mark.parametrize(
    ("kind", "name", "harmful", "why"),
    [
        ("cover", "hate_speech", True, "hidden already"),
        ("cover", "stories_bar", False, "does not go by what a text says"),
        ("line", "in sight", False, "not hidden"),
        ("widget", "posts", True, "hidden already|no text"),
    ],
)
def test_what_makes_no_sense_is_refused(room: Room, kind: str, name: str, harmful: bool, why: str) -> None:
    if name == "posts":
        room.covers = ()
        room.__dict__["screen"] = lambda: Screen(replace(feed(rows=0), lines=()))
    with pytest.raises(AnnotationError, match=why):
        room.correcting.correct(PHONE, *room.point_at(kind, name), harmful, "researcher")
    assert room.heard == []
