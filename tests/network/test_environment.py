"""mitmproxy's environment: made once, by one process, anew when broken. The package only passes for mitmproxy."""

from __future__ import annotations

import subprocess
import threading
import zipfile
from pathlib import Path

import pytest

from backend.errors import NetworkError
from backend.network.alone import alone
from backend.network.environment import PINNED, Environment


def _wheel(folder: Path) -> Path:
    """A package that can be installed without a network."""
    path = folder / "mitmproxy-0-py3-none-any.whl"
    info = "mitmproxy-0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        for name in ("mitmproxy/__init__.py", "mitmproxy/version.py", "mitmproxy/addons/proxyserver.py"):
            wheel.writestr(name, "")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: mitmproxy\nVersion: 0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return path


@pytest.fixture
def pinned(tmp_path: Path) -> Path:
    file = tmp_path / "network.txt"
    file.write_text(f"# one package\n{_wheel(tmp_path)}\n")
    return file


def _made(said: list[str]) -> int:
    return sum("about a minute" in line for line in said)


def test_it_is_made_once_whoever_asks_and_anew_when_broken(tmp_path: Path, pinned: Path) -> None:
    said: list[str] = []
    found: list[Path] = []
    folder = tmp_path / "env"

    def ask() -> None:
        found.append(Environment(folder, pinned).ready(said.append))

    both = [threading.Thread(target=ask) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert found[0] == found[1]
    assert _made(said) == 1
    assert any("waiting" in line for line in said)

    next(folder.glob("*/lib/python*/site-packages/mitmproxy/version.py")).unlink()
    assert Environment(folder, pinned).ready(said.append) == found[0]
    assert _made(said) == 2

    Environment(folder, pinned).discard()
    pinned.write_text(pinned.read_text() + "# changed\n")
    assert Environment(folder, pinned).ready(said.append) != found[0]
    assert _made(said) == 3
    assert not found[0].exists()  # the old one takes room


def test_what_pip_cannot_install_is_one_clear_error(tmp_path: Path) -> None:
    pinned = tmp_path / "network.txt"
    pinned.write_text(f"{tmp_path / 'missing-0-py3-none-any.whl'}\n")
    with pytest.raises(NetworkError, match="cannot be made") as caught:
        Environment(tmp_path / "env", pinned).ready(lambda text: None)
    assert "pip.log" in caught.value.remedy
    assert "missing" in (tmp_path / "env" / "pip.log").read_text()


def test_a_folder_that_cannot_be_used_is_one_clear_error(tmp_path: Path, pinned: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NetworkError, match="file") as caught:
        Environment(tmp_path / "file" / "env", pinned).ready(lambda text: None)
    assert "MINDPROOF_NETWORK_ENV" in caught.value.remedy


def test_every_pin_is_exact() -> None:
    lines = [line.partition("#")[0].strip() for line in PINNED.read_text().splitlines()]
    assert all("==" in line for line in lines if line)


def test_the_lock_is_held_by_a_child_whose_parent_was_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with alone(path) as lock:
        child = subprocess.Popen(["cat"], stdin=subprocess.PIPE, pass_fds=[lock])
    waited = threading.Event()

    def wait() -> None:
        with alone(path, waited.set):
            pass

    thread = threading.Thread(target=wait)
    thread.start()
    assert waited.wait(10)
    assert thread.is_alive()
    child.communicate()
    thread.join(10)
    assert not thread.is_alive()
