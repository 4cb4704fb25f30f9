"""What a phone tells, and what it is told."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import CaptureError, PhoneError
from backend.phones import input as typed
from backend.phones.phone import Phone
from interventions.sdk import App

PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\n\t%s"), max_size=60)


def what_android_types(commands: list[str]) -> str:
    """As ``input`` reads its command lines: a shell's words, ``%s`` for a space, 66 and 61 for enter and tab."""
    content = ""
    for command in commands:
        _, kind, argument = shlex.split(command)
        if kind == "text":
            content += argument.replace("%s", " ")
        else:
            content += {"66": "\n", "61": "\t"}[argument]
    return content


@given(PRINTABLE)
def test_what_is_typed_is_what_was_meant(content: str) -> None:
    assert what_android_types(typed.text("x", content)) == content


@given(st.text(st.characters(min_codepoint=0x80), min_size=1, max_size=9))
def test_refuses_what_android_cannot_type(content: str) -> None:
    with pytest.raises(PhoneError, match=r"cannot type U\+"):
        typed.text("x", "abc" + content)


def test_an_unknown_key_lists_the_known_ones() -> None:
    with pytest.raises(PhoneError, match="volume_up"):
        typed.key("x", "any key")


def test_input_reaches_the_phone(scripted: Any, phone: Phone) -> None:
    phone.tap(10, 20)
    phone.swipe(1, 2, 3, 4, 50)
    phone.motion("DOWN", 7, 8)
    phone.key("back")
    phone.key(3, long_press=True)
    phone.text("it's 5% of $x")
    assert scripted.asked == [
        "input tap 10 20",
        "input swipe 1 2 3 4 50",
        "input motionevent DOWN 7 8",
        "input keyevent 4",
        "input keyevent --longpress 3",
        """input text 'it'"'"'s%s5%%sof%s$x'""",
    ]


def test_refused_input_says_what_the_phone_said(scripted: Any, phone: Phone) -> None:
    scripted.commands["input"] = (
        b"",
        b"java.lang.SecurityException: Injecting requires permission\n",
        255,
    )
    with pytest.raises(PhoneError, match="SecurityException") as caught:
        phone.tap(1, 1)
    assert "security settings" in caught.value.remedy


def test_tells_what_it_is_and_shows(scripted: Any, phone: Phone) -> None:
    info = phone.info
    assert (info.model, info.android, info.sdk, info.size, info.density) == ("Scripted", "14", 34, (96, 128), 160)
    assert phone.foreground() == App("org.example", "org.example.MainActivity")
    assert phone.screenshot().shape == (128, 96, 3)
    assert phone.tree().widgets[0].text == "hello"
    assert not phone.forbids_capture()


def test_finds_the_foreground_command_once(scripted: Any, phone: Phone) -> None:
    scripted.commands = {
        "dumpsys window displays": b"nothing here\n",
        "dumpsys window windows": b"  mCurrentFocus=Window{1 u0 a.b/a.b.C}\n",
    }
    assert phone.foreground() == App("a.b", "a.b.C")
    assert phone.foreground() == App("a.b", "a.b.C")
    assert scripted.asked == ["dumpsys window displays", "dumpsys window windows", "dumpsys window windows"]


def test_a_phone_that_tells_nothing_is_an_error(scripted: Any, phone: Phone) -> None:
    scripted.commands = {"dumpsys": b"", "wm": b""}
    with pytest.raises(CaptureError, match="which app is in front"):
        phone.foreground()
    with pytest.raises(PhoneError, match="size of its screen"):
        phone.display()
