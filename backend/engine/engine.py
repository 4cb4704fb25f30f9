"""Scene in, actions out: runs the interventions that are switched on, on one phone.

`decide` hands the scene to every runner and waits for them until the soft deadline. Who is late by then is not waited
for: what it hid before stays hidden wherever it is now, what is new gets a placeholder, and `on_late` calls when its
verdict has come, so that `gather` can be asked again. A failure is reported once and suspends its intervention; the
others never notice.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any, Literal

from backend.engine.active import Active, construct, make_active
from backend.engine.catalog import Catalog
from backend.engine.conflicts import resolve
from backend.engine.decision import Decided, Decision, Failure
from backend.engine.drift import Drift
from backend.engine.masks import load_templates
from backend.engine.runner import EVERY_HANDLER, Job, Limits, Outcome, Runner
from backend.errors import InterventionError, MindproofError
from interventions.sdk import STANDING, Action, Answer, Judge, Match, Parameter, Scene

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineEvent:
    """Something a researcher should know: `kind` with the intervention's name and a text (a traceback, an error)."""

    kind: Literal["enabled", "disabled", "changed", "reloaded", "failed", "refused"]
    intervention: str
    text: str = ""


@dataclass(frozen=True)
class Status:
    """An intervention as the page shows it."""

    name: str
    title: str
    description: str
    enabled: bool
    error: str
    apps: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    values: Mapping[str, Any]
    actions: int
    late: int


class Engine:
    """The interventions of one phone. All methods may be called from any thread."""

    def __init__(
        self,
        catalog: Catalog,
        load_model: Callable[[str], Judge],
        *,
        limits: Limits = Limits(),  # noqa: B008 - immutable
        soft_deadline_s: float | None = 0.4,
        handlers: frozenset[str] = EVERY_HANDLER,
        on_event: Callable[[EngineEvent], None] = lambda event: None,
        on_late: Callable[[], None] = lambda: None,
    ) -> None:
        """`soft_deadline_s` None waits for everybody up to the hard deadline: deterministic, for replays and tests.
        Only `handlers` are called; an intervention that has none of them is passed over when it is switched on.
        `on_event` and `on_late` are called in any thread and must not block.
        """
        self._catalog, self._load_model, self._limits = catalog, load_model, limits
        self._handlers = handlers
        self._soft_deadline_s = soft_deadline_s
        self._on_event, self._on_late = on_event, on_late
        self._lock = threading.RLock()
        self._active: dict[str, Active] = {}
        self._errors: dict[str, str] = {}
        self._failures: list[Failure] = []
        self._drift = Drift()
        self.generation = 0
        """Grows whenever an intervention starts, stops or changes: what was decided before no longer holds."""

    # -- switching on and off ----------------------------------------------------------------------

    def enable(self, name: str, values: Mapping[str, Any] | None = None, apps: Iterable[str] | None = None) -> None:
        """Load `name` and start it; one that runs already is started anew. Raises InterventionError or ModelError."""
        scope = tuple(apps) if apps is not None else None
        try:
            loaded = self._catalog.load(name)
            if self._handlers < EVERY_HANDLER and self._handlers.isdisjoint(loaded.kind.handlers()):
                return
            active = make_active(
                loaded, values or {}, scope, self._load_model, self._limits, self._done, self._handlers
            )
        except MindproofError as error:
            self._errors[name] = str(error)
            self._on_event(EngineEvent("refused", name, str(error)))
            raise
        with self._lock:
            old = self._active.pop(name, None)
            self._active[name] = active
            self._errors.pop(name, None)
            self.generation += 1
        if old is not None:
            old.runner.stop()
        self._on_event(EngineEvent("enabled", name))

    def disable(self, name: str) -> None:
        """Stop `name`; its covers lapse with the next decision. Nothing happens when it is not running."""
        with self._lock:
            active = self._active.pop(name, None)
            self.generation += 1
        if active is not None:
            active.runner.stop()
            self._on_event(EngineEvent("disabled", name))

    def set_values(self, name: str, values: Mapping[str, Any]) -> None:
        """Change parameters of a running intervention; all of them or, when one is refused, none."""
        with self._lock:
            active = self._active.get(name)
        if active is None:
            raise InterventionError(f"{name} is not switched on", "switch it on first")
        checked = construct(active.loaded, {**active.intervention.values(), **values})
        checked.bind(self._load_model)
        templates = load_templates(name, active.loaded.folder, checked.wanted_masks())
        for key, value in checked.values().items():
            setattr(active.intervention, key, value)
        active.intervention.bind(self._load_model)
        with self._lock:
            active.templates = templates
            self.generation += 1
        self._on_event(EngineEvent("changed", name, ", ".join(f"{key}={value!r}" for key, value in values.items())))

    def reload(self, name: str) -> bool:
        """Take up changed files of a running intervention. When they do not load, the old code runs on; whether it
        was replaced.
        """
        with self._lock:
            active = self._active.get(name)
        if active is None:
            return False
        try:
            loaded = self._catalog.load(name)
            takes = {parameter.name for parameter in loaded.kind.parameters()}
            kept = {key: value for key, value in active.intervention.values().items() if key in takes}
            fresh = make_active(loaded, kept, active.apps, self._load_model, self._limits, self._done, self._handlers)
        except MindproofError as error:
            self._errors[name] = str(error)
            self._on_event(EngineEvent("refused", name, str(error)))
            return False
        with self._lock:
            self._active[name] = fresh
            self._errors.pop(name, None)
            self.generation += 1
        active.runner.stop()
        self._on_event(EngineEvent("reloaded", name))
        return True

    def enabled(self) -> list[str]:
        with self._lock:
            return sorted(self._active)

    def kinds(self) -> dict[str, Active]:
        """The interventions that are switched on, by name: perception asks what they need."""
        with self._lock:
            return dict(self._active)

    def status(self) -> list[Status]:
        """Every known intervention, those that are off included."""
        return [self._status_of(name) for name in self._catalog.names()]

    def close(self) -> None:
        for name in self.enabled():
            self.disable(name)

    # -- deciding ----------------------------------------------------------------------------------

    def decide(
        self, scene: Scene, matches: Mapping[str, tuple[Match, ...]] | None = None, tick: bool = False
    ) -> Decision:
        """What to do about `scene`. Returns at the soft deadline at the latest."""
        with self._lock:
            self._drift.follow(scene)
            asked = {name: active for name, active in self._active.items() if active.concerns(scene.app)}
        for name, active in asked.items():
            active.runner.submit(Job(scene, (matches or {}).get(name, ()), tick))
        until = monotonic() + (self._soft_deadline_s or self._limits.hard_deadline_s)
        for active in asked.values():
            outcome = active.runner.wait(scene.number, until)
            if outcome is None:
                # It had all the time there is, whether or not its own clock says so; unless it was a model's fault.
                if self._soft_deadline_s is None and not active.runner.starved():
                    self._suspend(active.runner, active.runner.abandon())
                continue
            with self._lock:
                active.take(outcome)
            if outcome.traceback:
                self._suspend(active.runner, outcome.traceback)
        self._suspend_hanging()
        return self.gather(scene)

    def tick(self, scene: Scene) -> Decision:
        """Call ``on_tick`` on an unchanged screen (`scene` with its new time), without waiting for it."""
        with self._lock:
            asked = [
                active
                for active in self._active.values()
                if active.concerns(scene.app)
                and ("on_tick" in type(active.intervention).handlers() or active.runner.answers_wait())
            ]
        for active in asked:
            active.runner.submit(Job(scene, only_tick=True))
        self._suspend_hanging()
        return self.gather(scene)

    def gather(self, scene: Scene) -> Decision:
        """The decision for `scene` from what the runners have said so far. Passing actions are handed out once."""
        standing: list[Decided] = []
        passing: list[Decided] = []
        late: list[str] = []
        seconds: dict[str, float] = {}
        with self._lock:
            for name, active in self._active.items():
                priority = type(active.intervention).priority
                passing += [Decided(name, action, priority, scene=number) for number, action in active.fresh]
                active.fresh.clear()
                if not active.concerns(scene.app):
                    continue
                standing += [Decided(name, action, priority) for action in active.ticked]
                outcome = active.outcome
                if outcome is not None and outcome.scene.number >= scene.number:
                    standing += [
                        Decided(name, action, priority, late=outcome.repeated) for action in _standing(outcome)
                    ]
                    seconds[name] = outcome.seconds
                    continue
                late.append(name)
                active.late += 1
                standing += self._carried(name, active, scene)
            failures, self._failures = tuple(self._failures), []
        return Decision(scene, resolve(standing, scene.size), tuple(passing), failures, tuple(late), seconds)

    def reconsider(self, judge: str) -> None:
        """The model `judge` says something else of what it has judged: ask the interventions that use it once more
        about their newest scene. Returns at once; `on_late` calls when they have answered.
        """
        with self._lock:
            asked = [active.runner for active in self._active.values() if judge in active.judges()]
        for runner in asked:
            runner.repeat()

    def outdate(self, judge: str) -> bool:
        """The same, for an owner who asks by himself: what was decided by the word of `judge` no longer holds.

        Returns:
            Whether an intervention uses it.
        """
        with self._lock:
            concerned = any(judge in active.judges() for active in self._active.values())
            self.generation += concerned
        return concerned

    def answer(self, name: str, answer: Answer) -> None:
        """Pass on what the participant answered; it is handled with the next scene or tick."""
        with self._lock:
            active = self._active.get(name)
        if active is not None:
            active.runner.answer(answer)

    # -- inside ------------------------------------------------------------------------------------

    def _carried(self, name: str, active: Active, scene: Scene) -> list[Decided]:
        priority = type(active.intervention).priority
        carried = [Decided(name, cover, priority, late=True) for cover in active.placeholders(scene)]
        if active.outcome is not None:
            for action in _standing(active.outcome):
                moved = self._drift.carry(action, active.outcome.scene.number)
                if moved is not None:
                    carried.append(Decided(name, moved, priority, late=True))
        return carried

    def _done(self, runner: Runner, outcome: Outcome) -> None:
        """In the runner's thread: keep the outcome, whether or not somebody still waits for it."""
        with self._lock:
            active = self._active.get(runner.name)
            if active is None or active.runner is not runner:
                return
            active.take(outcome)
        if outcome.traceback:
            self._suspend(runner, outcome.traceback)
        self._on_late()

    def _suspend_hanging(self) -> None:
        with self._lock:
            hanging = [active.runner for active in self._active.values() if active.runner.overdue()]
        for runner in hanging:
            self._suspend(runner, runner.abandon())

    def _suspend(self, runner: Runner, traceback: str) -> None:
        with self._lock:
            active = self._active.get(runner.name)
            if active is None or active.runner is not runner:
                return
            del self._active[runner.name]
            self.generation += 1
            self._errors[runner.name] = traceback
            self._failures.append(Failure(runner.name, traceback))
            log.error("intervention %s is suspended:\n%s", runner.name, traceback)
            self._on_event(EngineEvent("failed", runner.name, traceback))
        runner.stop()

    def _status_of(self, name: str) -> Status:
        with self._lock:
            active = self._active.get(name)
            error = self._errors.get(name, "")
        if active is not None:
            kind = type(active.intervention)
            return Status(
                name,
                active.loaded.manifest.title,
                active.loaded.manifest.description,
                True,
                error,
                active.apps if active.apps is not None else tuple(kind.apps),
                tuple(kind.parameters()),
                active.intervention.values(),
                active.actions,
                active.late,
            )
        try:
            loaded = self._catalog.peek(name)
        except MindproofError as failure:
            return Status(name, name, "", False, error or str(failure), (), (), {}, 0, 0)
        parameters = tuple(loaded.kind.parameters())
        values = {parameter.name: parameter.default for parameter in parameters}
        title, text = loaded.manifest.title, loaded.manifest.description
        return Status(name, title, text, False, error, tuple(loaded.kind.apps), parameters, values, 0, 0)


def _standing(outcome: Outcome) -> list[Action]:
    return [action for action in outcome.actions if isinstance(action, STANDING)]
