"""Standing actions as rectangles of an overlay on the phone."""

from __future__ import annotations

import numpy as np

from backend.engine.decision import Decided
from backend.phones.agent.messages import Overlay
from backend.phones.foreground import SYSTEM_UI
from backend.sinks.overlay import OverlaySink
from interventions.sdk import Action, App, Block, Box, Cover, Dim, Greyscale, Replace, Scene

SIZE = (400, 800)
PIXELS = np.full((800, 400, 3), (200, 180, 160), np.uint8)
SCENE = Scene(1, 1.0, "phone", App("org.example"), SIZE, pixels=PIXELS)
PLACE = Box(100, 100, 200, 150)


class Host:
    def __init__(self, there: bool = True) -> None:
        self.there = there
        self.sent: list[Overlay] = []

    def effects(self, package: str, effects: object) -> None:
        raise AssertionError("an overlay has no views")

    def send(self, package: str, message: object) -> bool:
        assert package == SYSTEM_UI
        assert isinstance(message, Overlay)
        if self.there:
            self.sent.append(message)
        return self.there


def show(sink: OverlaySink, *actions: Action) -> list[str]:
    return [one.where for one in sink.show(SCENE, [Decided("it", action) for action in actions])]


def test_a_cover_has_the_colour_of_its_surroundings_and_reaches_a_little_past_its_box() -> None:
    host = Host()
    assert show(OverlaySink(host), Cover(PLACE, style="text", text="hidden")) == ["overlay"]
    (box,) = host.sent[-1].boxes
    assert box.box == (96, 96, 204, 154)
    assert box.text == "hidden"
    assert box.colour >> 24 == 0xFF
    assert abs((box.colour >> 16 & 0xFF) - 200) < 20


def test_its_colour_stays_when_the_picture_shows_our_own() -> None:
    host = Host()
    sink = OverlaySink(host)
    show(sink, Cover(PLACE))
    first = host.sent[-1].boxes
    covered = Scene(2, 2.0, "phone", App("org.example"), SIZE, pixels=np.zeros_like(PIXELS))
    sink.show(covered, [Decided("it", Cover(PLACE)), Decided("it", Dim(0.5))])
    assert host.sent[-1].boxes[0] == first[0]


def test_darkness_lets_through_and_only_opaque_places_are_kept_from_perception() -> None:
    host = Host()
    sink = OverlaySink(host)
    assert show(sink, Dim(0.5), Block(PLACE), Replace(PLACE, "x"), Greyscale()) == [*["overlay"] * 3, "nowhere"]
    dim, block, said = host.sent[-1].boxes
    assert (dim.colour, dim.box) == (0x80000000, (0, 0, 400, 800))
    assert (block.colour, block.block) == (0, True)
    assert said.text == "x"
    assert sink.drawn == (PLACE,)


def test_what_was_taken_away_may_be_on_pictures_still_under_way() -> None:
    host = Host()
    sink = OverlaySink(host)
    show(sink, Replace(PLACE, "x"))
    show(sink)
    assert host.sent[-1].boxes == []
    assert sink.drawn == (PLACE,)


def test_nothing_new_is_not_sent_again_and_a_new_host_is_told() -> None:
    host = Host()
    sink = OverlaySink(host)
    show(sink, Cover(PLACE))
    show(sink, Cover(PLACE))
    assert len(host.sent) == 1
    sink.forget()
    show(sink, Cover(PLACE))
    assert len(host.sent) == 2


def test_without_a_host_it_says_that_nothing_is_shown() -> None:
    sink = OverlaySink(Host(there=False))
    assert show(sink, Cover(PLACE)) == ["nowhere"]
    assert sink.drawn == ()
