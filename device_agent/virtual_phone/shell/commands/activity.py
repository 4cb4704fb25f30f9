"""am and monkey: start and stop apps (AOSP ``ActivityManagerShellCommand.java``)."""

from __future__ import annotations

import time

from device_agent.virtual_phone.errors import AppError
from device_agent.virtual_phone.shell.components import Foreground, Intent, full_class, short_component
from device_agent.virtual_phone.shell.keycodes import KEY_CODES
from device_agent.virtual_phone.shell.registry import Call, command

MAIN = "android.intent.action.MAIN"
HOME = "android.intent.category.HOME"
EXTRA_WITH_VALUE = frozenset(
    {"-e", "--es", "--ez", "--ei", "--el", "--ef", "--eu", "--ecn", "--eia", "--ela", "--efa", "--esa"}
)
SILENT = frozenset({"kill", "kill-all", "idle-maintenance", "wait-for-broadcast-idle"})


@command("am")
def activity_manager(io: Call) -> int:
    verb, words = (io.args[0], io.args[1:]) if io.args else ("", [])
    if verb in ("start", "start-activity"):
        return _start(io, words)
    if verb == "force-stop" or verb == "kill":
        names = [word for word in words if not word.startswith("-") and not word.isdigit()]
        if not names:
            return _complain(io, 'Argument expected after "' + verb + '"')
        io.device.force_stop(names[-1])
    elif (verb, words[:1]) in (("stack", ["list"]), ("task", ["list"])):
        _list_tasks(io)
    elif verb == "set-debug-app":
        return _set_debug_app(io, words)
    elif verb == "clear-debug-app":
        io.device.debug_app.clear()
    elif verb == "get-current-user":
        io.out.print("0")
    elif verb == "broadcast":
        intent, _ = _parse(words)
        io.out.print(f"Broadcasting: {intent}", "Broadcast completed: result=0")
    elif verb not in SILENT:
        io.err.print(f"Unknown command: {verb}" if verb else "Activity manager (activity) commands:")
        return 255
    return 0


def _set_debug_app(io: Call, words: list[str]) -> int:
    """``[-w] [--persistent] PACKAGE``; a package that is not installed is taken all the same, as on Android."""
    options = {word for word in words if word.startswith("-")}
    unknown = sorted(options - {"-w", "--persistent"})
    if unknown:
        io.err.print(f"Error: Unknown option: {unknown[0]}")
        return 255
    names = [word for word in words if not word.startswith("-")]
    if not names:
        return _complain(io, 'java.lang.IllegalArgumentException: Argument expected after "set-debug-app"')
    io.device.debug_app.set(names[0], "-w" in options, "--persistent" in options)
    return 0


def _complain(io: Call, message: str) -> int:
    io.err.print("", f"Exception occurred while executing '{io.args[0]}':", message)
    return 255


def _parse(words: list[str]) -> tuple[Intent, bool]:
    """The intent that the arguments describe, and whether ``-W`` was among them."""
    intent, wait, waiting = Intent(), False, list(words)

    def value() -> str:
        return waiting.pop(0) if waiting else ""

    while waiting:
        word = waiting.pop(0)
        if word == "-n":
            intent.component = value()
        elif word == "-a":
            intent.action = value()
        elif word == "-c":
            intent.categories.append(value())
        elif word == "-d":
            intent.data = value()
        elif word == "-t":
            intent.kind = value()
        elif word == "-p":
            intent.package = value()
        elif word == "-f":
            intent.flags = int(value(), 0)
        elif word == "-W":
            wait = True
        elif word in EXTRA_WITH_VALUE:
            value(), value()
            intent.extras = True
        elif word in ("--user", "--display", "--windowingMode", "--activityType", "-R", "-P"):
            value()
        elif word.startswith("-"):
            continue
        elif "/" in word and "://" not in word:
            intent.component = word
        elif "://" in word:
            intent.data = word
        else:
            intent.package = word
    return intent, wait


def _start(io: Call, words: list[str]) -> int:
    try:
        intent, wait = _parse(words)
    except ValueError as error:
        return _complain(io, f"java.lang.NumberFormatException: {error}")
    if not (intent.component or intent.action or intent.data or intent.package):
        return _complain(io, "java.lang.IllegalArgumentException: No intent supplied")
    if intent.component and "/" not in intent.component:
        return _complain(io, f"java.lang.IllegalArgumentException: Bad component name: {intent.component}")
    if intent.package and not intent.component and not intent.action:
        intent.action, intent.categories = MAIN, ["android.intent.category.LAUNCHER"]
    if intent.component:
        package, _, activity = intent.component.partition("/")
        intent.component = short_component(package, activity)
    io.out.print(f"Starting: {intent}")
    io.out.flush()
    if intent.action == MAIN and HOME in intent.categories:
        io.device.key(KEY_CODES["HOME"])
        return 0
    started = time.monotonic()
    before = io.device.foreground()
    target = _resolve(io, intent)
    if target is None:
        intent.flags |= 0x10000000
        io.err.print(f"Error: Activity not started, unable to resolve {intent}")
        return 1
    try:
        io.device.start_activity(*target)
    except AppError:
        package, activity = target
        io.err.print(
            "Error type 3", f"Error: Activity class {{{package}/{full_class(package, activity)}}} does not exist."
        )
        return 1
    if before is not None and before[0].name == target[0] and before[1] == full_class(*target):
        io.err.print("Warning: Activity not started, intent has been delivered to currently running top-most instance.")
    if wait:
        _report_wait(io, target, int((time.monotonic() - started) * 1000))
    return 0


def _resolve(io: Call, intent: Intent) -> tuple[str, str] | None:
    """Package and activity: the component, or the launcher activity of the package."""
    if intent.component:
        package, _, activity = intent.component.partition("/")
        return package, activity
    for package_there in io.device.packages():
        if package_there.name == intent.package and package_there.activity and intent.action in ("", MAIN):
            return package_there.name, package_there.activity
    return None


def _report_wait(io: Call, target: tuple[str, str], elapsed_ms: int) -> None:
    io.out.print(
        "Status: ok",
        "LaunchState: COLD",
        f"Activity: {short_component(*target)}",
        f"TotalTime: {elapsed_ms}",
        f"WaitTime: {elapsed_ms + 2}",
        "Complete",
    )


def _list_tasks(io: Call) -> None:
    found = io.device.foreground()
    if found is None:
        return
    top = Foreground(*found)
    width, height = io.device.size
    name = f"{top.package.name}/{full_class(top.package.name, top.activity)}"
    bounds = f"bounds=[0,0][{width},{height}]"
    io.out.print(
        f"RootTask id={top.task_id} {bounds} displayId=0 userId=0",
        f"  taskId={top.task_id}: {name} {bounds} userId=0 visible=true topActivity=ComponentInfo{{{name}}}",
        "",
    )


@command("monkey")
def monkey(io: Call) -> int:
    """``monkey -p PACKAGE ... 1``, which people use to open an app by its package; random events are not made."""
    package = io.args[io.args.index("-p") + 1] if "-p" in io.args[:-1] else ""
    target = _resolve(io, Intent(package=package))
    if target is None:
        io.out.print("** No activities found to run, monkey aborted.")
        return 252
    io.device.start_activity(*target)
    io.out.print("Events injected: 1", "## Network stats: elapsed time=0ms (0ms mobile, 0ms wifi, 0ms not connected)")
    return 0
