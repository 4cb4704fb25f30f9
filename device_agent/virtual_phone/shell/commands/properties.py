"""getprop, setprop, settings: what the phone says about itself."""

from __future__ import annotations

from device_agent.virtual_phone.shell.registry import Call, command


@command("getprop")
def getprop(io: Call) -> int:
    properties = io.device.properties
    if not io.args:
        io.out.print(*(f"[{name}]: [{value}]" for name, value in sorted(properties.items())))
        return 0
    io.out.print(properties.get(io.args[0]) or (io.args[1] if len(io.args) > 1 else ""))
    return 0


@command("setprop")
def setprop(io: Call) -> int:
    """Refused, as for a shell user and a property of the system's."""
    if len(io.args) != 2:
        return io.fail('Needs 2 arguments (see "setprop --help")')
    return io.fail(f"Failed to set property '{io.args[0]}' to '{io.args[1]}'.\nSee dmesg for error reason.")


@command("settings")
def settings(io: Call) -> int:
    """``get``, ``put``, ``list``, ``delete`` in the tables system, secure and global."""
    words = [word for word in io.args if word not in ("--user", "current", "0")] if "--user" in io.args else io.args
    verb = words[0] if words else ""
    needed = {"get": 3, "put": 4, "list": 2, "delete": 3}.get(verb)
    if needed is None:
        io.err.print("Settings provider (settings) commands:", "  get", "  put", "  delete", "  list")
        return 255
    if len(words) < needed:
        io.err.print("Bad arguments", "Invalid command")
        return 255
    table = io.device.settings.get(words[1])
    if table is None:
        io.err.print(f"Invalid namespace '{words[1]}'")
        return 255
    if verb == "get":
        io.out.print(table.get(words[2], "null"))
    elif verb == "put":
        table[words[2]] = words[3]
    elif verb == "list":
        io.out.print(*(f"{key}={value}" for key, value in sorted(table.items())))
    else:
        there = table.pop(words[2], None) is not None
        io.out.print(f"Deleted {int(there)} rows")
    return 0
