"""Make endless scrolling end: the screen darkens step by step, then a question."""

from __future__ import annotations

from collections.abc import Iterator

from interventions.sdk import (
    Action,
    Answer,
    App,
    Ask,
    Dim,
    Flow,
    Intervention,
    KeepFirst,
    Press,
    Refuse,
    Scroll,
    SetQuery,
    param,
)

from .pages import asked_for_more, fetched_ahead, too_long
from .progress import Progress

_TIME_STEP_SHARE = 0.1  # of `minutes`: how much longer makes it one step darker


class EndlessScroll(Intervention):
    """Darken the screen once somebody has scrolled `screens` screens (or for `minutes`), by `step` a further screen;
    ask at `most`.

    The answers: go on (as much again), stop (back to the home screen), or not to be asked for `snooze_minutes`.
    Leaving the app starts the count anew.

    In the network, apps get pages of at most `page_size` posts, and nothing that is fetched ahead of its time.
    """

    screens = param(10.0, ge=0, le=1000, help="screens that may be scrolled before it darkens")
    minutes = param(0.0, ge=0, le=600, help="minutes of scrolling before it darkens; 0: only distance counts")
    step = param(0.1, ge=0.01, le=1, help="how much darker with each further screen")
    most = param(0.7, ge=0.05, le=0.95, help="how dark at most; then the question")
    question = param("You have scrolled for a while. Go on?", help="what is asked; empty: it only darkens")
    go_on = param("Go on", help="the answer that grants as much again")
    stop = param("Stop", help="the answer that leaves the app")
    snooze = param("Leave me alone for a while", help="the answer that switches it off for some minutes")
    snooze_minutes = param(15.0, ge=1, le=24 * 60, help="for how long")

    page_size = param(10, ge=0, le=1000, help="in the network: most posts in a page of a feed; 0: as many as there are")
    prefetch = param(False, help="in the network: let apps and players fetch what nobody has asked for yet")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self._package = ""
        self._progress = Progress()
        self._quiet_until_s = float("-inf")

    def on_app(self, app: App) -> None:
        if app.package != self._package:
            self._package = app.package
            self._progress = Progress()
            self._progress.grant(self.screens, 60 * self.minutes)

    def on_scroll(self, scroll: Scroll) -> Iterator[Action]:
        if scroll:
            self._progress.moved(scroll.distance / self.scene.size[1], self.now)
        if self.now < self._quiet_until_s:
            return
        steps = self._progress.steps_over(1.0, 60 * self.minutes * _TIME_STEP_SHARE)
        amount = min(self.most, self.step * steps)
        if amount <= 0:
            return
        why = f"{self._progress.screens:.0f} screens, {self._progress.seconds / 60:.0f} minutes"
        yield Dim(amount, why=why, label="endless scroll", score=amount)
        if amount >= self.most and self.question:
            yield Ask(
                self.question, (self.go_on, self.stop, self.snooze), key=self._key, why=why, label="endless scroll"
            )

    def on_flow(self, flow: Flow) -> Iterator[Action]:
        label = "endless scroll"
        if flow.direction == "request":
            if not self.prefetch and fetched_ahead(flow):
                # What a server says that does not want to be asked ahead of time; a browser asks again when it must.
                yield Refuse(503, why="fetched ahead", label=label)
            if self.page_size:
                for name in asked_for_more(flow, self.page_size):
                    yield SetQuery(name, str(self.page_size), why=f"pages of {self.page_size}", label=label)
        elif flow.direction == "response":
            if (
                not self.prefetch
                and flow.kind in ("manifest", "html")
                and any(one.key == "hints" for one in flow.lists)
            ):
                yield KeepFirst("$.hints", 0, why="fetched ahead", label=label)
            if self.page_size:
                for page in too_long(flow, self.page_size):
                    yield KeepFirst(page.path, self.page_size, why=f"pages of {self.page_size}", label=label)

    def on_answer(self, answer: Answer) -> Iterator[Action]:
        if answer.key != self._key:
            return
        self._progress.grant(self.screens, 60 * self.minutes)
        if answer.choice == self.stop:
            yield Press(key="home", why="the participant chose to stop", label="endless scroll")
        elif answer.choice == self.snooze:
            self._quiet_until_s = self.now + 60 * self.snooze_minutes

    @property
    def _key(self) -> str:
        return f"endless_scroll:{self._package}"
