"""Whether something can act inside the phone's apps: Frida here, Frida there, the app in front, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakKeyDictionary

from backend.phones.agent.binary import release_name
from backend.phones.agent.capabilities import Capabilities, best_sink, probe
from backend.phones.agent.frida_library import INSTALL
from backend.phones.agent.reach import FridaOptions
from backend.phones.agent.server import FOLDER, fits
from backend.phones.doctor.registry import Check, Finding
from backend.phones.phone import Phone

_PAGE = "docs/real-phones.md goes through it step by step"


def agent_checks(options: FridaOptions | None = None) -> dict[str, Check]:
    """The checks, which share one look at each phone."""
    seen: WeakKeyDictionary[Phone, Capabilities] = WeakKeyDictionary()

    def looking(judge: Callable[[Capabilities], Finding]) -> Check:
        def examine(phone: Phone) -> Finding:
            if phone not in seen:
                seen[phone] = probe(phone, options)
            return judge(seen[phone])

        return examine

    return {
        "Frida": looking(library),
        "Frida on the phone": looking(server),
        "app in front": looking(front),
        "acts on": looking(sink),
    }


def library(found: Capabilities) -> Finding:
    if not found.library:
        return Finding("skip", "not installed here: interventions act on the mirror", f"to act on the phone: {INSTALL}")
    return Finding("ok", f"{found.library} is installed here")


def server(found: Capabilities) -> Finding:
    """What there is for Frida to be reached at."""
    if found.local:
        what = f"not needed: the apps are processes of this machine ({found.ptrace})"
        return Finding("warn", found.why_not, found.remedy) if found.why_not else Finding("ok", what)
    about = f"phone is {found.abi or 'of unknown ABI'}, SELinux {found.selinux.lower() or 'unknown'}"
    if found.where == "gadget":
        return Finding("ok", f"a gadget, in one app; {about}")
    if found.server:
        return _running(found, about)
    if found.installed:
        there = ", ".join(f"{path} {version or '(does not run)'}" for path, version in found.installed.items())
        if any(fits(version) for version in found.installed.values()):
            return Finding("ok", f"frida-server does not run, and is started when needed: {there}; {about}")
        return Finding("warn", f"frida-server is there and does not fit: {there}; {about}", _give(found))
    if found.supplied is not None:
        return Finding("ok", f"none yet; {found.supplied} is sent when needed; {about}")
    return Finding("skip", f"no frida-server runs, none is in {FOLDER}, no gadget answers; {about}", _give(found))


def _running(found: Capabilities, about: str) -> Finding:
    if found.where is None:
        return Finding("warn", f"frida-server runs, and cannot be used: {found.why_not}", found.remedy)
    if found.server == "?":
        return Finding("ok", f"frida-server runs and answers; {about}")
    if found.server != found.library:
        what = f"frida-server {found.server} runs, and Frida here is {found.library}; {about}"
        return Finding("warn", what, f"better the same version: {release_name(found.abi, found.library)}")
    return Finding("ok", f"frida-server {found.server} runs; {about}")


def _give(found: Capabilities) -> str:
    if found.root:
        return f"unpack {release_name(found.abi, found.library)} and name it: MINDPROOF_FRIDA_SERVER=FILE; {_PAGE}"
    return f"a rooted phone takes frida-server, any phone an app with a gadget; {_PAGE}"


def front(found: Capabilities) -> Finding:
    if not found.front:
        return Finding("skip", "the phone does not tell which it is", "wake and unlock its screen")
    if found.hardened:
        return Finding(
            "warn", f"{found.front} is known to defend itself against being entered", "act over it: --on overlay"
        )
    if found.debuggable:
        return Finding("ok", f"{found.front} was built for debugging")
    return Finding("ok", f"{found.front} is not known to defend itself")


def sink(found: Capabilities) -> Finding:
    """Where interventions act best."""
    name, why = best_sink(found)
    return Finding("skip" if name == "mirror" else "ok", f"{name}: {why}")
