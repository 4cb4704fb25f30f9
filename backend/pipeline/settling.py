"""When a frame may be shown: pictures and UI trees travel apart, and what no tree has told of is not judged."""

from __future__ import annotations

import threading
from time import monotonic

from backend.phones.frame import Frame
from backend.phones.source import FrameSource
from backend.phones.surroundings import PICTURE_LAG_S
from backend.pipeline.way import Passed

_TREE_PATIENCE_S = 0.9
_FIRST_TREE_S = 2.0
"""The longest that a frame waits for its UI tree: usually, and before the phone's first."""
_UNDER_WAY_S = 0.15 + PICTURE_LAG_S
"""From a tree's answer until it joins a frame, and from a change until the tree is asked for."""
_HOLD_S = 0.7
_KNOWN_ENOUGH = 0.25
"""A frame of which a larger share is newer than its tree is held back, until nothing was shown for `_HOLD_S`."""


def with_tree(source: FrameSource, frame: Frame, stop: threading.Event) -> Frame:
    """`frame` or a newer one, with its UI tree where the phone gives one soon: it is exact, and OCR is slow."""
    stats = source.stats
    patience_s = min(_TREE_PATIENCE_S, _UNDER_WAY_S + 3 * stats.tree_ms / 1000) if stats.trees else _FIRST_TREE_S
    until = monotonic() + patience_s
    while not _has_tree(frame) and not source.stats.tree_problem and not stop.is_set():
        left = until - monotonic()
        if left <= 0:
            break
        frame = source.newest(frame.number, min(left, 0.1)) or frame
    return frame


def held_back(passed: Passed, unshown_s: float) -> bool:
    """Whether too much of a frame is newer than its UI tree to show it now.

    For a moment only: when nothing was shown for `unshown_s` seconds, it is shown with those parts covered.
    """
    width, height = passed.scene.size
    unknown = sum(box.area for box in passed.adrift)
    return unknown > _KNOWN_ENOUGH * width * height and unshown_s < _HOLD_S


def confirms(frame: Frame, held: Passed) -> bool:
    """Whether `frame` brings a tree, asked for after `held` was taken, that says what held's own tree says.

    Then held's picture was of that layout, though it came after its tree: a video plays, a clock goes on.
    """
    old, new = held.frame.tree, frame.tree
    if held.moved or old is None or new is None or new.asked_s < held.frame.time_s:
        return False
    return new is not old and new.widgets == old.widgets


def _has_tree(frame: Frame) -> bool:
    """Whether there is a tree that says anything; an app that is just starting has an empty one."""
    return frame.tree is not None and bool(frame.tree.widgets)
