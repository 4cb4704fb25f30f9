"""The touches of a phone's owner, as its touchscreen reports them: ``getevent`` over a connection of its own.

Touches that are injected (``input``, a mirror's) do not pass the touchscreen of a real phone and are not heard.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from backend.errors import PhoneError
from backend.phones.backoff import Backoff
from backend.phones.display import Display
from backend.phones.phone import Phone
from backend.phones.touchscreen import (
    Action,
    FingerReader,
    InputEvent,
    PanelTouch,
    Touchscreen,
    parse_event,
    parse_touchscreens,
)
from backend.phones.transport import STREAM_SILENCE_S, AdbTransport

log = logging.getLogger(__name__)

TURNED_S = 1.0
"""How often at most, when a finger comes down, the phone is asked how it is held."""
SLEPT_S = 1.0
"""An event that comes so much later than those before: the phone slept meanwhile, and its clock stood still."""


@dataclass(frozen=True, slots=True)
class Touch:
    """What a finger did at `time_s` (``time.monotonic``) at the pixel (`x`, `y`) of the screen as it was then held.

    `finger` tells fingers apart that are down together.
    """

    time_s: float
    action: Action
    x: int
    y: int
    finger: int = 0


class TouchListener:
    """Tells `on_touches` what fingers do, on a thread of its own, from `start` to `stop`.

    It raises nothing: where touches cannot be heard the log says why, once. `on_touches` must not raise.
    """

    def __init__(self, phone: Phone, on_touches: Callable[[Sequence[Touch]], None]) -> None:
        self._phone = phone
        self._on_touches = on_touches
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"touches {phone.serial}", daemon=True)
        self._lane: AdbTransport | None = None
        self._backoff = Backoff()
        self._lost = False

    def start(self) -> Self:
        if self._phone.takes_lanes:
            self._thread.start()
        else:
            self._say("one USB connection carries pictures or touches, not both; over the network it carries both")
        return self

    def stop(self) -> None:
        """End the thread and its connection."""
        self._stopping.set()
        lane = self._lane
        if lane is not None:
            lane.close()
        if self._thread.is_alive():
            self._thread.join(20)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                with self._phone.lane() as self._lane:
                    if not self._stopping.is_set():  # else `stop` came too early to close this lane
                        self._listen(self._lane)
                return
            except PhoneError as error:
                if not self._stopping.is_set():
                    log.log(logging.DEBUG if self._lost else logging.INFO, "%s; touches wait for it", error.message)
                    self._lost = True
                    self._stopping.wait(self._backoff.delay_s())
            except Exception:
                log.exception("phone %s: listening for touches failed in a way nobody foresaw", self._phone.serial)
                return

    def _listen(self, lane: AdbTransport) -> None:
        """Tell touches until the phone ends it, or the link breaks (PhoneError)."""
        listed = lane.shell("getevent -lp")
        screens = parse_touchscreens(listed.out)
        if not screens:
            troubles = [line for line in listed.err.splitlines() if not listed.ok or "Permission denied" in line]
            self._say(troubles[-1] if troubles else "it has no touchscreen")
            return
        decoder = TouchDecoder(screens, _Held(self._phone))
        only = screens[0].path if len(screens) == 1 else ""
        try:
            for chunk in lane.stream(f"getevent -lt {only}".rstrip(), STREAM_SILENCE_S, STREAM_SILENCE_S):
                touches = decoder.feed(chunk, time.monotonic())
                self._lost = False
                if touches:
                    self._backoff.reset()
                    self._on_touches(touches)
                if self._stopping.is_set():
                    return
        finally:
            self._on_touches(decoder.end(time.monotonic()))
        if decoder.heard:  # a touchscreen that is switched off and on is another device afterwards
            raise PhoneError(lane.serial, f"its touchscreen fell silent: {decoder.complaint}", "")
        self._say(decoder.complaint or "it stopped telling them")

    def _say(self, reason: str) -> None:
        if not self._stopping.is_set():
            log.warning("phone %s: its touches are not heard: %s", self._phone.serial, reason)


class TouchDecoder:
    """From the bytes of ``getevent -lt`` to touches in pixels on our clock.

    Args:
        held: called when a finger comes down; how the screen is held.
    """

    def __init__(self, screens: Sequence[Touchscreen], held: Callable[[], Display]) -> None:
        self._screens = {screen.path: (screen, FingerReader(screen)) for screen in screens}
        self._only = self._screens[screens[0].path] if len(screens) == 1 else None
        self._held = held
        self._display: Display | None = None
        self._clock = PhoneClock()
        self._rest = b""
        self.heard = False
        """Whether there was any event."""
        self.complaint = ""
        """The last line in which ``getevent`` speaks of a trouble."""

    def feed(self, data: bytes, arrived_s: float) -> list[Touch]:
        """The touches that `data`, any piece of the output, completes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        touches: list[Touch] = []
        for line in lines:
            text = line.decode("utf-8", "replace")
            event = parse_event(text)
            if event is None:
                self.complaint = text.strip() if text.startswith("could not") else self.complaint
            else:
                self.heard = True
                touches += self._take(event, self._clock.ours(event.time_s, arrived_s))
        return touches

    def end(self, now_s: float) -> list[Touch]:
        """Nothing more comes: fingers that are still down count as lifted, for nobody will tell of it."""
        lost = (InputEvent(now_s, path, "EV_SYN", "SYN_DROPPED", 0) for path in self._screens)
        return [touch for event in lost for touch in self._take(event, now_s)]

    def _take(self, event: InputEvent, time_s: float) -> list[Touch]:
        found = self._screens.get(event.device) if event.device else self._only
        if found is None:
            return []
        screen, reader = found
        return [self._in_pixels(screen, touch, time_s) for touch in reader.feed(event)]

    def _in_pixels(self, screen: Touchscreen, touch: PanelTouch, time_s: float) -> Touch:
        if self._display is None or touch.action == "DOWN":
            self._display = self._held()
        (width, height), turns = self._display.size, self._display.rotation
        across, down = (height, width) if turns % 2 else (width, height)
        x, y = screen.x.pixel(touch.x, across), screen.y.pixel(touch.y, down)
        turned = ((x, y), (y, across - 1 - x), (across - 1 - x, down - 1 - y), (down - 1 - y, x))
        return Touch(time_s, touch.action, *turned[turns], touch.finger)


@dataclass(slots=True)
class PhoneClock:
    """The phone's clock in terms of ours, from when events arrive: none arrives before it happened, so the event that
    took the least time on its way tells the difference best. Times never go back."""

    _behind_s: float = float("inf")
    _last_s: float = float("-inf")

    def ours(self, phone_s: float, arrived_s: float) -> float:
        """The time on our clock of an event at `phone_s` that arrived at `arrived_s`."""
        behind_s = arrived_s - phone_s
        if behind_s < self._behind_s or behind_s > self._behind_s + SLEPT_S:
            self._behind_s = behind_s
        self._last_s = max(self._last_s, phone_s + self._behind_s)
        return self._last_s


class _Held:
    """How the phone is held, asked again only after a while."""

    def __init__(self, phone: Phone) -> None:
        self._phone = phone
        self._display = phone.display()
        self._asked_s = time.monotonic()

    def __call__(self) -> Display:
        if time.monotonic() - self._asked_s > TURNED_S:
            try:
                self._display = self._phone.display()
            except PhoneError as error:
                log.debug("how it is held: %s", error.message)
            self._asked_s = time.monotonic()
        return self._display
