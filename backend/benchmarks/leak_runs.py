"""``mindproof bench leaks``: the frames on which somebody who looks at the phone could read an abusive line.

The same hand uses the same phone for as long, twice: with interventions on the mirror only, which leaves the phone's
own screen as it is, and inside the apps. Both times every frame that the screen showed is kept and read.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, perf_counter, sleep
from typing import Any, Literal

from backend.benchmarks.chart import bars
from backend.benchmarks.form import Check, Figures, at_least, at_most
from backend.benchmarks.hand import Hand
from backend.benchmarks.leaks import FrameKeeper, count_leaks
from backend.errors import AgentError
from backend.phones.keys import host_key
from backend.phones.phone import Phone
from backend.phones.virtual import abusive_lines, start_virtual_phone
from backend.pipeline.runtime import BackendRuntime
from backend.pipeline.session import PhoneSession
from backend.settings import Settings
from backend.store.journal import Journal

On = Literal["mirror", "app"]
SIZE = (1080, 2220)
_READY_S = 40.0


@dataclass(frozen=True)
class Plan:
    """How long the hand uses each phone, and what is on."""

    seconds: float = 20.0
    seeds: tuple[int, ...] = (1, 2, 3)
    names: tuple[str, ...] = ("hate_speech",)


QUICK = Plan(seconds=12.0, seeds=(1,))


def run(plan: Plan, settings: Settings, say: Callable[[str], None]) -> Figures:
    """Both ways for each seed, one after the other. Raises PhoneError, InterventionError, ModelError, AgentError."""
    figures = Figures("leaks", list(plan.seeds))
    for seed in plan.seeds:
        for on in ("mirror", "app"):
            figures.rows.append(_measured(plan, settings, seed, on, say))
    figures.checks = checks(figures)
    figures.notes = [f"{', '.join(plan.names)} on; each frame read by OCR, {plan.seconds:g} s of use a run"]
    return figures


def _measured(plan: Plan, settings: Settings, seed: int, on: On, say: Callable[[str], None]) -> dict[str, Any]:
    say(f"seed {seed}, on {on}: a hand uses the apps for {plan.seconds:g} s")
    keeper, session = _kept(plan, settings, seed, on)
    load = os.getloadavg()[0]
    say(f"seed {seed}, on {on}: reading {len(keeper.kept)} frames")
    begun = perf_counter()
    found = count_leaks(keeper.kept, abusive_lines())
    row: dict[str, Any] = {"on": on, "seed": seed, "frames": found.frames, "leaked": found.leaked}
    row |= {"lines": dict(found.lines), "skipped": found.skipped + keeper.skipped, "load": round(load, 1)}
    row["hidden"] = sum(session.on_phone.hidden.values()) if session.on_phone is not None else 0
    row["read_s"] = round((perf_counter() - begun) / max(1, found.frames), 3)
    return row


def _kept(plan: Plan, settings: Settings, seed: int, on: On) -> tuple[FrameKeeper, PhoneSession]:
    """All frames of one use, and the session that watched it, which has ended."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        key = host_key(settings.key_folder).public_path
        phone = stack.enter_context(start_virtual_phone(0, SIZE, seed=seed, trusted_keys=key, accept_first=False))
        journal = stack.enter_context(Journal.open(f"sqlite:///{folder / 'journal.sqlite3'}"))
        runtime = BackendRuntime(settings, journal)
        stack.callback(runtime.close)
        for name in plan.names:
            runtime.enable(name)
        runtime.start()
        session = runtime.add_phone(phone.serial, on)
        _wait_until_ready(session, phone.serial)
        keeper = FrameKeeper(session.source)
        hand = Hand(stack.enter_context(Phone(phone.serial, settings.key_folder)), seed)
        keeper.start()
        hand.start()
        sleep(plan.seconds)
        hand.stop()
        keeper.stop()
        runtime.remove_phone(phone.serial)
    return keeper, session


def _wait_until_ready(session: PhoneSession, serial: str) -> None:
    """Both ways start from a screen that is seen; in apps, the agent is there first."""
    until_s = monotonic() + _READY_S
    on_phone = session.on_phone
    while session.shown is None or not (on_phone is None or on_phone.settled):
        if monotonic() > until_s:
            raise AgentError(serial, "did not become ready", "is the machine very busy? see: mindproof doctor")
        sleep(0.05)
    if on_phone is not None and on_phone.state.kind == "unavailable":
        raise AgentError(serial, on_phone.state.detail, on_phone.state.remedy)


def _of(figures: Figures, on: On, what: str) -> int:
    return sum(row[what] for row in figures.rows if row["on"] == on)


def checks(figures: Figures) -> list[Check]:
    """No frame leaks in apps, where some do without."""
    count = partial(_of, figures)
    return [
        at_most("frames with an abusive line, on app", count("app", "leaked"), 0, ""),
        at_least(
            "frames with an abusive line, on mirror: there is something to hide", count("mirror", "leaked"), 1, ""
        ),
    ]


def summary(figures: Figures) -> list[tuple[str, int, int, int, int, int]]:
    """(where, seed, frames, frames with an abusive line, different lines, hidden before shown) a run."""
    return [
        (row["on"], row["seed"], row["frames"], row["leaked"], len(row["lines"]), row["hidden"]) for row in figures.rows
    ]


def draw(figures: Figures, folder: Path) -> Path:
    """A bar for each run: its share of frames with an abusive line, in percent, as SVG; the path."""
    rows = [(f"{on}, seed {seed}", 100 * leaked / max(1, frames)) for on, seed, frames, leaked, *_ in summary(figures)]
    return bars(
        folder / "leaks.svg", "Frames with an abusive line", rows, lambda share: f"{share:.1f} %",
        theirs=lambda name: name.startswith("mirror"),
    )  # fmt: skip
