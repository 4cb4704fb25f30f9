"""pm and cmd: packages, and services by name (AOSP ``PackageManagerShellCommand.java``)."""

from __future__ import annotations

from device_agent.virtual_phone.device import Package
from device_agent.virtual_phone.shell.components import short_component
from device_agent.virtual_phone.shell.interpreter import Ends, call
from device_agent.virtual_phone.shell.options import UsageError, take_flags
from device_agent.virtual_phone.shell.registry import Call, command

SERVICES = {
    "activity": "am",
    "input": "input",
    "package": "pm",
    "settings": "settings",
    "window": "wm",
}


@command("cmd")
def service_command(io: Call) -> int:
    if io.args[:1] == ["-l"]:
        io.out.print("Currently running services:", *(f"  {name}" for name in SERVICES))
        return 0
    if not io.args:
        io.err.print("cmd: No service specified; use -l to list all services")
        return 20
    name = SERVICES.get(io.args[0])
    if name is None:
        io.err.print(f"cmd: Can't find service: {io.args[0]}")
        return 20
    return call([name, *io.args[1:]], io.session, Ends(io.stdin, io.out, io.err))


@command("pm")
def package_manager(io: Call) -> int:
    verb, words = (io.args[0], io.args[1:]) if io.args else ("", [])
    if verb == "list":
        return _list(io, words)
    if verb == "path":
        return _path(io, words)
    if verb in ("resolve-activity", "query-activities"):
        return _resolve(io, words)
    if verb == "dump":
        return call(["dumpsys", "package", *words], io.session, Ends(io.stdin, io.out, io.err))
    if verb in ("install", "install-create", "install-streaming", "uninstall", "clear"):
        what = "DELETE" if verb == "uninstall" else "INSTALL"
        io.err.print(f"Failure [{what}_FAILED_INTERNAL_ERROR: the virtual phone runs its own apps only]")
        return 1
    io.err.print(f"Unknown command: {verb}" if verb else "Package manager (package) commands:")
    return 255


def _named(io: Call, name: str) -> Package | None:
    return next((package for package in io.device.packages() if package.name == name), None)


def _list(io: Call, words: list[str]) -> int:
    kind, words = (words[0], words[1:]) if words else ("", [])
    if kind == "users":
        io.out.print("Users:", "\tUserInfo{0:Owner:c13} running")
        return 0
    if kind in ("features", "libraries", "permissions", "instrumentation"):
        return 0
    if kind not in ("packages", "package"):
        io.err.print(f"Error: unknown list type '{kind}'")
        return 255
    io.args = [word for word in words if word != "--show-versioncode"]
    try:
        options, filters = take_flags(io, "3sfUdeiua", "")
    except UsageError as error:
        io.err.print(f"Error: {error}")
        return 255
    for package in io.device.packages():
        if ("3" in options and package.system) or ("s" in options and not package.system):
            continue
        if filters and filters[0] not in package.name:
            continue
        line = f"package:{package.path}={package.name}" if "f" in options else f"package:{package.name}"
        line += " versionCode:1" if "--show-versioncode" in words else ""
        line += "  installer=null" if "i" in options else ""
        io.out.print(line + (f" uid:{package.uid}" if "U" in options else ""))
    return 0


def _path(io: Call, words: list[str]) -> int:
    package = _named(io, words[-1]) if words else None
    if package is None:
        return 1
    io.out.print(f"package:{package.path}")
    return 0


def _resolve(io: Call, words: list[str]) -> int:
    """The launcher activity of a package, given as an operand or with ``-p``."""
    name = next((word for word in reversed(words) if not word.startswith("-")), "")
    if "android.intent.category.HOME" in words:
        home = next((p for p in io.device.packages() if p.system and p.activity), None)
        name = home.name if home else ""
    package = _named(io, name)
    if package is None or not package.activity:
        io.out.print("No activity found")
        return 0
    io.out.print(
        "priority=0 preferredOrder=0 match=0x108000 specificIndex=-1 isDefault=true",
        short_component(package.name, package.activity),
    )
    return 0
