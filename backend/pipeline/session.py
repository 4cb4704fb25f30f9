"""One live phone: takes the newest frame, passes it along the way, and hands the decision to the sinks."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

from backend.annotations.teaching import Covered, Screen
from backend.engine.decision import Decided
from backend.engine.engine import Engine
from backend.engine.interstitials import Interstitials
from backend.errors import MindproofError, PhoneError
from backend.perception.perception import Perception
from backend.phones.frame import Frame
from backend.phones.phone import Phone
from backend.phones.source import FrameSource
from backend.pipeline.in_network import InNetwork
from backend.pipeline.on_phone import OnPhone
from backend.pipeline.settling import confirms, held_back, with_tree
from backend.pipeline.way import Passed, Way
from backend.sinks.journal import JournalSink
from backend.sinks.mirror import Mirror
from backend.store.entries import Entry, EventEntry
from interventions.sdk import Action, Ask, Block, Cover, Delay, Notify, Press, Replace, Scene

log = logging.getLogger(__name__)

_TICK_S = 1.0
_WAIT_S = 0.15
"""The longest that a switched or late intervention waits to be seen on a still screen."""
_NOTICE_S = 6.0
_BEFORE = 40
"""Screens that are remembered, without their pixels, to tell what else a rule would hide."""
_KEPT = 900
"""Timings kept for the plot, a stage."""


class PhoneSession:
    """Owns the thread of one phone. The engine and the frame source are handed in, so that tests can hand in others."""

    def __init__(
        self,
        phone: Phone,
        source: FrameSource,
        engine: Engine,
        perception: Perception,
        append: Callable[[Entry], None],
        mirror_width: int = 540,
        on_phone: OnPhone | None = None,
        in_network: InNetwork | None = None,
    ) -> None:
        self.on_phone = on_phone
        """Where decisions take effect beside the mirror, if anywhere: on the phone's own screen."""
        self.in_network = in_network
        """What judges and changes the phone's traffic, if anything does."""
        if in_network is not None:
            in_network.carry_out = self._do_passing
        self.phone, self.source, self.engine = phone, source, engine
        self.mirror, self.raw = Mirror(mirror_width), Mirror(mirror_width)
        self.interstitials = Interstitials()
        self.frames = 0
        self.paused = ""
        self.timings: dict[str, deque[tuple[float, float]]] = defaultdict(lambda: deque(maxlen=_KEPT))
        self._append = append
        self._way = Way(perception, engine)
        self._journal = JournalSink(append)
        self._notices: deque[tuple[float, str]] = deque(maxlen=4)
        self._last: Passed | None = None
        self._blocked: tuple[Action, ...] = ()
        self._name = phone.serial
        self._before: deque[Scene] = deque(maxlen=_BEFORE)
        self._late = threading.Event()
        self._shown_s = 0.0
        self._held: Passed | None = None
        self._from_start = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"session {phone.serial}", daemon=True)

    def start(self) -> None:
        self.source.start()
        self._thread.start()
        if self.on_phone is not None:
            self.on_phone.start()
        if self.in_network is not None:
            self.in_network.start()

    def stop(self) -> None:
        """End the thread, the source and the link. Waits for them."""
        if self.in_network is not None:
            self.in_network.stop()
        self._stop.set()
        self.mirror.close()
        self.raw.close()
        self.source.stop()
        if self._thread.is_alive():
            self._thread.join(15.0)
        if self.on_phone is not None:
            self.on_phone.stop()
        self.engine.close()
        self.phone.close()

    @property
    def name(self) -> str:
        """The phone's model once it is known, else its serial."""
        return self._name

    @property
    def shown(self) -> Frame | None:
        """The frame that the mirror shows."""
        return self._last.frame if self._last is not None else None

    # -- what the page asks ----------------------------------------------------------------------------

    @property
    def screen(self) -> Screen | None:
        """What can be pointed at now; None while nothing is shown."""
        last = self._last
        if last is None or self.paused:
            return None
        covers = [
            Covered(decided.action.box, decided.intervention)
            for decided in last.decision.standing
            if isinstance(decided.action, Cover | Replace)
        ]
        covers += [Covered(box) for box in last.adrift]
        return Screen(last.scene, tuple(covers), tuple(self._before))

    def wake_late(self) -> None:
        """A late verdict has come: show it without waiting for the next frame."""
        self._late.set()

    def notices(self) -> tuple[str, ...]:
        """What to tell the participant now."""
        now = monotonic()
        return tuple(message for until, message in self._notices if until > now)

    def blocks(self, x: int, y: int) -> bool:
        """Whether a touch at this place must not reach the phone."""
        if self.paused or self.interstitials.current is not None:
            return True
        return any(
            box is None or (box.left <= x < box.right and box.top <= y < box.bottom)
            for box in (getattr(action, "box", None) for action in self._blocked)
        )

    def answer(self, key: str, choice: str) -> bool:
        """The participant answered; False when that interstitial is not open or may not be dismissed yet."""
        answered = self.interstitials.answer(key, choice, monotonic())
        if answered is None:
            return False
        name, answer = answered
        self.event("answer.given", choice, intervention=name, after_s=round(answer.after_s, 2))
        if choice == "leave":
            self._press(Press(key="home"))
        self.engine.answer(name, answer)
        self._refresh()
        return True

    def pause(self, reason: str) -> None:
        """Take no frames and pass nothing on until `resume`. The mirror goes dark: what is unseen is not judged."""
        self.paused = reason or "paused"
        self._show_nothing()
        if self.on_phone is not None:
            self.on_phone.pause(True)
        if self.in_network is not None:
            self.in_network.pause(True)
        self.event("phone.paused", self.paused)

    def resume(self) -> None:
        if self.paused:
            self.paused = ""
            self._from_start.set()
            if self.on_phone is not None:
                self.on_phone.pause(False)
            if self.in_network is not None:
                self.in_network.pause(False)
            self.event("phone.resumed")

    def event(self, name: str, message: str = "", **detail: str | int | float | bool | None) -> None:
        """Write an event of this phone into the journal."""
        intervention = str(detail.pop("intervention", ""))
        self._append(
            EventEntry(event=name, message=message, phone=self.phone.serial, intervention=intervention, detail=detail)
        )

    # -- the thread ------------------------------------------------------------------------------------

    def _run(self) -> None:
        after, ticked_s = 0, monotonic()
        while not self._stop.is_set():
            if self._from_start.is_set():
                self._from_start.clear()
                after, self._last = 0, None
            frame = self.source.newest(after, _WAIT_S)
            if self.paused:
                after = frame.number if frame is not None else after
                continue
            try:
                if frame is not None:
                    frame = with_tree(self.source, frame, self._stop)
                    after = frame.number
                    self._pass(frame, tick=False)
                elif self._last is not None and self._must_decide_again():
                    self._pass((self._held or self._last).frame, tick=False)
                elif self._held is not None:
                    self._show_held(self._held)
                elif self._last is not None and self._late.is_set():
                    self._apply_late(self._last)
                if self._last is not None and self._held is None and monotonic() - ticked_s >= _TICK_S:
                    ticked_s = monotonic()
                    self._tick(self._last)
            except MindproofError as error:
                self._failed(error)
            except Exception as error:
                log.exception("phone %s: a frame could not be handled", self.phone.serial)
                self._failed(error)

    def _must_decide_again(self) -> bool:
        return self._last is not None and self._way.outdated

    def _pass(self, frame: Frame, tick: bool) -> None:
        self._late.clear()
        if not self.frames:
            self._learn_name()
        waited = monotonic() - frame.time_s
        passed = self._way.take(frame, tick, self.on_phone.drawn if self.on_phone is not None else ())
        self.frames += 1
        held, self._held = self._held, None
        if held is not None and confirms(frame, held):
            self._carry_out(replace(held, adrift=(), same=True))
        if held_back(passed, monotonic() - self._shown_s):
            self._held = passed  # the next tree comes in a moment, and fits
            self._do_passing(passed.decision.passing)
        else:
            self._carry_out(passed)
        now = monotonic()
        for stage, seconds in passed.stages.items():
            self.timings[stage].append((now, seconds))
        self.timings["capture to shown"].append((now, now - frame.time_s))
        if not passed.same:
            self._journal.record(passed.decision, {"wait": waited, **_plain_stages(passed)})

    def _learn_name(self) -> None:
        try:
            self._name = self.phone.info.model or self.phone.serial
        except PhoneError as error:
            log.info("%s; it goes by its serial", error)

    def _show_held(self, held: Passed) -> None:
        """Show what was held back for long enough, though no frame came that fits better.

        Until then nothing else is shown: what the engine decided last, also late or by the clock, is of this frame.
        """
        if not held_back(held, monotonic() - self._shown_s):
            self._held = None
            self._carry_out(held)

    def _apply_late(self, last: Passed) -> None:
        """Show and journal what came after the soft deadline."""
        self._late.clear()
        decision = self.engine.gather(last.scene)
        standing = tuple(
            replace(decided, late=True) if decided.intervention in last.decision.late else decided
            for decided in decision.standing
        )
        decision = replace(decision, standing=standing)
        self._journal.actions(decision)
        self._carry_out(replace(last, decision=decision, same=False))

    def _tick(self, last: Passed) -> None:
        decision = self.engine.tick(replace(last.scene, time_s=monotonic()))
        if decision.standing != last.decision.standing or decision.passing or decision.failures:
            self._journal.actions(decision)
            self._carry_out(replace(last, decision=decision, same=False))

    def _carry_out(self, passed: Passed) -> None:
        """Hand a decision to every sink."""
        if self.paused:
            return
        if not passed.same:
            self._before.append(replace(passed.scene, pixels=None, regions=()))
        self._last, self._shown_s = passed, monotonic()
        decision = passed.decision
        self._blocked = tuple(decided.action for decided in decision.standing if isinstance(decided.action, Block))
        self.mirror.show(passed.frame.pixels, passed.frame.time_s, passed.actions)
        self.raw.show(passed.frame.pixels, passed.frame.time_s)
        for failure in decision.failures:
            self.interstitials.withdraw(failure.intervention, monotonic())
        if self.on_phone is not None:
            self.on_phone.show(passed)
            self.on_phone.interstitial(self.interstitials.current, monotonic())
        if not passed.same:
            self._do_passing(decision.passing)

    def _do_passing(self, passing: Sequence[Decided]) -> None:
        for decided in passing:
            match decided.action:
                case Delay() | Ask():
                    self._open(decided)
                case Press():
                    self._press(decided.action)
                case Notify(message=message):
                    self._notices.append((monotonic() + _NOTICE_S, message))
                    if self.on_phone is not None:
                        self.on_phone.notify(message)
                    self._refresh()

    def _open(self, decided: Decided) -> None:
        if self.interstitials.offer(decided, monotonic()):
            self.event("interstitial.shown", intervention=decided.intervention)
            self._refresh()

    def _press(self, press: Press) -> None:
        try:
            if press.key is not None:
                self.phone.key(press.key)
            if press.box is not None:
                self.phone.tap(*press.box.centre)
        except PhoneError as error:
            log.warning("a press did not reach the phone: %s", error)
            self.event("press.failed", str(error))

    def _refresh(self) -> None:
        """A new picture number, so that browsers fetch notices and interstitials at once; likewise on the phone."""
        if self.on_phone is not None:
            self.on_phone.interstitial(self.interstitials.current, monotonic())
        if self._last is not None:
            frame = self._last.frame
            self.mirror.show(frame.pixels, frame.time_s, self._last.actions)

    def _show_nothing(self) -> None:
        if self._last is not None:
            dark = self._last.frame.pixels * 0
            self.mirror.show(dark, monotonic())
            self.raw.show(dark, monotonic())
        self._last = None

    def _failed(self, error: Exception) -> None:
        """What cannot be judged is not shown: the mirror keeps the picture before, and the journal says why."""
        self.event("frame.failed", f"{type(error).__name__}: {error}")
        self._last = None


def _plain_stages(passed: Passed) -> dict[str, float]:
    return {stage: seconds for stage, seconds in passed.stages.items() if "/" not in stage or stage.startswith("see/")}
