"""Touches, text and keys, as command lines for Android's ``input``. Pure: `phone.Phone` sends them."""

from __future__ import annotations

import shlex

from backend.errors import PhoneError

KEYS = {
    "home": 3,
    "back": 4,
    "up": 19,
    "down": 20,
    "left": 21,
    "right": 22,
    "volume_up": 24,
    "volume_down": 25,
    "power": 26,
    "tab": 61,
    "enter": 66,
    "delete": 67,
    "menu": 82,
    "page_up": 92,
    "page_down": 93,
    "escape": 111,
    "move_home": 122,
    "move_end": 123,
    "recents": 187,
    "sleep": 223,
    "wake": 224,
}
"""Names to Android key codes (``android.view.KeyEvent``)."""


def tap(x: int, y: int) -> str:
    return f"input tap {x} {y}"


def swipe(x1: int, y1: int, x2: int, y2: int, duration_ms: int) -> str:
    return f"input swipe {x1} {y1} {x2} {y2} {max(0, duration_ms)}"


def motion(action: str, x: int, y: int) -> str:
    """One touch event, `action` DOWN, MOVE, UP or CANCEL (Android 10 and later)."""
    return f"input motionevent {action} {x} {y}"


def key(serial: str, name: str | int, long_press: bool = False) -> str:
    """Press the key `name`, one of `KEYS` or an Android key code.

    Raises:
        PhoneError: for a name that is not known.
    """
    code = name if isinstance(name, int) else KEYS.get(name.lower())
    if code is None:
        raise PhoneError(serial, f"there is no key {name!r}", f"use a key code or one of: {', '.join(sorted(KEYS))}")
    return f"input keyevent {'--longpress ' if long_press else ''}{code}"


def text(serial: str, content: str) -> list[str]:
    """The commands that type `content` into the focused field.

    ``input text`` takes printable ASCII alone, types a space for ``%s`` and has no way to write that pair itself, so
    the text is cut between the two. New lines and tabs become key presses.

    Raises:
        PhoneError: for a character that ``input`` cannot type; nothing has been typed then.
    """
    wrong = sorted({c for c in content if not (" " <= c <= "~" or c in "\n\t")})
    if wrong:
        raise PhoneError(
            serial,
            f"cannot type {', '.join(f'U+{ord(c):04X}' for c in wrong[:5])}: Android's input command types ASCII only",
            "leave these characters out, or type them on the phone",
        )
    commands = []
    for piece in _pieces(content):
        if piece in _TYPED_AS_KEYS:
            commands.append(key(serial, _TYPED_AS_KEYS[piece]))
        else:
            commands.append(f"input text {shlex.quote(piece.replace(' ', '%s'))}")
    return commands


_TYPED_AS_KEYS = {"\n": "enter", "\t": "tab"}


def _pieces(content: str) -> list[str]:
    """`content` cut so that no piece holds ``%s``, and each new line and tab stands alone."""
    pieces: list[str] = []
    for character in content:
        glued = bool(pieces) and pieces[-1] not in _TYPED_AS_KEYS and character not in _TYPED_AS_KEYS
        if glued and not (pieces[-1].endswith("%") and character == "s"):
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces
