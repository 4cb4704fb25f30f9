"""mitmproxy's own Python environment, made on first use from the pinned requirements."""

from __future__ import annotations

import hashlib
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from backend.errors import NetworkError
from backend.network.alone import alone

log = logging.getLogger(__name__)

PINNED = Path(__file__).parents[2] / "requirements" / "network.txt"
_CHECK_S = 30.0
_OTHER = "waiting for mitmproxy's environment, which another process is making"


class Environment:
    """One folder per content of the pinned requirements below `folder`; older ones are removed."""

    def __init__(self, folder: Path, pinned: Path = PINNED) -> None:
        self._folder, self._pinned = folder, pinned

    def ready(self, say: Callable[[str], None]) -> Path:
        """The environment's interpreter; the environment is made first if it is missing or broken.

        `say` gets lines of progress, each replacing the one before. Only one process makes it; others wait.

        Raises:
            NetworkError: it cannot be made; says why, and where pip's words are.
        """
        try:
            pinned = self._pinned.read_text(encoding="utf-8")
            place = self._folder / hashlib.sha256(f"{sys.version_info[:2]}{pinned}".encode()).hexdigest()[:12]
            if self._whole(place):
                return _python(place)
            self._folder.mkdir(parents=True, exist_ok=True)
            with alone(self._folder / "lock", lambda: say(_OTHER)) as lock:
                if not self._whole(place):
                    self._make(place, _packages(pinned), say, lock)
        except OSError as error:
            raise NetworkError(
                f"{error.filename or self._folder}: mitmproxy's environment cannot be made ({error.strerror})",
                "make room or the folder writable, or set MINDPROOF_NETWORK_ENV to another folder",
            ) from error
        return _python(place)

    def discard(self) -> None:
        """Forget what is there, so that the next `ready` makes it anew."""
        for stamp in self._folder.glob("*/made"):
            stamp.unlink(missing_ok=True)

    def _whole(self, place: Path) -> bool:
        if not (place / "made").exists():
            return False
        command = [str(_python(place)), "-I", "-c", "import mitmproxy.version"]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_CHECK_S, check=False)
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0

    def _make(self, place: Path, packages: int, say: Callable[[str], None], lock: int) -> None:
        say("making mitmproxy's environment (once; about a minute)")
        shutil.rmtree(place, ignore_errors=True)
        words = self._folder / "pip.log"
        with words.open("w", encoding="utf-8") as record:
            _run([sys.executable, "-m", "venv", str(place)], record.write, lock)
            seen = 0

            def follow(line: str) -> None:
                nonlocal seen
                record.write(line)
                if line.startswith("Collecting "):
                    seen += 1
                    say(f"making mitmproxy's environment (once): {seen} of {packages} packages")

            pip = [str(_python(place)), "-I", "-m", "pip", "install", "--no-deps", "--no-input"]
            quiet = ["--disable-pip-version-check", "--progress-bar", "off"]
            failed = _run([*pip, *quiet, "-r", str(self._pinned)], follow, lock)
        if failed or not _starts(place):
            raise NetworkError(
                f"mitmproxy's environment cannot be made: {failed or 'mitmproxy does not start in it'}",
                f"see {words}; if no package index can be reached, connect to the network, and try again",
            )
        (place / "made").touch()
        for other in self._folder.iterdir():
            if other.is_dir() and other != place:
                shutil.rmtree(other, ignore_errors=True)


def _python(place: Path) -> Path:
    return place / "bin" / "python"


def _packages(pinned: str) -> int:
    return sum(1 for line in pinned.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def _starts(place: Path) -> bool:
    command = [str(_python(place)), "-I", "-c", "import mitmproxy.addons.proxyserver"]
    return subprocess.run(command, capture_output=True, timeout=4 * _CHECK_S, check=False).returncode == 0


def _run(command: list[str], follow: Callable[[str], object], lock: int) -> str:
    """Runs to the end; every line goes to `follow`. Returns "" or, if it failed, its last error.

    It holds the lock as well: should we be killed, nobody begins anew while it still writes.
    """
    last = ""
    out = subprocess.PIPE
    with subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, text=True, pass_fds=[lock]) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                follow(line)
                if line.startswith(("ERROR", "Error")) or not last:
                    last = line.strip()
        except BaseException:
            process.kill()
            raise
    return (last or f"{command[0]} ended with {process.returncode}") if process.returncode else ""
