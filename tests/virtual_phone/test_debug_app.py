"""An app that is to be traced waits at its start; nothing else does, and not for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.adb.debugger import HANDSHAKE
from device_agent.virtual_phone.debug_app import DebugApp
from device_agent.virtual_phone.phone import VirtualPhone
from device_agent.virtual_phone.still import APP_PID
from device_agent.virtual_phone.window import app as app_module

READER = "org.mindproof.reader"
Sh = Callable[[str], tuple[int, str, str]]


@pytest.mark.parametrize(
    ("said", "waits_first", "waits_again"),
    [
        ((READER, True, True), True, True),
        ((READER, True, False), True, False),
        ((READER, False, True), False, False),
        (("org.mindproof.chat", True, True), False, False),
        ((f"org.mindproof.chat,{READER}", True, True), True, True),
    ],
)
def test_the_debug_app_waits_for_its_next_start_or_for_good(
    said: tuple[str, bool, bool], waits_first: bool, waits_again: bool
) -> None:
    debug_app = DebugApp({})
    debug_app.set(*said)
    assert (debug_app.waits(READER), debug_app.waits(READER)) == (waits_first, waits_again)
    debug_app.clear()
    assert not debug_app.waits(READER)


def test_am_sets_and_clears_it(sh: Sh) -> None:
    assert sh(f"am set-debug-app -w --persistent {READER}") == (0, "", "")
    assert sh("settings get global debug_app")[1].strip() == READER
    assert sh("am clear-debug-app") == (0, "", "")
    assert sh("settings get global debug_app")[1].strip() == "null"
    assert "Unknown option: -x" in sh(f"am set-debug-app -x {READER}")[2]
    assert sh("am set-debug-app -w")[0] == 255


@pytest.fixture
def waiting(virtual_phone: VirtualPhone) -> Iterator[VirtualPhone]:
    """The phone, whose reader is to wait when it starts."""
    virtual_phone.force_stop(READER)
    virtual_phone.debug_app.set(READER, wait=True, persistent=True)
    yield virtual_phone
    virtual_phone.debug_app.clear()
    virtual_phone.force_stop(READER)


def _pid(device: VirtualPhone) -> int:
    return next((process.pid for process in device.processes() if process.name == READER), 0)


def _said(device: VirtualPhone, message: str) -> bool:
    return any(message in line.message and line.pid == _pid(device) for line in device.log(0)[0])


def test_it_starts_once_a_debugger_has_come(waiting: VirtualPhone) -> None:
    start = threading.Thread(target=waiting.start_activity, args=(READER, None))
    start.start()
    deadline = time.monotonic() + 10
    while not _said(waiting, "waiting for the debugger"):
        assert time.monotonic() < deadline
        waiting.wait_for_frame(waiting.frame_number(), 0.05)
    assert waiting.traced(_pid(waiting), connected=True)
    start.join(10)
    assert not start.is_alive()
    assert _said(waiting, "Debugger has connected")


def test_it_starts_without_one_when_none_comes(waiting: VirtualPhone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "TRACER_WAIT_MS", 100)
    waiting.start_activity(READER, None)
    assert _said(waiting, "No debugger within 100 ms")
    assert not waiting.debug_app.waits(READER)  # nor will the next one wait for somebody who is gone


def test_no_debugger_comes_to_a_process_that_is_not_there(virtual_phone: VirtualPhone) -> None:
    assert not virtual_phone.traced(1, connected=True)


def test_a_debugger_shakes_hands_over_adb(adb_host: Any) -> None:
    theirs = adb_host.open(f"jdwp:{APP_PID}")
    adb_host.send(wire.WRTE, 1, theirs, HANDSHAKE)
    adb_host.expect(wire.OKAY, 1)
    assert bytes(adb_host.expect(wire.WRTE, 1).payload) == HANDSHAKE


def test_there_is_no_debugger_for_what_is_no_process(adb_host: Any) -> None:
    adb_host.send(wire.OPEN, 1, 0, b"jdwp:99999\0")
    adb_host.expect(wire.CLSE, 1)
