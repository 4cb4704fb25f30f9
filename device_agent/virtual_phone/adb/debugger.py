"""``jdwp:PID``: where a debugger connects to an app. Its handshake is all there is: it says that a tracer is there.

The handshake is the same 14 bytes both ways (Java Debug Wire Protocol, "Transport Layer"); an app that waits for its
debugger goes on once it has happened.
"""

from __future__ import annotations

import logging

from device_agent.virtual_phone.adb.stream import Stream
from device_agent.virtual_phone.device import Device

log = logging.getLogger(__name__)

HANDSHAKE = b"JDWP-Handshake"


def serve_debugger(stream: Stream, device: Device, pid: int) -> None:
    """Shake hands, and count as the debugger of `pid` until the stream ends.

    Raises:
        StreamClosed: the debugger left during the handshake.
    """
    said = b""
    while len(said) < len(HANDSHAKE):
        more = stream.read()
        if not more:
            return
        said += more
    if said != HANDSHAKE:
        log.warning("a debugger of process %d did not begin with the handshake of JDWP", pid)
        return
    if not device.traced(pid, connected=True):
        return
    try:
        stream.write(HANDSHAKE)
        while stream.read():
            pass
    finally:
        device.traced(pid, connected=False)
