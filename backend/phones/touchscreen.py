"""What a phone's touchscreen reports, out of ``getevent``: which devices are one, and what fingers do on them.

Two protocols (kernel, ``Documentation/input/multi-touch-protocol.rst``). B: fingers live in slots, and only what
changes is reported. A: every report lists all contacts anew; which is which finger is ours to find out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

Action = Literal["DOWN", "MOVE", "UP"]
Point = tuple[int, int]
Finger = tuple[int, int]
"""A number that is free again once the finger is lifted, and what tells it from the next finger of that number."""

_DEVICE = re.compile(r"^add device \d+: (\S+)\s*$", re.MULTILINE)
_NAME = re.compile(r'^\s+name:\s+"(.*)"\s*$', re.MULTILINE)
_AXIS = re.compile(r"\b(ABS_MT_(?:SLOT|POSITION_X|POSITION_Y))\s*: value (-?\d+), min (-?\d+), max (-?\d+)")
_EVENT = re.compile(r"^\[\s*(\d+\.\d+)\] (?:(/\S+): )?(\S+) +(\S+) +([0-9a-f]{8}|DOWN|UP|REPEAT)\s*$")
_KEY_VALUES = {"UP": 0, "DOWN": 1, "REPEAT": 2}


@dataclass(frozen=True, slots=True)
class Axis:
    """The values that a touch panel reports along one side, both ends included."""

    least: int
    most: int

    def pixel(self, value: int, length: int) -> int:
        """Where `value` lies on a side of `length` pixels (as Android scales, ``TouchInputMapper.cpp``)."""
        return min(max((value - self.least) * length // (self.most - self.least + 1), 0), length - 1)


@dataclass(frozen=True, slots=True)
class Touchscreen:
    """An input device that reports fingers on the screen. `slot` is the one in use now; None means protocol A."""

    path: str
    name: str
    x: Axis
    y: Axis
    slot: int | None


def parse_touchscreens(listing: str) -> list[Touchscreen]:
    """The touchscreens in the output of ``getevent -lp``; none when there are none.

    Fingerprint readers and sensors also claim positions. What says that it is touched directly is believed first,
    then who speaks protocol B and has BTN_TOUCH. Folding phones and emulators have several equals: one for a screen.
    """
    ranked: list[tuple[tuple[bool, bool, bool], Touchscreen]] = []
    parts = _DEVICE.split(listing)
    for path, text in zip(parts[1::2], parts[2::2], strict=True):
        axes = {name: tuple(map(int, numbers)) for name, *numbers in _AXIS.findall(text)}
        if not {"ABS_MT_POSITION_X", "ABS_MT_POSITION_Y"} <= axes.keys():
            continue
        x, y = Axis(*axes["ABS_MT_POSITION_X"][1:]), Axis(*axes["ABS_MT_POSITION_Y"][1:])
        if x.most <= x.least or y.most <= y.least:
            continue
        name = _NAME.search(text)
        slot = axes["ABS_MT_SLOT"][0] if "ABS_MT_SLOT" in axes else None
        screen = Touchscreen(path, name[1] if name else "", x, y, slot)
        ranked.append((("INPUT_PROP_DIRECT" in text, slot is not None, "BTN_TOUCH" in text), screen))
    best = max((rank for rank, _ in ranked), default=None)
    return [screen for rank, screen in ranked if rank == best]


class InputEvent(NamedTuple):
    """A line of ``getevent -lt``: `time_s` on the phone's clock; `device` is empty where only one is listened to."""

    time_s: float
    device: str
    kind: str
    code: str
    value: int


def parse_event(line: str) -> InputEvent | None:
    """None for a line that is no event: ``getevent`` also announces devices and tells of its troubles."""
    found = _EVENT.match(line)
    if found is None:
        return None
    time_s, device, kind, code, shown = found.groups()
    value = _KEY_VALUES[shown] if shown in _KEY_VALUES else int(shown, 16)
    return InputEvent(float(time_s), device or "", kind, code, value - (1 << 32) if value >> 31 else value)


class PanelTouch(NamedTuple):
    """A finger's doing at `time_s` on the phone's clock; `x` and `y` are the panel's values, not yet pixels."""

    time_s: float
    finger: int
    action: Action
    x: int
    y: int


class FingerReader:
    """Turns the events of one touchscreen into touches, a report at a time."""

    def __init__(self, screen: Touchscreen) -> None:
        self._fingers: _Fingers = _Contacts() if screen.slot is None else _Slots(screen.slot)
        self._down: dict[Finger, Point] = {}
        self._dropped = False

    def feed(self, event: InputEvent) -> list[PanelTouch]:
        """What the event completes. A finger is lifted before another takes its number."""
        if event.code == "SYN_DROPPED":  # the kernel lost events: nobody knows what the fingers did meanwhile
            self._dropped = True
            self._fingers.forget()
            return self._changes(event.time_s, {})
        if event.code == "SYN_REPORT":
            dropped, self._dropped = self._dropped, False
            now = None if dropped else self._fingers.report()
            return [] if now is None else self._changes(event.time_s, now)
        if not self._dropped:
            self._fingers.take(event)
        return []

    def _changes(self, time_s: float, now: dict[Finger, Point]) -> list[PanelTouch]:
        before, self._down = self._down, now
        lifted = [PanelTouch(time_s, key[0], "UP", *at) for key, at in before.items() if key not in now]
        return lifted + [
            PanelTouch(time_s, key[0], "MOVE" if key in before else "DOWN", *at)
            for key, at in now.items()
            if before.get(key) != at
        ]


class _Fingers(Protocol):
    def take(self, event: InputEvent) -> None:
        """Take in an event that completes nothing."""

    def report(self) -> dict[Finger, Point] | None:
        """The fingers that are down now; None when the report was not about fingers."""

    def forget(self) -> None:
        """Events were lost: no finger is known any more."""


@dataclass(slots=True)
class _Slot:
    """What the kernel keeps of a slot. A place stays after its finger is lifted: the next may touch the same spot."""

    finger: int = -1
    x: int | None = None
    y: int | None = None


@dataclass(slots=True)
class _Slots:
    """Protocol B. `current` is the slot that events are about.

    The place of a finger is unknown as long as it is where one was before we listened: it counts as down from its
    first movement on.
    """

    current: int
    slots: dict[int, _Slot] = field(default_factory=dict)

    def take(self, event: InputEvent) -> None:
        if event.code == "ABS_MT_SLOT":
            self.current = event.value
            return
        slot = self.slots.setdefault(self.current, _Slot())
        if event.code == "ABS_MT_TRACKING_ID":
            slot.finger = event.value
        elif event.code == "ABS_MT_POSITION_X":
            slot.x = event.value
        elif event.code == "ABS_MT_POSITION_Y":
            slot.y = event.value
        elif event.code == "BTN_TOUCH" and event.value == 0:
            self.forget()

    def report(self) -> dict[Finger, Point]:
        return {
            (number, slot.finger): (slot.x, slot.y)
            for number, slot in self.slots.items()
            if slot.finger >= 0 and slot.x is not None and slot.y is not None
        }

    def forget(self) -> None:
        for slot in self.slots.values():
            slot.finger = -1


@dataclass(slots=True)
class _Contacts:
    """Protocol A. Contacts without a tracking id belong to the nearest finger of the report before."""

    contact: dict[str, int] = field(default_factory=dict)
    contacts: list[dict[str, int]] = field(default_factory=list)
    about_fingers: bool = False
    down: dict[Finger, Point] = field(default_factory=dict)

    def take(self, event: InputEvent) -> None:
        if event.code in ("ABS_MT_POSITION_X", "ABS_MT_POSITION_Y", "ABS_MT_TRACKING_ID"):
            self.contact[event.code] = event.value
        elif event.code == "SYN_MT_REPORT":
            self._end_contact()
        elif event.code == "BTN_TOUCH" and event.value == 0:
            self.about_fingers = True
            self.contact, self.contacts = {}, []

    def report(self) -> dict[Finger, Point] | None:
        if self.contact:  # some that report one finger only leave the separator out
            self._end_contact()
        contacts, self.contacts = self.contacts, []
        about_fingers, self.about_fingers = self.about_fingers, False
        if not about_fingers:
            return None
        named = {
            (contact["ABS_MT_TRACKING_ID"], 0): _place(contact)
            for contact in contacts
            if "ABS_MT_TRACKING_ID" in contact
        }
        unnamed = [_place(contact) for contact in contacts if "ABS_MT_TRACKING_ID" not in contact]
        self.down = named or _nearest(self.down, unnamed)
        return self.down

    def forget(self) -> None:
        self.contact, self.contacts, self.down = {}, [], {}

    def _end_contact(self) -> None:
        self.about_fingers = True
        if {"ABS_MT_POSITION_X", "ABS_MT_POSITION_Y"} <= self.contact.keys():
            self.contacts.append(self.contact)
        self.contact = {}


def _place(contact: dict[str, int]) -> Point:
    return contact["ABS_MT_POSITION_X"], contact["ABS_MT_POSITION_Y"]


def _nearest(before: dict[Finger, Point], places: list[Point]) -> dict[Finger, Point]:
    """Give each place to the finger that was nearest to it, the closest pair first; left-over places to new fingers."""
    pairs = sorted(
        ((x - was[0]) ** 2 + (y - was[1]) ** 2, finger, index)
        for finger, was in before.items()
        for index, (x, y) in enumerate(places)
    )
    owners: dict[int, Finger] = {}
    for _, finger, index in pairs:
        if index not in owners and finger not in owners.values():
            owners[index] = finger
    free = (number for number in range(len(places) + len(before)) if (number, 0) not in before)
    return {owners[index] if index in owners else (next(free), 0): place for index, place in enumerate(places)}
