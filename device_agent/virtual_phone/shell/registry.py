"""Commands by name: a command is a function of its `Call` that returns an exit status, found by its decorator."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from device_agent.virtual_phone.device import Device
from device_agent.virtual_phone.shell.files import PhoneFiles
from device_agent.virtual_phone.shell.streams import Output, Source
from device_agent.virtual_phone.shell.touch_log import TouchLog


@dataclass(slots=True)
class Shared:
    """What all shells of one phone keep together.

    Attributes:
        log_from: the position in the phone's log before which ``logcat -c`` has cleared.
        touches: what ``input`` has done and ``getevent`` tells.
    """

    log_from: int = 0
    touches: TouchLog = field(default_factory=TouchLog)


@dataclass(slots=True)
class Session:
    """What a shell keeps between its commands.

    Attributes:
        stop: set when the running command should end: the host left, or pressed Ctrl-C.
        left: set when the host left.
    """

    device: Device
    files: PhoneFiles
    shared: Shared = field(default_factory=Shared)
    variables: dict[str, str] = field(default_factory=dict)
    cwd: str = "/"
    status: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    left: threading.Event = field(default_factory=threading.Event)
    columns: int = 80

    def copy(self) -> Session:
        """For a subshell: shares the phone and `stop`, not the variables and the folder."""
        return Session(
            self.device,
            self.files,
            self.shared,
            dict(self.variables),
            self.cwd,
            self.status,
            self.stop,
            self.left,
            self.columns,
        )


@dataclass(slots=True)
class Call:
    """One run of a command."""

    name: str
    args: list[str]
    session: Session
    stdin: Source
    out: Output
    err: Output

    @property
    def device(self) -> Device:
        return self.session.device

    @property
    def upright_size(self) -> tuple[int, int]:
        """Width and height of the screen in pixels, as if the phone were held upright."""
        width, height = self.device.size
        return (height, width) if self.device.rotation % 2 else (width, height)

    @property
    def files(self) -> PhoneFiles:
        return self.session.files

    @property
    def cwd(self) -> str:
        return self.session.cwd

    def fail(self, message: str, status: int = 1) -> int:
        """Print ``name: message`` to the error output; the status to return."""
        self.err.print(f"{self.name}: {message}")
        return status


Command = Callable[[Call], int]

_COMMANDS: dict[str, Command] = {}
_loading = threading.Lock()
_loaded = threading.Event()


def command(*names: str) -> Callable[[Command], Command]:
    """Register a function as the command of these names."""

    def register(function: Command) -> Command:
        for name in names:
            if name in _COMMANDS:
                raise ValueError(f"two commands are named {name!r}")
            _COMMANDS[name] = function
        return function

    return register


def find(name: str) -> Command | None:
    """The command of that name, or of that name in one of Android's folders of programs."""
    _load()
    for folder in ("/system/bin/", "/system/xbin/", "/vendor/bin/", "/product/bin/"):
        name = name.removeprefix(folder)
    return _COMMANDS.get(name)


def names() -> list[str]:
    """All commands there are."""
    _load()
    return sorted(_COMMANDS)


def _load() -> None:
    """Import every module of commands, once; others wait, so that nobody misses a command meanwhile."""
    if _loaded.is_set():
        return
    with _loading:
        package = importlib.import_module("device_agent.virtual_phone.shell.commands")
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{package.__name__}.{module.name}")
        _loaded.set()
