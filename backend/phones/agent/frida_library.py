"""Frida's Python library, which is an extra: everything that touches it goes through here.

Its calls wait without end and raise its own errors; `within` gives them a deadline and turns those into ours.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType

from backend.errors import AgentError
from backend.phones.agent import ptrace

INSTALL = "pip install 'mindproof[agent]'; ./run does it by itself for `--on app`"
_ANOTHER = "see docs/real-phones.md, or act on the mirror: --on mirror"


def library(serial: str) -> ModuleType:
    """The module ``frida``. Raises AgentError when it is not installed."""
    try:
        import frida
    except ImportError as error:
        raise AgentError(serial, f"the extra `agent` is not installed ({error})", INSTALL) from error
    return frida


def library_version() -> str:
    """``17.26.2``; empty when Frida is not installed."""
    try:
        return version("frida")
    except PackageNotFoundError:
        return ""


@contextmanager
def within(serial: str, what: str, seconds: float, local: bool = False) -> Iterator[None]:
    """Calls of Frida's in the block end within `seconds`, and fail with AgentError.

    Args:
        what: for the message: what is attempted, "entering org.example".
        local: whether the process is one of this machine's, where the kernel's rules for tracers are ours to explain.
    """
    frida = library(serial)
    cancellable = frida.Cancellable()
    timer = threading.Timer(seconds, cancellable.cancel)
    timer.name, timer.daemon = f"deadline of {what}", True
    timer.start()
    try:
        with cancellable:
            yield
    except frida_errors(frida) as error:
        raise explain(serial, what, seconds, error, local) from error
    finally:
        timer.cancel()
        timer.join()


def frida_errors(frida: ModuleType) -> tuple[type[Exception], ...]:
    """All that Frida raises."""
    return tuple(
        kind
        for name, kind in vars(frida).items()
        if name.endswith("Error") and isinstance(kind, type) and issubclass(kind, Exception)
    )


class LinkLost(AgentError):
    """Whoever was to do it (a server, a gadget) is not there any more."""


def explain(serial: str, what: str, seconds: float, error: Exception, local: bool = False) -> AgentError:
    """What Frida says, with what to do about it. We go by the class of its errors: their text may change."""
    said = str(error).strip() or type(error).__name__
    match type(error).__name__:
        case "PermissionDeniedError" if local:
            return AgentError(serial, f"{what}: the kernel refused ({said})", ptrace.remedy())
        case "PermissionDeniedError":
            return AgentError(
                serial, f"{what}: refused ({said})", "frida-server must run as root: see docs/real-phones.md"
            )
        case "ProcessNotFoundError":
            return AgentError(serial, f"{what}: the app has ended", "start it again")
        case "ProcessNotRespondingError":
            return AgentError(
                serial, f"{what}: the app ended or froze while it was entered; it may defend itself ({said})", _ANOTHER
            )
        case "ServerNotRunningError" | "TransportError":
            return LinkLost(serial, f"{what}: the link to Frida on the phone broke ({said})", "see: mindproof doctor")
        case "ProtocolError":
            return AgentError(
                serial,
                f"{what}: frida-server does not speak the language of Frida {library_version()} ({said})",
                f"put frida-server {library_version()} on the phone: see docs/real-phones.md",
            )
        case "OperationCancelledError" | "TimedOutError":
            return AgentError(
                serial, f"{what} did not finish within {seconds:g} s", "see whether the app still responds"
            )
        case "NotSupportedError":
            return AgentError(serial, f"{what} is not possible there ({said})", _ANOTHER)
        case _:
            return AgentError(serial, f"{what} failed: {said}", _ANOTHER)
