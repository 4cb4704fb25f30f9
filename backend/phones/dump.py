"""Fetches UI trees with ``uiautomator dump``, the way this phone allows."""

from __future__ import annotations

import time
from typing import Literal

from backend.errors import CaptureError
from backend.phones.frame import Tree
from backend.phones.transport import AdbTransport
from backend.phones.tree import parse_tree

TIMEOUT_S = 15.0
"""``uiautomator`` itself gives up after 10 s without an idle moment."""
FILE = "/data/local/tmp/mindproof-tree.xml"

_VIA = {
    "tty": "uiautomator dump /dev/tty",
    # The file is removed first: where the dump fails, an old one would be taken for new.
    "file": f"rm -f {FILE}; uiautomator dump {FILE} && cat {FILE}; rm -f {FILE}",
}
_COMPLAINTS = (
    (
        "could not get idle state",
        "the screen never comes to rest, so Android gives no UI tree",
        "pause the video or animation; text is read from the pixels meanwhile",
    ),
    (
        "null root node",
        "the app shows no UI tree at this moment",
        "it is asked for again with the next change; text is read from the pixels meanwhile",
    ),
    ("not found", "it has no uiautomator", "use a phone or emulator with Android 8 or later"),
    (
        "Killed",
        "its uiautomator was killed",
        "close other test tools on the phone: only one may use accessibility at a time",
    ),
    (
        "already registered",
        "another program uses its uiautomator",
        "close other test tools: only one may run at a time",
    ),
)


class TreeDumper:
    """Asks one phone for its UI tree through one lane, and remembers which way worked."""

    def __init__(self, lane: AdbTransport) -> None:
        self._lane = lane
        self._way: Literal["tty", "file"] | None = None
        self._before: Tree | None = None

    def dump(self) -> Tree:
        """The UI tree as it is now.

        Raises:
            CaptureError: when the phone gives none, or a broken one; the next attempt may well succeed.
            PhoneError: when the link fails.
        """
        way = self._way or "tty"
        asked_s = time.monotonic()
        output = self._lane.exec_out(_VIA[way], TIMEOUT_S)
        if self._way is None and b"<hierarchy" not in output and not _complaint(output):
            way = "file"  # no terminal to write to on this phone
            output = self._lane.exec_out(_VIA[way], TIMEOUT_S)
        if b"<hierarchy" not in output:
            raise self._error(output)
        self._way = way
        tree = parse_tree(
            output, serial=self._lane.serial, asked_s=asked_s, time_s=time.monotonic(), before=self._before
        )
        self._before = tree
        return tree

    def _error(self, output: bytes) -> CaptureError:
        found = _complaint(output)
        if found is not None:
            return CaptureError(self._lane.serial, *found)
        said = output[:80].decode("utf-8", "replace").strip() or "nothing"
        return CaptureError(self._lane.serial, f"uiautomator gave no UI tree but said: {said}", "restart the phone")


def _complaint(output: bytes) -> tuple[str, str] | None:
    said = output[:2000].decode("utf-8", "replace")
    return next(((what, remedy) for sign, what, remedy in _COMPLAINTS if sign in said), None)
