"""A process that gives a phone its proxy back when whoever routed it has ended, however that came about.

It runs in a session of its own, so that neither Ctrl-C nor the end of a terminal reaches it, and reads from a pipe that
only its backend holds open. A line ``done`` there tells it that the phone has been seen to; the end of the pipe without
one, also after ``kill -9``, that it has to. It then reaches the phone by itself and tries until it is done, or somebody
else has done it (the lease is gone, or another one).
"""

from __future__ import annotations

import argparse
import logging
import signal
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

from backend.errors import MindproofError, PhoneError
from backend.network.lease import Lease, LeaseFile, settle
from backend.phones.backoff import Backoff
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

READY, DONE = b"ready\n", b"done\n"
PATIENCE_S = 24 * 3600.0
"""After that the phone is taken not to come back; its lease waits for the next start."""
_START_S = 30.0


class Guard:
    """The backend's end: started with `start`, ended with `done`; told nothing, it takes over when the backend ends."""

    def __init__(self, home: Path, serial: str, key_dir: Path | None) -> None:
        self._serial = serial
        self._command = [sys.executable, "-m", "backend.network.guard", str(home), serial]
        if key_dir is not None:
            self._command += ["--keys", str(key_dir)]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Of the process; 0 when it does not run."""
        return self._process.pid if self._process is not None and self._process.poll() is None else 0

    def start(self) -> None:
        """Return once it stands guard. Raises PhoneError."""
        self._process = process = subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            cwd=Path(__file__).parents[2],
        )
        assert process.stdout is not None
        with process.stdout:
            said = process.stdout.readline()
        if said != READY:
            process.kill()
            process.wait()
            raise PhoneError(
                self._serial,
                "nobody would restore its proxy after a crash: the guard process did not start",
                "see what it printed above; without it the phone's traffic is not routed",
            )

    def done(self) -> None:
        """The phone has its proxy back: end it."""
        self._end(DONE)

    def take_over(self) -> None:
        """The phone could not be given its proxy back; the guard goes on trying by itself."""
        process, self._process = self._process, None
        if process is not None and process.stdin is not None:
            process.stdin.close()
            process.returncode = 0  # it outlives this process, on purpose: no warning that it still runs

    def _end(self, word: bytes) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        try:
            with process.stdin as pipe:
                pipe.write(word)
        except BrokenPipeError:
            log.warning("the guard of phone %s had ended by itself", self._serial)
        process.wait(_START_S)


def restore_when_alone(home: Path, serial: str, key_dir: Path | None) -> bool:
    """Try until the phone `serial` has its proxy back, by whomever; whether that was done within `PATIENCE_S`."""
    file = LeaseFile(home, serial)
    first = file.read()
    backoff, until_s = Backoff(first_s=0.25, limit_s=30.0), monotonic() + PATIENCE_S
    while first is not None and monotonic() < until_s:
        if _try(file, first, key_dir):
            return True
        sleep(backoff.delay_s())
    return first is None


def _try(file: LeaseFile, first: Lease, key_dir: Path | None) -> bool:
    """One attempt; whether nothing is left to be done."""
    with file.held() as got:
        if not got:
            return False  # the backend's last breath, or its successor, which then removes the lease
        lease = file.read()
        if lease is None or lease.id != first.id:
            return True
        try:
            with Phone(file.serial, key_dir) as phone:
                settle(phone, lease)
        except PhoneError as error:
            log.info("the proxy is still to be restored: %s", error)
            return False
        file.remove()
        return True


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m backend.network.guard")
    parser.add_argument("home", type=Path)
    parser.add_argument("serial")
    parser.add_argument("--keys", type=Path)
    given = parser.parse_args()
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdout.buffer.write(READY)
    sys.stdout.buffer.flush()
    sys.stdout.close()
    if sys.stdin.buffer.read().endswith(DONE):
        return 0
    try:
        return 0 if restore_when_alone(given.home, given.serial, given.keys) else 1
    except MindproofError as error:
        log.error("the proxy of phone %s is not restored: %s", given.serial, error)
        return 1


if __name__ == "__main__":
    sys.exit(_main())
