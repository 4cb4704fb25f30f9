"""Which app is in front, from what ``dumpsys`` of Android 8 to 16 writes. Makers and versions differ in every line.

What is looked at, in this order, because the focused window is what a person sees and the others lag behind it:

- ``mCurrentFocus=Window{hash u0 package/class}``: in ``dumpsys window windows`` up to Android 9, ``displays`` since;
  one line a display, ``null`` while nothing is focused and for screens that are folded away. Dialogs name the package
  alone; the notification shade, the lock screen and other system windows have a title of their own.
- ``mFocusedApp=...ActivityRecord{hash u0 package/.Class t12}``, within ``AppWindowToken{... Token{...}}`` up to 10.
- ``topResumedActivity=``, ``mResumedActivity:``, ``ResumedActivity:`` of ``dumpsys activity activities``.
"""

from __future__ import annotations

import re

from interventions.sdk import App

COMMANDS = ("dumpsys window displays", "dumpsys window windows", "dumpsys activity activities")
"""In the order in which to try them; the first that tells is the one to keep for this phone."""

SYSTEM_UI = "com.android.systemui"

_PACKAGE = r"[A-Za-z]\w*(?:\.\w+)+"
_FOCUS = re.compile(r"\bmCurrentFocus=Window\{\w+ (?:u\d+ )?([^}\n]+)\}")
_COMPONENT = re.compile(rf"(?:.*\s)?({_PACKAGE})/([\w.$]+)(?:\s+paused=\w+)?")
_STARTING = re.compile(rf"(?:Splash Screen|Starting) ({_PACKAGE})")
_RECORD = rf"ActivityRecord\{{\w+ (?:u\d+ )?({_PACKAGE}|android)/([\w.$]+)"
_RECORDS = tuple(
    re.compile(start + _RECORD)
    for start in (
        r"\bmFocusedApp=[^\n]*?",
        r"\btopResumedActivity=",
        r"\bmResumedActivity: ",
        r"\bResumedActivity: ",
        r"\bmFocusedActivity: ",
    )
)
_SYSTEM_WINDOWS = {"NotificationShade", "StatusBar", "Keyguard", "NavigationBar0", "VolumeDialogImpl"}


def parse_foreground(text: str) -> App | None:
    """The app in front; None when `text` does not tell."""
    for title in _FOCUS.findall(text):
        app = _of_window(title)
        if app is not None:
            return app
    for record in _RECORDS:
        found = record.search(text)
        if found is not None:
            return _app(found[1], found[2])
    return None


def _of_window(title: str) -> App | None:
    """The app that a focused window's title names; None for titles that name none, such as a popup's."""
    component = _COMPONENT.fullmatch(title)
    if component is not None:
        return _app(component[1], component[2])
    if title in _SYSTEM_WINDOWS:
        return App(SYSTEM_UI, title)
    starting = _STARTING.match(title)
    if starting is not None:
        return App(starting[1])
    return App(title) if re.fullmatch(_PACKAGE, title) else None


def _app(package: str, activity: str) -> App:
    return App(package, package + activity if activity.startswith(".") else activity)


_WINDOW = re.compile(r"^  Window #\d+ Window\{(\w+) [^\n]*\n(.*?)(?=^  Window #|\Z)", re.MULTILINE | re.DOTALL)
_FOCUSED_HASH = re.compile(r"\bmCurrentFocus=Window\{(\w+)")
_FLAGS = re.compile(r"\bfl=(?:#([0-9a-fA-F]+)|([^=\n]*))")
_FLAG_SECURE = 0x2000


def forbids_capture(windows: str, focus: str) -> bool:
    """Whether the focused window carries ``FLAG_SECURE``.

    `windows` is ``dumpsys window windows``, `focus` a text with ``mCurrentFocus`` (the same, or ``displays``). Up to
    Android 8 the flags are one hexadecimal number, later their names.
    """
    focused = _FOCUSED_HASH.search(focus)
    if focused is None:
        return False
    for name, body in _WINDOW.findall(windows):
        if name == focused[1]:
            flags = _FLAGS.search(body)
            if flags is None:
                return False
            if flags[1]:
                return bool(int(flags[1], 16) & _FLAG_SECURE)
            return "SECURE" in flags[2].split()
    return False
