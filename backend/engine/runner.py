"""Runs one intervention in a thread of its own, so that one that throws, hangs or floods harms nobody else.

A runner holds only the newest job: a slow intervention skips frames, it never builds a queue. Answers are different,
none is skipped. A handler stuck in Python code is interrupted by an exception raised inside its thread; one stuck in
a library call is left behind in its (daemon) thread, and the runner is finished either way.

Models are told by when a handler needs its verdicts. One that is not asked in time (`Shed`) is no fault of the
intervention: what it did so far is forgotten, and it sees the same scene again after a pause, unless a newer one comes.
"""

from __future__ import annotations

import ctypes
import logging
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from time import monotonic
from types import TracebackType

from backend.errors import Shed
from backend.serving.deadline import wanted_until
from interventions.sdk import HANDLERS, Action, Answer, App, Intervention, Match, Scene

log = logging.getLogger(__name__)

_VERDICTS_SHARE = 0.9
"""Of the hard deadline: verdicts are wanted by then, so that a model with too much to do suspends nobody."""
_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
"""Before a scene is shown again whose verdicts were not to be had; doubled each time."""

EVERY_HANDLER = frozenset(HANDLERS)


class Interrupted(BaseException):
    """Raised inside a handler that hangs. Not an Exception: an author's ``except Exception`` must not catch it."""


class Flooded(Exception):
    """A handler asked for more actions on one scene than is allowed."""


@dataclass(frozen=True)
class Limits:
    """`max_actions` a scene, `hard_deadline_s` a job."""

    max_actions: int = 400
    hard_deadline_s: float = 10.0


@dataclass(frozen=True)
class Job:
    """One scene to decide on. `tick` asks for ``on_tick`` as well; `answers` are added by the runner.

    `repeated`: it was decided on before, by what its models said then.
    """

    scene: Scene
    matches: tuple[Match, ...] = ()
    tick: bool = False
    only_tick: bool = False
    repeated: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of a job. `traceback` is set when the intervention failed, `shed` when a model was not asked in time;
    then `actions` is empty. `repeated` as in the job."""

    scene: Scene
    actions: tuple[Action, ...] = ()
    seconds: float = 0.0
    traceback: str = ""
    only_tick: bool = False
    shed: str = ""
    repeated: bool = False


@dataclass
class _State:
    """`again` is a job whose verdicts were not to be had, to be done again at `again_s` after a pause of `pause_s`;
    `newest` the newest job that was begun, ticks left out."""

    job: Job | None = None
    newest: Job | None = None
    again: Job | None = None
    again_s: float = 0.0
    pause_s: float = _PAUSE_S
    running: Job | None = None
    started_s: float = 0.0
    answers: deque[Answer] = field(default_factory=deque)
    outcome: Outcome | None = None
    stop: bool = False


class Runner:
    """One intervention, one thread. `on_done(runner, outcome)` is called in that thread after every job.

    Of its handlers only those in `handlers` are called; ``on_app`` always is, for what it keeps in mind.
    """

    def __init__(
        self,
        name: str,
        intervention: Intervention,
        limits: Limits = Limits(),
        on_done: Callable[[Runner, Outcome], None] | None = None,
        handlers: frozenset[str] = EVERY_HANDLER,
    ) -> None:
        self.name = name
        self.intervention = intervention
        self.limits = limits
        self._on_done = on_done
        self._handlers = handlers
        self._state = _State()
        self._changed = threading.Condition()
        self._app: App | None = None
        self._thread = threading.Thread(target=self._run, name=f"intervention {name}", daemon=True)
        self._thread.start()

    def submit(self, job: Job) -> None:
        """Hand over the newest scene; one that waited is dropped."""
        with self._changed:
            waiting = self._state.job
            if job.only_tick and waiting is not None:
                job = replace(waiting, tick=True)
            self._state.job = job
            if not job.only_tick:
                self._state.again = None
            self._changed.notify_all()

    def repeat(self) -> None:
        """Have the newest scene decided on once more, where none waits to be: a model says something else of it now."""
        with self._changed:
            state = self._state
            if state.newest is None or (state.job is not None and not state.job.only_tick) or state.again is not None:
                return
            still = replace(state.newest.scene, scroll=replace(state.newest.scene.scroll, dx=0, dy=0))
            ticks = state.job is not None
            state.job = replace(state.newest, scene=still, tick=ticks, repeated=True)
            self._changed.notify_all()

    def starved(self) -> bool:
        """Whether a model was not asked in time about its newest scene, which it will see again."""
        with self._changed:
            return self._state.again is not None

    def answer(self, answer: Answer) -> None:
        with self._changed:
            self._state.answers.append(answer)

    def answers_wait(self) -> bool:
        """Whether an answer has not been handled yet."""
        with self._changed:
            return bool(self._state.answers)

    def wait(self, scene_number: int, until_s: float) -> Outcome | None:
        """The outcome for `scene_number`, or None when it is not there at `until_s` (``time.monotonic``)."""
        with self._changed:
            while True:
                outcome = self._state.outcome
                if outcome is not None and (outcome.scene.number >= scene_number or outcome.traceback):
                    return outcome
                left = until_s - monotonic()
                if left <= 0 or self._state.stop:
                    return None
                self._changed.wait(left)

    def overdue(self) -> bool:
        """Whether the job at hand has outrun the hard deadline."""
        with self._changed:
            state = self._state
            return state.running is not None and monotonic() - state.started_s > self.limits.hard_deadline_s

    def abandon(self) -> str:
        """Interrupt the handler and give the runner up; where it hung, as a traceback."""
        frame = sys._current_frames().get(self._thread.ident or 0)
        where = "".join(traceback.format_stack(frame)[-6:]) if frame else ""
        self.stop()
        if self._thread.ident is not None:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self._thread.ident), ctypes.py_object(Interrupted)
            )
        return f"no answer within {self.limits.hard_deadline_s:g} s; it hung here:\n{where}"

    def stop(self) -> None:
        with self._changed:
            self._state.stop = True
            self._changed.notify_all()

    def join(self, timeout_s: float) -> bool:
        """Wait for the thread to end; whether it did."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # -- in the runner's own thread ----------------------------------------------------------------

    def _run(self) -> None:
        try:
            while (job := self._next()) is not None:
                outcome = replace(self._attempt(job), repeated=job.repeated)
                with self._changed:
                    if self._state.stop:
                        return
                    self._state.running = None
                    if outcome.shed:
                        self._put_off(job)
                    elif not job.only_tick or outcome.traceback:
                        self._state.outcome = outcome
                        self._state.again, self._state.pause_s = None, _PAUSE_S
                    self._changed.notify_all()
                if outcome.shed:
                    log.info("intervention %s waits: %s", self.name, outcome.shed)
                elif self._on_done is not None:
                    self._on_done(self, outcome)
        except Interrupted:
            return

    def _next(self) -> Job | None:
        with self._changed:
            state = self._state
            while state.job is None and not state.stop:
                left = state.again_s - monotonic() if state.again is not None else None
                if left is not None and left <= 0:
                    state.job = state.again
                else:
                    self._changed.wait(left)
            if state.stop or state.job is None:
                return None
            job, state.job = state.job, None
            state.running, state.started_s = job, monotonic()
            if not job.only_tick:
                state.newest = job
            return job

    def _put_off(self, job: Job) -> None:
        state = self._state
        if job.only_tick or (state.job is not None and not state.job.only_tick):
            return
        state.again, state.again_s = job, monotonic() + state.pause_s
        state.pause_s = min(2 * state.pause_s, _LONGEST_PAUSE_S)

    def _attempt(self, job: Job) -> Outcome:
        started, app, answered = monotonic(), self._app, list[Answer]()
        try:
            with wanted_until(started + _VERDICTS_SHARE * self.limits.hard_deadline_s):
                actions = tuple(self._limited(self._reactions(job, answered)))
        except Shed as error:
            self._app = app
            self._state.answers.extendleft(reversed(answered))
            return Outcome(job.scene, seconds=monotonic() - started, only_tick=job.only_tick, shed=str(error))
        except Exception as error:  # noqa: BLE001 - isolation is this method's purpose; the traceback is reported
            text = "".join(traceback.format_exception(type(error), error, _own_part(error)))
            return Outcome(job.scene, seconds=monotonic() - started, traceback=text, only_tick=job.only_tick)
        return Outcome(job.scene, actions, monotonic() - started, only_tick=job.only_tick)

    def _limited(self, actions: Iterable[Action]) -> Iterator[Action]:
        for count, action in enumerate(actions, 1):
            if count > self.limits.max_actions:
                raise Flooded(f"more than {self.limits.max_actions} actions for one scene")
            if not isinstance(action, Action):
                raise TypeError(f"a handler yielded {action!r}, which is no action (Cover, Dim, Ask ...)")
            yield action

    def _reactions(self, job: Job, answered: list[Answer]) -> Iterator[Action]:
        """Call the handlers that have something to handle, in a fixed order; `answered` are the answers they took."""
        it, scene = self.intervention, job.scene
        it.scene, it.now = scene, scene.time_s
        if scene.app != self._app:
            self._app = scene.app
            yield from it.on_app(scene.app) or ()
        while self._state.answers:
            answered.append(self._state.answers.popleft())
            yield from it.on_answer(answered[-1]) or ()
        if not job.only_tick:
            if scene.widgets and "on_widget" in self._handlers:
                yield from it.on_widget(scene.widgets) or ()
            if scene.lines and "on_text" in self._handlers:
                yield from it.on_text(scene.lines) or ()
            if scene.regions and "on_region" in self._handlers:
                yield from it.on_region(scene.regions) or ()
            if type(it).masks and "on_mask" in self._handlers:
                yield from it.on_mask(job.matches) or ()
            if scene.flow is not None and "on_flow" in self._handlers:
                yield from it.on_flow(scene.flow) or ()
            if "on_scroll" in self._handlers:
                yield from it.on_scroll(scene.scroll) or ()
        if job.tick or job.only_tick:
            yield from it.on_tick(scene.time_s) or ()


def _own_part(error: BaseException) -> TracebackType | None:
    """The traceback from the author's frame on; our own frames above it tell the author nothing."""
    tb = error.__traceback__
    while tb is not None and tb.tb_frame.f_code.co_filename == __file__ and tb.tb_next is not None:
        tb = tb.tb_next
    return tb
