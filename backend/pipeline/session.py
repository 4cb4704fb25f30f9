"""One live phone: takes the newest frame, passes it along the way, and hands the decision to the sinks."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from time import monotonic

from backend.engine.decision import Decided, Decision
from backend.engine.engine import Engine
from backend.engine.interstitials import Interstitials
from backend.errors import MindproofError, PhoneError
from backend.perception.perception import Perception
from backend.phones.frame import Frame
from backend.phones.phone import Phone
from backend.phones.source import FrameSource
from backend.pipeline.way import Passed, Way
from backend.sinks.journal import JournalSink
from backend.sinks.mirror import Mirror
from backend.store.entries import Entry, EventEntry
from interventions.sdk import Action, Ask, Block, Delay, Notify, Press

log = logging.getLogger(__name__)

_TICK_S = 1.0
_WAIT_S = 0.15
_NOTICE_S = 6.0
_TREE_PATIENCE_S = 0.6
_FIRST_TREE_S = 2.0
_HOLD_S = 0.7
_KNOWN_ENOUGH = 0.1
_KEPT = 900


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
    ) -> None:
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
        self._late = threading.Event()
        self._shown_s = 0.0
        self._held: Passed | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"session {phone.serial}", daemon=True)

    def start(self) -> None:
        self.source.start()
        self._thread.start()

    def stop(self) -> None:
        """End the thread, the source and the link. Waits for them."""
        self._stop.set()
        self.mirror.close()
        self.raw.close()
        self.source.stop()
        if self._thread.is_alive():
            self._thread.join(15.0)
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
        self.event("phone.paused", self.paused)

    def resume(self) -> None:
        if self.paused:
            self.paused = ""
            self._last = None
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
            frame = self.source.newest(after, _WAIT_S)
            if self.paused:
                after = frame.number if frame is not None else after
                continue
            try:
                if frame is not None:
                    frame = self._with_tree(frame)
                    after = frame.number
                    self._pass(frame, tick=False)
                elif self._last is not None and self._must_decide_again():
                    self._pass(self._last.frame, tick=False)
                elif self._last is not None and self._late.is_set():
                    self._late.clear()
                    self._carry_out(replace(self._last, decision=self.engine.gather(self._last.scene)))
                if self._last is not None and monotonic() - ticked_s >= _TICK_S:
                    ticked_s = monotonic()
                    self._tick(self._last)
            except MindproofError as error:
                self._failed(error)
            except Exception as error:
                log.exception("phone %s: a frame could not be handled", self.phone.serial)
                self._failed(error)

    def _with_tree(self, frame: Frame) -> Frame:
        """Wait a moment for the UI tree where this phone gives one: it says exactly what OCR reads slowly."""
        stats = self.source.stats
        patience_s = min(_TREE_PATIENCE_S, 0.1 + 3 * stats.tree_ms / 1000) if stats.trees else _FIRST_TREE_S
        until = monotonic() + patience_s
        while not _has_tree(frame) and not self.source.stats.tree_problem and not self._stop.is_set():
            left = until - monotonic()
            if left <= 0:
                break
            frame = self.source.newest(frame.number, min(left, 0.1)) or frame
        return frame

    def _is_held_back(self, passed: Passed) -> bool:
        """Whether too much of a frame is newer than its UI tree to show it now. For a moment only: then it is shown,
        with those parts covered.
        """
        unknown = sum(box.area for box in passed.adrift)
        width, height = passed.scene.size
        return unknown > _KNOWN_ENOUGH * width * height and monotonic() - self._shown_s < _HOLD_S

    def _must_decide_again(self) -> bool:
        return self._last is not None and self._way.outdated

    def _pass(self, frame: Frame, tick: bool) -> None:
        self._late.clear()
        if not self.frames:
            self._name = self.phone.info.model or self.phone.serial
        waited = monotonic() - frame.time_s
        passed = self._way.take(frame, tick)
        self.frames += 1
        held, self._held = self._held, None
        if held is not None and _confirms(frame, held):
            self._carry_out(replace(held, adrift=(), same=True))
        if self._is_held_back(passed):
            self._held = passed  # the next tree comes in a moment, and fits
            self._do_passing(passed.decision)
        else:
            self._carry_out(passed)
        now = monotonic()
        for stage, seconds in passed.stages.items():
            self.timings[stage].append((now, seconds))
        self.timings["capture to shown"].append((now, now - frame.time_s))
        if not passed.same:
            self._journal.record(passed.decision, {"wait": waited, **_plain_stages(passed)})

    def _tick(self, last: Passed) -> None:
        decision = self.engine.tick(replace(last.scene, time_s=monotonic()))
        if decision.standing != last.decision.standing or decision.passing or decision.failures:
            self._journal.passing(decision)
            self._carry_out(replace(last, decision=decision))

    def _carry_out(self, passed: Passed) -> None:
        """Hand a decision to every sink."""
        self._last, self._shown_s = passed, monotonic()
        decision = passed.decision
        self._blocked = tuple(decided.action for decided in decision.standing if isinstance(decided.action, Block))
        self.mirror.show(passed.frame.pixels, passed.frame.time_s, passed.actions)
        self.raw.show(passed.frame.pixels, passed.frame.time_s)
        for failure in decision.failures:
            self.interstitials.withdraw(failure.intervention, monotonic())
        if not passed.same:
            self._do_passing(decision)

    def _do_passing(self, decision: Decision) -> None:
        for decided in decision.passing:
            match decided.action:
                case Delay() | Ask():
                    self._open(decided)
                case Press():
                    self._press(decided.action)
                case Notify(message=message):
                    self._notices.append((monotonic() + _NOTICE_S, message))
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
        """A new picture number, so that browsers fetch notices and interstitials at once."""
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


def _confirms(frame: Frame, held: Passed) -> bool:
    """Whether `frame` brings a tree, asked for after `held` was taken, that says what held's own tree says: then held's
    picture was of that layout, though it came after its tree (a video plays, a clock goes on).
    """
    old, new = held.frame.tree, frame.tree
    if held.moved or old is None or new is None or new.asked_s < held.frame.time_s:
        return False
    return new is not old and new.widgets == old.widgets


def _has_tree(frame: Frame) -> bool:
    """Whether there is a tree that says anything; an app that is just starting has an empty one."""
    return frame.tree is not None and bool(frame.tree.widgets)


def _plain_stages(passed: Passed) -> dict[str, float]:
    return {stage: seconds for stage, seconds in passed.stages.items() if "/" not in stage or stage.startswith("see/")}
