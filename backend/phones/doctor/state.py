"""What a phone is set to: screen, root, proxy, clock, battery."""

from __future__ import annotations

import re
import time

from backend.phones.doctor.registry import Finding, check
from backend.phones.phone import Phone

CLOCK_SKEW_S = 2.0
LOW_BATTERY = 15


@check("screen")
def screen(phone: Phone) -> Finding:
    power = re.search(r"\bmWakefulness=(\w+)", phone.shell("dumpsys power").out)
    if power is None:
        return Finding("skip", "it does not tell whether its screen is on")
    if power[1] != "Awake":
        return Finding("warn", f"off ({power[1].lower()})", "press its power button")
    policy = phone.shell("dumpsys window policy").out + phone.shell("dumpsys window displays").out
    if re.search(r"\b(?:isKeyguardShowing|mShowingLockscreen|mIsShowing|showing)=true", policy):
        return Finding("warn", "on, but locked", "unlock it; 'Stay awake' in the developer options keeps it so")
    return Finding("ok", "on and unlocked")


@check("root")
def root(phone: Phone) -> Finding:
    if "uid=0" in phone.shell("id").out or "uid=0" in phone.shell("su -c id", timeout_s=5).out:
        return Finding("ok", "rooted: the agent can enter every app")
    return Finding(
        "skip",
        "not rooted",
        "only the agent inside a real phone's apps needs root, or an app rebuilt with a gadget; all else works without",
    )


@check("proxy")
def proxy(phone: Phone) -> Finding:
    value = phone.shell("settings get global http_proxy").out.strip()
    if value in ("", "null", ":0"):
        return Finding("ok", "none set")
    return Finding(
        "warn",
        f"its traffic goes through {value}",
        "unless that is Mindproof's own: adb shell settings put global http_proxy :0",
    )


@check("clock")
def clock(phone: Phone) -> Finding:
    before = time.time()
    told = phone.shell("date +%s").out.strip()
    middle = (before + time.time()) / 2
    if not told.isdigit():
        return Finding("skip", "it does not tell the time")
    skew_s = int(told) + 0.5 - middle  # it tells whole seconds
    if abs(skew_s) > CLOCK_SKEW_S:
        return Finding("warn", f"{skew_s:+.0f} s from this computer's", "switch on 'Set time automatically' on both")
    return Finding("ok", "agrees with this computer's")


@check("battery")
def battery(phone: Phone) -> Finding:
    text = phone.shell("dumpsys battery").out
    level = re.search(r"^\s*level: (\d+)", text, re.MULTILINE)
    if level is None:
        return Finding("skip", "it does not tell")
    charging = re.search(r"\bpowered: true", text) is not None
    found = f"{level[1]} %{', charging' if charging else ''}"
    if int(level[1]) < LOW_BATTERY and not charging:
        return Finding("warn", found, "charge it: phones slow down and stop when the battery is low")
    return Finding("ok", found)
