"""frida-server on a rooted phone: find one that runs, start one that is there, or push one that somebody supplied.

Nothing is ever downloaded. What runs already is left as it is; what was started here is stopped here.
"""

from __future__ import annotations

import logging
import posixpath
import re
import time
from dataclasses import dataclass
from pathlib import Path

from backend.errors import AgentError
from backend.phones import forward
from backend.phones.agent.binary import ServerBinary, read_binary, release_name
from backend.phones.agent.frida_library import library_version
from backend.phones.agent.root import NoRoot, Root, find_root
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

PORT = 27042
FOLDER = "/data/local/tmp"
LOG = f"{FOLDER}/mindproof-frida-server.log"
START_S = 10.0
POLL_S = 0.1
_NAME = re.compile(r"(?:^|/)(?:mindproof-)?frida-?server[\w.-]*$")
_VERSION = re.compile(r"^(\d+)\.(\d+)\.(\d+)\S*$")
_DOCS = "docs/real-phones.md shows how, step by step"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A frida-server on the phone. `version` is empty where it cannot be told; `ours`: started by us."""

    pid: int
    version: str = ""
    ours: bool = False


def find_running(phone: Phone) -> int | None:
    """The process id of a frida-server, by its name; None when there is none that bears it."""
    for line in phone.shell("ps -A -o PID,NAME").out.splitlines():
        words = line.split(None, 1)
        if len(words) == 2 and words[0].isdigit() and _NAME.search(words[1].strip()):
            return int(words[0])
    return None


def find_installed(phone: Phone) -> dict[str, str]:
    """Programs named frida-server in the phone's folder for such things, path to version ("" when they do not run)."""
    names = phone.shell(f"ls {FOLDER}").out.split()
    paths = [posixpath.join(FOLDER, name) for name in names if _NAME.search(name)]
    return {path: ask_version(phone, path) for path in paths if not path.endswith((".log", ".xz"))}


def ask_version(phone: Phone, program: str, root: Root | None = None) -> str:
    """What the frida-server at `program` says it is; empty when it does not say."""
    line = f"{program} --version"
    said = phone.shell(root.command(line) if root is not None else line).out.strip()
    return said if _VERSION.match(said) else ""


def fits(version: str) -> bool:
    """Whether our Frida and a frida-server of `version` speak the same: their major versions must agree."""
    return version.partition(".")[0] == library_version().partition(".")[0]


def ensure_server(phone: Phone, supplied: Path | None = None, port: int = PORT) -> RunningServer:
    """A frida-server that listens on the phone's loopback `port`: found, started, or pushed and started.

    Raises:
        AgentError: there is none and it cannot be started; the text says why and what to do.
        InputError: `supplied` is no frida-server for Android.
        PhoneError: the phone does not answer.
    """
    if forward.answers(phone, port):
        return _of_running(phone)
    root = find_root(phone)
    if isinstance(root, NoRoot):
        raise AgentError(phone.serial, f"frida-server needs root, and {root.why}", _without_root(root))
    path, version = _choose(phone, root, supplied)
    return _start(phone, root, path, version, port)


def stop_server(phone: Phone, server: RunningServer) -> None:
    """End `server`, if it is ours. Raises PhoneError."""
    if not server.ours:
        return
    root = find_root(phone)
    if isinstance(root, Root):
        phone.shell(root.command(f"kill {server.pid}; rm -f {LOG}"))


def _of_running(phone: Phone) -> RunningServer:
    """The server that answers; its version where we may ask, and it must fit."""
    pid = find_running(phone) or 0
    version = ""
    if pid:
        root = find_root(phone)
        if isinstance(root, Root):
            version = ask_version(phone, f"/proc/{pid}/exe", root)
    if version and not fits(version):
        raise _misfit(phone, f"the frida-server that runs there is {version}", "stop it (kill it as root), and")
    return RunningServer(pid, version)


def _choose(phone: Phone, root: Root, supplied: Path | None) -> tuple[str, str]:
    """Path and version of the program to start: the supplied one, or the best of those that are there."""
    if supplied is not None:
        path = _push(phone, read_binary(supplied))
        version = ask_version(phone, path, root)
        if not version:
            raise AgentError(phone.serial, f"{supplied} does not run there: {_why_not(phone, root, path)}", _WHICH)
        if not fits(version):
            raise _misfit(phone, f"{supplied} is {version}", "")
        return path, version
    found = find_installed(phone)
    for path, version in sorted(found.items(), key=lambda one: one[1] != library_version()):
        version = version or _made_runnable(phone, root, path)
        if version and fits(version):
            return path, version
    if found:
        there = ", ".join(f"{path} ({version or 'does not run'})" for path, version in found.items())
        raise _misfit(phone, f"none of what is on the phone fits: {there}", "")
    abi = phone.shell("getprop ro.product.cpu.abi").out.strip()
    raise AgentError(
        phone.serial,
        f"there is no frida-server in {FOLDER}",
        f"take {release_name(abi, library_version())} from Frida's releases, unpack it, and name it: "
        f"MINDPROOF_FRIDA_SERVER=FILE; {_DOCS}",
    )


_WHICH = "take the release for this phone's ABI: adb shell getprop ro.product.cpu.abi"


def _push(phone: Phone, binary: ServerBinary) -> str:
    """Where `binary` lies on the phone, pushed unless it is there."""
    abis = phone.shell("getprop ro.product.cpu.abilist").out.strip() or phone.shell("getprop ro.product.cpu.abi").out
    if binary.abi not in abis.strip().split(","):
        first = abis.strip().split(",")[0]
        raise AgentError(
            phone.serial,
            f"{binary.path} is made for {binary.abi}, and the phone is {first}",
            f"take {release_name(first, library_version())} instead",
        )
    path = posixpath.join(FOLDER, binary.remote_name)
    if phone.shell(f"stat -c %s {path}").out.strip() != str(binary.size):
        log.info("sending %s to %s (%d MB)", binary.path, phone.serial, binary.size // 1_000_000)
        phone.push(binary.path, path)
    phone.shell(f"chmod 755 {path}")
    return path


def _made_runnable(phone: Phone, root: Root, path: str) -> str:
    """The version of a program that did not say it: perhaps nobody had made it executable."""
    phone.shell(root.command(f"chmod 755 {path}"))
    return ask_version(phone, path, root)


def _why_not(phone: Phone, root: Root, path: str) -> str:
    answer = phone.shell(root.command(f"{path} --version"))
    return _last_line(answer.err or answer.out) or f"exit code {answer.code}"


def _start(phone: Phone, root: Root, path: str, version: str, port: int) -> RunningServer:
    # Without the redirections `su` would keep the command's streams, and ADB its answer, as long as the server runs.
    phone.shell(root.command(f"{path} -D -l 127.0.0.1:{port} >{LOG} 2>&1 </dev/null"))
    deadline = time.monotonic() + START_S
    while not forward.answers(phone, port):
        if time.monotonic() > deadline:
            said = _last_line(phone.shell(root.command(f"cat {LOG}")).out) or "nothing"
            raise AgentError(phone.serial, f"{path} did not begin to listen; it says: {said}", _remedy(said))
        time.sleep(POLL_S)
    pid = find_running(phone)
    if pid is None:
        raise AgentError(phone.serial, f"{path} listens, but is not among the processes", "see: mindproof doctor")
    log.info("started frida-server %s on %s", version, phone.serial)
    return RunningServer(pid, version, ours=True)


def _remedy(said: str) -> str:
    if "Address already in use" in said:
        return "another program holds its port: adb shell su -c 'lsof -i :27042'"
    if "SELinux" in said or "selinux" in said:
        return f"the phone's SELinux policy forbids it; {_DOCS}"
    return _DOCS


def _misfit(phone: Phone, what: str, first: str) -> AgentError:
    ours = library_version()
    abi = phone.shell("getprop ro.product.cpu.abi").out.strip()
    return AgentError(
        phone.serial,
        f"{what}, and Frida here is {ours}: their major versions must agree",
        f"{first} give it {release_name(abi, ours)}: MINDPROOF_FRIDA_SERVER=FILE".strip(),
    )


def _without_root(root: NoRoot) -> str:
    if root.asked:
        return "allow it for 'Shell' in the phone's superuser app (Magisk: Superuser), and try again"
    return f"root the phone, or put Frida's gadget into the app; {_DOCS}; or act on the mirror: --on mirror"


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else ""
