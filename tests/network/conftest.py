"""mitmproxy for real, in an environment that is kept between runs, and an origin that it checks for real."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.errors import NetworkError
from backend.network.environment import Environment
from tests.network.origin import Origin
from tests.network.proxied import Bench


@pytest.fixture(scope="session")
def network_env(pytestconfig: pytest.Config) -> Path:
    """Folder with mitmproxy's environment: MINDPROOF_NETWORK_ENV, or pytest's cache."""
    given = os.environ.get("MINDPROOF_NETWORK_ENV")
    assert pytestconfig.cache is not None
    folder = Path(given) if given else Path(pytestconfig.cache.mkdir("mindproof-network-env"))
    try:
        Environment(folder).ready(lambda text: None)
    except NetworkError as error:
        pytest.skip(f"mitmproxy's environment cannot be made here: {error.message}")
    return folder


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Origin]:
    server = Origin(tmp_path_factory.mktemp("origin"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, network_env: Path, origin: Origin) -> Iterator[Bench]:
    bench = Bench(tmp_path_factory.mktemp("home"), network_env, origin)
    bench.proxy.start()
    yield bench
    bench.proxy.stop()


@pytest.fixture
def bench(running: Bench) -> Bench:
    """The module's proxy with everything as at first."""
    running.opt_in()
    running.notes.clear()
    return running
