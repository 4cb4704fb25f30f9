"""Another version goes live while the old one serves: no call is lost, none is answered by both."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.errors import ModelError
from backend.serving import ModelHost
from interventions.models.hatesonar import HateSonar
from tests.serving.stub import Stub

WAIT_S = 10


def test_many_threads_lose_nothing_over_many_swaps_and_every_call_has_one_version() -> None:
    """Each version scores every text with its own number, so a call answered by two of them would show."""
    host = ModelHost()
    judge = host.swap("stub", Stub(lambda text: 0.0, version="0"))
    swaps, threads_, calls = 20, 8, 60
    go = threading.Barrier(threads_ + 1, timeout=WAIT_S)

    def ask(thread: int) -> list[float]:
        go.wait()
        seen = []
        for call in range(calls):
            texts = [f"{call} {n}" for n in range(4)] + [f"{thread} {call}"]
            (score,) = {row[1] for row in judge.probabilities(texts)}
            seen.append(score)
        return seen

    with ThreadPoolExecutor(threads_) as pool:
        asked = [pool.submit(ask, thread) for thread in range(threads_)]
        go.wait()
        for version in range(1, swaps + 1):
            assert host.swap("stub", Stub(lambda text, v=version: v / 100, version=str(version))) is judge
        seen = [future.result(WAIT_S) for future in asked]
    assert all(len(one) == calls for one in seen)
    assert all(one == sorted(one) for one in seen), "nobody goes back to an older version"
    (stats,) = host.stats()
    assert (stats.swaps, stats.version, judge.version) == (swaps, str(swaps), str(swaps))
    assert stats.calls == threads_ * calls
    assert stats.items == stats.hits + stats.shared + stats.judged
    assert judge.probabilities(["after"]) == [(1 - swaps / 100, swaps / 100)]


def test_a_running_batch_finishes_on_the_old_version_and_the_swap_waits_for_it() -> None:
    gate = threading.Event()
    host, old = ModelHost(), Stub(lambda text: 0.1, version="old", gate=gate)
    judge = host.swap("stub", old)
    with ThreadPoolExecutor(2) as pool:
        running = pool.submit(judge.probabilities, ["text"])
        assert old.begun.wait(WAIT_S)
        swapping = pool.submit(host.swap, "stub", Stub(lambda text: 0.9, version="new"))
        pause = threading.Event()
        while judge.version != "new":
            assert not pause.wait(0.001)
        assert judge.probabilities(["text"])[0][1] == 0.9, "new calls go to the new version at once"
        assert not swapping.done()
        gate.set()
        assert running.result(WAIT_S)[0][1] == 0.1
        assert swapping.result(WAIT_S) is judge


def test_a_verdict_of_the_old_version_is_never_given_for_the_new_one() -> None:
    host = ModelHost()
    judge = host.swap("stub", Stub(lambda text: 0.2, version="1"))
    assert judge.probabilities(["a"])[0][1] == 0.2
    host.swap("stub", Stub(lambda text: 0.7, version="2"))
    assert judge.probabilities(["a"])[0][1] == 0.7
    host.swap("stub", Stub(lambda text: 0.2, version="1"))
    assert judge.probabilities(["a"])[0][1] == 0.2
    assert Counter(stats.judged for stats in host.stats()) == {2: 1}, "the first version's verdict was still known"


@pytest.mark.parametrize(
    "other", [Stub(input="image"), Stub(classes=("bad", "good")), Stub(classes=("good", "bad", "ugly"))]
)
def test_what_is_no_version_of_the_same_thing_is_refused_and_the_old_one_serves_on(other: Stub) -> None:
    host = ModelHost()
    judge = host.swap("stub", Stub(lambda text: 0.3))
    with pytest.raises(ModelError, match="no version of it"):
        host.swap("stub", other)
    assert judge.probabilities(["a"])[0][1] == 0.3
    assert host.stats()[0].swaps == 0


def test_a_version_that_cannot_be_opened_changes_nothing(tmp_path) -> None:
    host = ModelHost()
    judge = host.load("hatesonar")
    before = judge.version
    with pytest.raises(ModelError, match="no model"):
        host.swap("hatesonar", str(tmp_path))
    assert judge.version == before
    folder = HateSonar().save(tmp_path / "mine")
    assert host.swap("hatesonar", str(folder)) is judge
    assert host.reload("hatesonar") is judge
    assert judge.probabilities(["good morning"])
