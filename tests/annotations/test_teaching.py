"""From pointing to a rule that holds, and back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from backend.annotations.teaching import Covered, Screen, Teaching
from backend.errors import AnnotationError, StoreError
from backend.store.journal import Journal
from tests.annotations import cards
from tests.annotations.screens import feed

PHONE, OTHER = "127.0.0.1:5555", "R58M"


@dataclass
class Room:
    """A teaching whose phone shows what the test says."""

    journal: Journal
    screen: Screen | None = None
    applied: list[tuple[tuple[str, ...], bool]] = field(default_factory=list)
    told: list[tuple[str, str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.screen = Screen(feed())
        self.teaching = self.begin()

    def begin(self) -> Teaching:
        return Teaching(
            self.journal.annotations,
            lambda serial: self.screen,
            lambda lessons, new: self.applied.append((tuple(lessons), new)),
            lambda *event: self.told.append(event),
        )

    def point_at(self, name: str) -> tuple[int, int]:
        """The screen's number, and the thing's."""
        offer = self.teaching.offer(PHONE)
        return offer.number, next(at for at, thing in enumerate(offer.things) if name in thing.name)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    with Journal.open(str(tmp_path / "journal.sqlite3")) as journal:
        yield Room(journal)


def test_what_is_hidden_holds_and_is_taken_back(room: Room) -> None:
    made = room.teaching.hide(PHONE, *room.point_at("stories"), "this", "participant")
    lesson = f"{PHONE} org.example.feed##viewId=org.example.feed:id/stories"
    assert room.applied == [((lesson,), True)]
    assert (made.name, made.author, made.phone) == ("stories", "participant", PHONE)
    undone = room.teaching.undo(made.id, "participant", only_phone=PHONE)
    assert room.applied[-1] == ((), False)
    assert undone.undone_s is not None
    assert [one.id for one in room.teaching.history(PHONE)] == [made.id]
    assert [event for event, *_ in room.told] == ["annotation.made", "annotation.undone"]


def test_it_holds_again_after_the_backend_has_ended(room: Room) -> None:
    room.teaching.hide(PHONE, *room.point_at("stories"), "this", "researcher", everywhere=True)
    room.begin().resume()
    assert room.applied[-1] == (("* org.example.feed##viewId=org.example.feed:id/stories",), True)


def test_a_preview_tells_how_far_each_rule_goes(room: Room) -> None:
    room.screen = Screen(feed(), before=(feed(down=1), feed(down=9), replace(feed(), widgets=())))
    this, like = room.teaching.previews(PHONE, *room.point_at("author"))
    assert (this.breadth, this.by, len(this.boxes), this.also_on, this.screens) == ("this", "text", 1, 1, 3)
    assert (like.breadth, like.by, len(like.boxes), like.also_on) == ("like", "id", 3, 2)


def test_one_of_a_kind_has_one_preview(room: Room) -> None:
    assert [one.breadth for one in room.teaching.previews(PHONE, *room.point_at("stories"))] == ["this"]


def test_nothing_is_told_of_what_is_covered(room: Room) -> None:
    text = next(thing for thing in room.teaching.offer(PHONE).things if thing.name == "text (text)")
    room.screen = Screen(feed(), covers=(Covered(text.box, "hate_speech"),))
    left = room.teaching.offer(PHONE).things
    assert [(thing.kind, thing.name) for thing in left if thing.box == text.box] == [("cover", "hidden by hate_speech")]
    assert any(thing.name == "posts (list)" for thing in left)


def test_a_screen_that_has_gone_is_not_taken_for_another(room: Room) -> None:
    number, thing = room.point_at("stories")
    with pytest.raises(AnnotationError, match="has gone"):
        room.teaching.hide(OTHER, number, thing, "this", "researcher")
    for _ in range(4):
        room.teaching.offer(PHONE)
    with pytest.raises(AnnotationError, match="has gone"):
        room.teaching.hide(PHONE, number, thing, "this", "researcher")
    with pytest.raises(AnnotationError, match="no thing 999"):
        room.teaching.previews(PHONE, number + 4, 999)
    assert room.applied == []


def test_a_phone_that_shows_nothing_has_nothing_to_point_at(room: Room) -> None:
    room.screen = None
    with pytest.raises(AnnotationError, match="shows nothing"):
        room.teaching.offer(PHONE)


def test_a_piece_that_only_pixels_tell_of_goes_by_its_look(room: Room, tmp_path: Path) -> None:
    pixels, place = cards.screen(cards.Look())
    room.screen = Screen(replace(feed(), size=cards.Look().size, widgets=(), pixels=pixels))
    number = room.teaching.offer(PHONE).number
    (preview,) = room.teaching.previews(PHONE, number, place)
    assert (preview.by, len(preview.boxes), preview.screens) == ("look", 1, 0)
    made = room.teaching.hide(PHONE, number, place, "like", "participant")
    assert (made.name, made.breadth) == ("piece of the screen", "this")
    folder = tmp_path / "crops"
    room.teaching.write_crops(folder)
    (crop,) = folder.iterdir()
    assert crop.name in room.applied[-1][0][0]
    assert crop.stat().st_mode & 0o077 == 0
    room.teaching.undo(made.id, "participant", only_phone=PHONE)
    room.teaching.write_crops(folder)
    assert list(folder.iterdir()) == []


def test_a_folder_that_takes_no_crop_is_named(room: Room, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StoreError, match="taken"):
        room.teaching.write_crops(tmp_path / "taken")


@pytest.mark.parametrize("phone", [OTHER, ""])
def test_a_participant_takes_back_only_what_is_on_their_own_phone(room: Room, phone: str) -> None:
    everywhere = not phone
    made = room.teaching.hide(PHONE, *room.point_at("stories"), "this", "researcher", everywhere)
    with pytest.raises(AnnotationError, match=f"no annotation {made.id}"):
        room.teaching.undo(made.id, "participant", only_phone=phone or OTHER)
    room.teaching.undo(made.id, "researcher")
    with pytest.raises(AnnotationError, match="already"):
        room.teaching.undo(made.id, "researcher")
