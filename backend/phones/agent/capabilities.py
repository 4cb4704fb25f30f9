"""What a phone allows: whether something can act inside its apps, over them, or only on the mirror; and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from backend.errors import AgentError, CaptureError, PhoneError
from backend.phones import forward
from backend.phones.agent import ptrace
from backend.phones.agent.frida_library import INSTALL, library_version, within
from backend.phones.agent.reach import FridaOptions, Reach, Where, is_local
from backend.phones.agent.root import NoRoot, Root, find_root
from backend.phones.agent.scope import AppRef
from backend.phones.agent.server import ask_version, find_installed, find_running, fits
from backend.phones.phone import Phone
from backend.phones.transport import USE_TCP

SinkName = Literal["app", "overlay", "mirror"]

HARDENED = frozenset(
    {
        "com.snapchat.android",
        "com.nianticlabs.pokemongo",
        "com.google.android.apps.walletnfcrel",
        "com.google.android.gms",
        "com.android.vending",
    }
)
"""Apps reported to end, or to lock accounts, when something is inside them. No list is complete."""
_TRY_S = 10.0
_FLAGS = re.compile(r"^\s*(?:pkgF|f)lags=\[([^\]]*)\]", re.MULTILINE)
_PROPERTY = re.compile(r"^\[([^\]]+)\]: \[(.*)\]$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was found on one phone.

    Attributes:
        library: the version of Frida here; empty when it is not installed.
        where: where Frida is reached; None when it is not.
        why_not: why not, with what to do in `remedy`.
        root: how commands are run as root; empty when they are not, and `no_root` says why.
        server: the version of the frida-server that runs; "?" when it does not tell, empty when none runs.
        installed: frida-servers that lie on the phone, path to version.
        front: the app in front; `hardened` when it is known to defend itself, `debuggable` when it was built so.
        selinux: Enforcing, Permissive, Disabled, or empty.
        ptrace: what this machine's kernel says of tracing; only for a virtual phone.
    """

    serial: str
    library: str
    android: str = ""
    sdk: int = 0
    abi: str = ""
    build: str = ""
    selinux: str = ""
    takes_lanes: bool = True
    local: bool = False
    ptrace: str = ""
    root: str = ""
    no_root: str = ""
    root_asked: bool = False
    server: str = ""
    installed: dict[str, str] = field(default_factory=dict)
    supplied: Path | None = None
    front: str = ""
    hardened: bool = False
    debuggable: bool = False
    where: Where | None = None
    why_not: str = ""
    remedy: str = ""


def probe(phone: Phone, options: FridaOptions | None = None) -> Capabilities:
    """Look at `phone`; changes nothing on it and starts nothing. Raises PhoneError when it does not answer."""
    options = options or FridaOptions()
    properties = dict(_PROPERTY.findall(phone.shell("getprop").out))
    sdk = properties.get("ro.build.version.sdk", "")
    local = is_local(phone)
    root = Root("adb root") if local else find_root(phone)
    front = _front(phone)
    listens = not local and phone.takes_lanes and forward.answers(phone, options.port)
    where, error = _try(phone, options, local or listens)
    return Capabilities(
        serial=phone.serial,
        library=library_version(),
        android=properties.get("ro.build.version.release", ""),
        sdk=int(sdk) if sdk.isdigit() else 0,
        abi=properties.get("ro.product.cpu.abi", ""),
        build=properties.get("ro.build.type", ""),
        selinux=phone.shell("getenforce").out.strip(),
        takes_lanes=phone.takes_lanes,
        local=local,
        ptrace=ptrace.describe() if local else "",
        root=root.way if isinstance(root, Root) and not local else "",
        no_root=root.why if isinstance(root, NoRoot) else "",
        root_asked=isinstance(root, NoRoot) and root.asked,
        server=_server_version(phone, root) if listens and where != "gadget" else "",
        installed={} if local else find_installed(phone),
        supplied=options.server_binary,
        front=front,
        hardened=front in HARDENED,
        debuggable=bool(front) and _is_debuggable(phone, front),
        where=where,
        why_not=error.message if error is not None else "",
        remedy=error.remedy if error is not None else "",
    )


def best_sink(found: Capabilities) -> tuple[SinkName, str]:
    """The best place to act on this phone, and why; where it is not the app, what would make it so."""
    if not found.library:
        return "mirror", f"Frida is not installed here: {INSTALL}"
    if not found.takes_lanes:
        return "mirror", f"over USB the agent cannot be reached: {USE_TCP}"
    if found.hardened and found.where == "server":
        return "overlay", f"{found.front} defends itself against whoever enters it; what lies over it does not"
    match found.where:
        case "local":
            return "app", "the virtual phone's apps can be entered on this machine"
        case "gadget":
            return "app", "the app in front was rebuilt with Frida's gadget; no other app can be entered"
        case "server":
            return "app", "frida-server runs: every app can be entered"
    if found.why_not:
        return "mirror", f"{found.why_not}; {found.remedy}"
    if found.root and (found.supplied is not None or any(fits(version) for version in found.installed.values())):
        return "app", "the phone is rooted, and a frida-server is there to be started"
    if found.root:
        return "mirror", f"rooted, but without a frida-server {found.library}: {_DOCS}"
    return "mirror", f"not rooted ({found.no_root}), and the app has no gadget: {_DOCS}"


_DOCS = "docs/real-phones.md shows how to give it one"


def _front(phone: Phone) -> str:
    try:
        return phone.foreground().package
    except CaptureError:
        return ""


def _try(phone: Phone, options: FridaOptions, there: bool) -> tuple[Where | None, AgentError | None]:
    """Where Frida is reached, tried for real if something is `there`; on this machine by entering the app in front."""
    if not there:
        return None, None
    try:
        reach = Reach(phone, options)
    except AgentError as error:
        return None, error
    try:
        if reach.where == "local":
            _enter_and_leave(phone, reach)
        return reach.where, None
    except AgentError as error:
        return None, error
    finally:
        reach.close()


def _enter_and_leave(phone: Phone, reach: Reach) -> None:
    package = _front(phone)
    told = phone.shell(f"pidof {package}").out.split() if package else []
    if told and told[0].isdigit() and reach.stage(AppRef(package, int(told[0]))) == "up":
        with within(phone.serial, f"entering {package}", _TRY_S, local=True):
            reach.device.attach(int(told[0])).detach()


def _server_version(phone: Phone, root: Root | NoRoot) -> str:
    pid = find_running(phone)
    if pid is None or not isinstance(root, Root):
        return "?"
    return ask_version(phone, f"/proc/{pid}/exe", root) or "?"


def _is_debuggable(phone: Phone, package: str) -> bool:
    try:
        flags = _FLAGS.search(phone.shell(f"dumpsys package {package}").out)
    except PhoneError:
        return False
    return flags is not None and "DEBUGGABLE" in flags[1].split()
