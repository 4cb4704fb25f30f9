"""By when a verdict is wanted. Whoever runs an intervention says so once; every model it asks goes by it.

The deadline belongs to what a thread is doing (a context variable), so handlers, and handles made of other handles,
need not pass it on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf

_until: ContextVar[float] = ContextVar("verdicts wanted until", default=inf)


@contextmanager
def wanted_until(at_s: float) -> Iterator[None]:
    """In this block, verdicts are of no use after `at_s` (``time.monotonic``). A nearer deadline around it holds."""
    token = _until.set(min(at_s, _until.get()))
    try:
        yield
    finally:
        _until.reset(token)


def until_s() -> float:
    """The deadline of what this thread is doing, infinite where nobody set one."""
    return _until.get()
