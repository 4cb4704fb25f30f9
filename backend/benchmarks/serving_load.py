"""What `mindproof bench serving` measures with: callers on many threads."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import monotonic, perf_counter
from typing import Any

from backend.errors import Shed
from backend.serving.deadline import wanted_until

Ask = Callable[[list[str]], Sequence[Any]]

_WORDS = (
    "the",
    "day",
    "was",
    "good",
    "bad",
    "very",
    "people",
    "they",
    "love",
    "hate",
    "never",
    "shop",
    "rain",
    "stupid",
)


def texts(seed: int, count: int) -> list[str]:
    """Different texts of 5 to 20 words, so that the verdict cache knows none of them."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    return [f"{n} " + " ".join(chance.choices(_WORDS, k=chance.randint(5, 20))) for n in range(count)]


@dataclass(frozen=True, slots=True)
class Round:
    """What came of one round: seconds of each call that was answered, and of the round as a whole."""

    latencies: tuple[float, ...]
    seconds: float
    items: int
    late: int = 0
    shed: int = 0


def back_to_back(ask: Ask, calls: Sequence[list[str]], threads: int) -> Round:
    """`threads` callers, each of which asks again as soon as it is answered."""
    shares = [calls[n::threads] for n in range(threads)]
    ready = threading.Barrier(threads + 1)

    def caller(share: Sequence[list[str]]) -> list[float]:
        ready.wait()
        latencies = []
        for items in share:
            began = perf_counter()
            ask(items)
            latencies.append(perf_counter() - began)
        return latencies

    with ThreadPoolExecutor(threads) as pool:
        callers = [pool.submit(caller, share) for share in shares]
        ready.wait()
        began = perf_counter()
        latencies = [one for each in callers for one in each.result()]
        seconds = perf_counter() - began
    return Round(tuple(latencies), seconds, sum(map(len, calls)))


def arriving(ask: Ask, calls: Sequence[list[str]], rate: float, deadline_s: float, threads: int, seed: int) -> Round:
    """Calls that come by chance, `rate` a second, each wanted `deadline_s` after it came, whoever is busy.

    One that finds no free thread until it is too late is not asked at all.
    """
    chance = random.Random(seed)  # noqa: S311 - no secret
    began = monotonic()
    due, at = [], began + 0.05
    for _ in calls:
        due.append(at)
        at += chance.expovariate(rate)
    in_time: list[float] = []
    dropped = {"late": 0, "full": 0}
    overdue = 0
    counting = threading.Lock()
    waiting = iter(zip(calls, due, strict=True))

    def caller() -> None:
        nonlocal overdue
        pause = threading.Event()
        while True:
            with counting:
                mine = next(waiting, None)
            if mine is None:
                return
            items, came = mine
            pause.wait(max(0.0, came - monotonic()))
            if monotonic() > came + deadline_s:
                with counting:
                    overdue += 1
                continue
            try:
                with wanted_until(came + deadline_s):
                    ask(items)
            except Shed as shed:
                with counting:
                    dropped[shed.why] += 1
                continue
            took = monotonic() - came
            with counting:
                if took <= deadline_s:
                    in_time.append(took)
                else:
                    overdue += 1

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(caller) for _ in range(threads)]:
            future.result()
    seconds = monotonic() - began
    return Round(tuple(in_time), seconds, sum(map(len, calls)), late=dropped["late"] + overdue, shed=dropped["full"])
