"""The same models on Ray Serve, on a real cluster of this machine."""

from __future__ import annotations

import os
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from time import monotonic
from types import ModuleType

import pytest

from backend.errors import ModelError, Shed
from backend.serving import ModelHost, ray_serve, registry
from backend.serving.batching import Limits
from backend.serving.deadline import wanted_until
from backend.serving.host import open_host
from backend.serving.ray_serve import OnRay
from backend.settings import Settings

WAIT_S = 60
TEXTS = ["you are a stupid bitch", "what a lovely day", ""]
FAMILIES = """
    import os, time
    from pathlib import Path
    import numpy as np
    from interventions.models import Card, ModelFault

    class One:
        '''20 ms a batch, longer on "slowly"; fails on "boom", dies of "die" if there are `last words`.'''

        bad, version = 0.25, "1"
        classes_ = ("good", "bad")

        @property
        def card(self):
            return Card(family="steady", version=self.version, input="text", classes=self.classes_,
                        intended_use="tests", limits="none", source="here", licence="MIT")

        def open_weights(self):
            return self

        def predict_proba(self, texts):
            time.sleep(1.5 if "slowly" in texts else 0.02)
            if "boom" in texts:
                raise ModelFault("it went boom", "say something else")
            last_words = Path(__file__).with_name("last words")
            if "die" in texts and last_words.exists():
                last_words.unlink()
                os._exit(1)
            return np.tile([1 - self.bad, self.bad], (len(texts), 1))

    class Two(One):
        bad, version = 0.75, "2"
"""


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Two model families, installed as a package would be: Ray's processes open them by name."""
    folder = tmp_path_factory.mktemp("installed")
    (folder / "steady_families.py").write_text(textwrap.dedent(FAMILIES))
    (folder / "steady-1.dist-info").mkdir()
    (folder / "steady-1.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: steady\nVersion: 1\n")
    points = "[mindproof.models]\nsteady = steady_families:One\nsteady_two = steady_families:Two\n"
    (folder / "steady-1.dist-info" / "entry_points.txt").write_text(points)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setenv("PYTHONPATH", os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")]))
        registry.installed.cache_clear()  # other modules may have looked before these were there
        yield folder
    registry.installed.cache_clear()


@pytest.fixture(scope="module")
def host(families: Path) -> Iterator[ModelHost]:
    if find_spec("ray") is None:  # not imported: Ray reads its settings when it is
        pytest.skip("Ray is not installed")
    psutil = pytest.importorskip("psutil")
    before = set(psutil.Process().children(recursive=True))
    host = ModelHost(backend=OnRay(replicas=2, limits=Limits(target_s=1.0), store_mb=80))
    started = set(psutil.Process().children(recursive=True)) - before
    assert started
    yield host
    with ThreadPoolExecutor(1) as threads:
        asked = threads.submit(host.load("steady").probabilities, ["slowly"])
        host.close()
        assert isinstance(asked.exception(WAIT_S), ModelError), "who asks while it is closed is told"
    _, alive = psutil.wait_procs(started, timeout=WAIT_S)
    assert not alive, "no process stays behind"


def test_verdicts_are_those_of_this_process(host: ModelHost) -> None:
    local = ModelHost().load("hatesonar")
    judge = host.load("hatesonar")
    assert (judge.version, judge.classes, judge.harmful) == (local.version, local.classes, local.harmful)
    assert judge.probabilities(TEXTS) == local.probabilities(TEXTS)
    many = [f"text number {n}" for n in range(600)]
    assert judge.probabilities(many) == local.probabilities(many)
    (stats,) = host.stats()
    assert (stats.items, stats.judged, stats.queued) == (603, 603, 0)


def test_nobody_else_can_reach_it(host: ModelHost) -> None:
    psutil = pytest.importorskip("psutil")
    host.load("hatesonar")
    listening = [
        (process.name(), connection.laddr)
        for process in psutil.Process().children(recursive=True)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert listening
    outside = [(name, at) for name, at in listening if not _is_loopback(at.ip)]
    assert outside == []


def _is_loopback(address: str) -> bool:
    ip = ip_address(address)
    return (getattr(ip, "ipv4_mapped", None) or ip).is_loopback


def test_calls_join_batches_in_the_copies_and_are_counted_here(host: ModelHost) -> None:
    judge = host.load("steady")
    with ThreadPoolExecutor(12) as threads:
        rows = list(threads.map(judge.probabilities, [[f"call {n}"] for n in range(36)]))
    assert rows == [[(0.75, 0.25)]] * 36
    stats = next(stats for stats in host.stats() if stats.name == "steady")
    assert stats.judged == 36
    assert stats.batches < 36
    assert stats.seconds > 0


def test_a_fault_keeps_its_words_and_its_remedy(host: ModelHost) -> None:
    with pytest.raises(ModelError, match="steady failed on 1 items: it went boom") as raised:
        host.load("steady").probabilities(["boom"])
    assert raised.value.remedy == "say something else"
    with pytest.raises(ModelError, match="there is no model 'nosuch'"):
        host.load("nosuch")
    with pytest.raises(ModelError, match="save it"):
        host.swap("steady", object())


def test_a_slow_verdict_is_waited_for(host: ModelHost) -> None:
    assert host.load("steady").probabilities(["slowly"]) == [(0.75, 0.25)]


def test_a_deadline_reaches_the_copies(host: ModelHost) -> None:
    judge = host.load("steady")
    with wanted_until(monotonic() + 0.001), pytest.raises(Shed, match="by the deadline"):
        judge.probabilities(["too late"])
    assert judge.probabilities(["too late"]) == [(0.75, 0.25)]


def test_the_death_of_a_copy_loses_nothing(host: ModelHost, families: Path) -> None:
    judge = host.load("steady")
    (families / "last words").touch()
    with ThreadPoolExecutor(4) as threads:
        rows = list(threads.map(judge.probabilities, [["die"], *([f"beside it {n}"] for n in range(8))]))
    assert rows == [[(0.75, 0.25)]] * 9
    assert not (families / "last words").exists()


def test_more_load_brings_another_copy(host: ModelHost) -> None:
    psutil = pytest.importorskip("psutil")
    judge = host.load("steady")
    enough = threading.Event()

    def ask(thread: int) -> None:
        call = 0
        while not enough.is_set():
            judge.probabilities([f"load {thread} {call}"])
            call += 1

    def copies() -> int:
        names: list[str] = []
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.NoSuchProcess):  # a zombie too: it ended meanwhile
                names.append(" ".join(process.cmdline()).strip())
        return sum(name.startswith("ray::ServeReplica") and name.endswith(":steady") for name in names)

    assert copies() == 1
    with ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(ask, thread) for thread in range(12)]
        until, pause = monotonic() + WAIT_S, threading.Event()
        while copies() < 2 and monotonic() < until:
            pause.wait(0.2)
        enough.set()
        for future in asked:
            future.result(WAIT_S)
    assert copies() == 2


def test_a_version_is_swapped_under_load(host: ModelHost) -> None:
    judge = host.load("steady")
    stop = threading.Event()

    def ask(thread: int) -> list[float]:
        seen, call = [], 0
        while not stop.is_set():
            (score,) = {row[1] for row in judge.probabilities([f"{thread} {call} {n}" for n in range(3)])}
            seen.append(score)
            call += 1
        return seen

    with ThreadPoolExecutor(4) as threads:
        asked = [threads.submit(ask, thread) for thread in range(4)]
        try:
            assert host.swap("steady", "steady_two") is judge
            assert judge.probabilities(["after"]) == [(0.25, 0.75)]
        finally:
            stop.set()
        seen = [future.result(WAIT_S) for future in asked]
    assert all(one == sorted(one) and set(one) <= {0.25, 0.75} for one in seen)
    assert any(one[0] == 0.25 for one in seen)
    assert judge.version == "2"


def test_one_process_has_one_cluster(host: ModelHost) -> None:
    with pytest.raises(ModelError, match="connected to a Ray cluster already"):
        OnRay()


def test_ray_is_not_opened_to_the_network_by_whoever_imported_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", ModuleType("ray"))
    monkeypatch.setattr(ray_serve.os, "environ", {})
    with pytest.raises(ModelError, match="would listen to the network"):
        OnRay()


def test_without_ray_there_is_one_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {**os.environ, **ray_serve._CLOSED}
    monkeypatch.setattr(ray_serve.os, "environ", environment)
    for name in ("ray", "ray.serve"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ModelError, match="needs ray, which is not installed") as raised:
        open_host(Settings(serving="ray"))
    assert "requirements/ray.txt" in raised.value.remedy


def test_models_run_in_this_process_unless_told_otherwise() -> None:
    with open_host(Settings()) as host:
        assert host.load("hatesonar").probabilities(TEXTS)
