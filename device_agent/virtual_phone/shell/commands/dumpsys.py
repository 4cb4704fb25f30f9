"""dumpsys: the services' state, as far as it tells what is in the foreground and whether the screen is on."""

from __future__ import annotations

from collections.abc import Callable

from device_agent.virtual_phone.shell.components import Foreground, app_user, identity, short_component
from device_agent.virtual_phone.shell.registry import Call, command


@command("dumpsys")
def dumpsys(io: Call) -> int:
    words = list(io.args)
    while words and words[0] in ("-t", "-T", "--priority"):
        words = words[2:]
    if words[:1] == ["-l"]:
        io.out.print("Currently running services:", *(f"  {name}" for name in sorted(_SERVICES)))
        return 0
    if not words:
        for name in sorted(_SERVICES):
            io.out.print("-" * 79, f"DUMP OF SERVICE {name}:")
            io.out.print(*_SERVICES[name](io, []))
        return 0
    service = _SERVICES.get(words[0])
    if service is None:
        io.err.print(f"Can't find service: {words[0]}")
        return 0
    io.out.print(*service(io, words[1:]))
    return 0


def _top(io: Call) -> Foreground | None:
    found = io.device.foreground()
    return Foreground(*found) if found else None


# Windows.


def _window(io: Call, words: list[str]) -> list[str]:
    wanted = next((word for word in words if not word.startswith("-")), "")
    parts = {"displays": _displays, "d": _displays, "windows": _windows, "w": _windows, "policy": _policy, "p": _policy}
    if wanted in parts:
        return parts[wanted](io)
    return [*_policy(io), "", *_displays(io), "", *_windows(io)]


def _displays(io: Call) -> list[str]:
    width, height = io.device.size
    top = _top(io)
    size, upright = f"{width}x{height}", "{}x{}".format(*io.upright_size)
    return [
        "WINDOW MANAGER DISPLAY CONTENTS (dumpsys window displays)",
        "  Display: mDisplayId=0 (organized)",
        f"    init={upright} {io.device.density}dpi mMinSizeOfResizeableTaskDp=220 cur={size} app={size} "
        f"rng={min(width, height)}x{min(width, height)}-{max(width, height)}x{max(width, height)}",
        "    deferred=false mLayoutNeeded=false",
        "  mLayoutSeq=1",
        f"  mCurrentFocus={top.window if top else None}".replace("None", "null"),
        f"  mFocusedApp={top.record if top else None}".replace("None", "null"),
        "  DisplayRotation",
        f"    mRotation={io.device.rotation} mDeferredRotationPauseCount=0",
        "",
        "  displayId=0",
        f"  DisplayFrames w={width} h={height} r={io.device.rotation}",
    ]


def _windows(io: Call) -> list[str]:
    width, height = io.device.size
    top = _top(io)
    lines = ["WINDOW MANAGER WINDOWS (dumpsys window windows)"]
    if top is not None:
        frame = f"[0,0][{width},{height}]"
        owner = app_user(top.package.uid)
        session = f"Session{{{identity('session', str(top.pid))} {top.pid}:{owner.replace('u0a', 'u0a1', 1)}}}"
        lines += [
            f"  Window #0 {top.window}:",
            f"    mDisplayId=0 rootTaskId={top.task_id} mSession={session} "
            f"mClient=android.os.BinderProxy@{identity('client', str(top.pid))}",
            f"    mOwnerUid={top.package.uid} showForAllUsers=false package={top.package.name} appop=NONE",
            "    mAttrs={(0,0)(fillxfill) sim={adjust=pan} ty=BASE_APPLICATION wanim=0x10302f2",
            "      fl=LAYOUT_IN_SCREEN LAYOUT_INSET_DECOR SPLIT_TOUCH HARDWARE_ACCELERATED}",
            f"    Requested w={width} h={height} mLayoutSeq=1",
            f"    mToken={top.record}",
            f"    mActivityRecord={top.record}",
            "    mViewVisibility=0x0 mHaveFrame=true mObscured=false",
            f"    Frames: parent={frame} display={frame} frame={frame} last={frame} insetsChanged=false",
            "    isOnScreen=true",
            "    isVisible=true",
        ]
    return [*lines, "", "  mGlobalConfiguration={1.0}", "  mHasPermanentDpad=false", "  mTopFocusedDisplayId=0"]


def _policy(io: Call) -> list[str]:
    awake = str(_top(io) is not None).lower()
    state = "SCREEN_STATE_ON" if awake == "true" else "SCREEN_STATE_OFF"
    return [
        "WINDOW MANAGER POLICY STATE (dumpsys window policy)",
        "    mSafeMode=false",
        f"    mAwake={awake} mScreenOnEarly={awake} mScreenOnFully={awake}",
        f"    screenState={state}",
        "    isKeyguardShowing=false",
        "    showing=false",
    ]


# Activities.


def _activity(io: Call, words: list[str]) -> list[str]:
    wanted = next((word for word in words if not word.startswith("-")), "activities")
    parts = {
        "activities": _activities,
        "a": _activities,
        "top": _activity_top,
        "processes": _processes,
        "p": _processes,
    }
    dump = parts.get(wanted)
    if dump is None:
        return [f"Bad activity command, or no activities match: {wanted}", "Use -h for help."]
    return dump(io)


def _activities(io: Call) -> list[str]:
    top = _top(io)
    lines = ["ACTIVITY MANAGER ACTIVITIES (dumpsys activity activities)"]
    if top is None:
        return [*lines, "Display #0 (activities from top to bottom):", "", "  ResumedActivity: null", ""]
    name = top.package.name
    states = "visible=true visibleRequested=true mode=fullscreen translucent=false sz=1}"
    return [
        *lines,
        "Display #0 (activities from top to bottom):",
        f"  * {top.task} U=0 {states}",
        "    fullscreenRequestAllowMode=NONE",
        "    isSleeping=false",
        f"    topResumedActivity={top.record}",
        f"    * Hist  #0: {top.record}",
        f"      packageName={name} processName={name}",
        "      launchedFromUid=2000 launchedFromPackage=com.android.shell launchedFromFeature=null userId=0",
        f"      app={top.process}",
        "      Intent { act=android.intent.action.MAIN cat=[android.intent.category.LAUNCHER] "
        f"flg=0x10000000 cmp={top.component} }}",
        f"      rootOfTask=true task={top.task}}}",
        f"      taskAffinity={top.package.uid}:{name}",
        f"      mActivityComponent={top.component}",
        f"      baseDir={top.package.path}",
        f"      dataDir=/data/user/0/{name}",
        "      state=RESUMED finishing=false",
        "      mActivityType=standard",
        "      mVisibleRequested=true mVisible=true mClientVisible=true reportedDrawn=true reportedVisible=true",
        "",
        "  Resumed activities in task display areas (from top to bottom):",
        f"    Resumed: {top.record}",
        "",
        f"  ResumedActivity: {top.record}",
        "",
        "ActivityTaskSupervisor state:",
        f"  topDisplayFocusedRootTask={top.task}}}",
        *_displays(io)[1:],
    ]


def _activity_top(io: Call) -> list[str]:
    top = _top(io)
    if top is None:
        return []
    return [
        f"TASK {top.package.name} id={top.task_id} userId=0 displayId=0(type=INTERNAL)",
        f"  ACTIVITY {top.component} {identity('activity', top.component)} pid={top.pid}",
        f"    Local Activity {identity('local', top.component)} State:",
        "      mResumed=true mStopped=false mFinished=false",
        "      mIsInMultiWindowMode=false mIsInPictureInPictureMode=false",
    ]


def _processes(io: Call) -> list[str]:
    lines = ["ACTIVITY MANAGER RUNNING PROCESSES (dumpsys activity processes)", "  All known processes:"]
    users = {package.name: package.uid for package in io.device.packages()}
    for process in io.device.processes():
        if process.name in users:
            uid = users[process.name]
            record = f"{identity('process', str(process.pid))} {process.pid}:{process.name}/{app_user(uid)}"
            lines += [f"  *APP* UID {uid} ProcessRecord{{{record}}}", f"    pid={process.pid}"]
    return lines


# The rest.


def _package(io: Call, words: list[str]) -> list[str]:
    name = next((word for word in words if not word.startswith("-")), "")
    lines = ["Packages:"]
    for package in io.device.packages():
        if name and package.name != name:
            continue
        flags = "SYSTEM HAS_CODE" if package.system else "HAS_CODE ALLOW_BACKUP"
        lines += [
            f"  Package [{package.name}] ({identity('package', package.name)}):",
            f"    userId={package.uid}",
            f"    codePath={package.path.rpartition('/')[0]}",
            "    versionCode=1 minSdk=21 targetSdk=34",
            f"    versionName={package.version}",
            f"    flags=[ {flags} ]",
            f"    dataDir=/data/user/0/{package.name}",
        ]
        if package.activity:
            lines.append(f"    mainActivity={short_component(package.name, package.activity)}")
    return lines if len(lines) > 1 else [f"Unable to find package: {name}"]


def _battery(io: Call, words: list[str]) -> list[str]:
    return [
        "Current Battery Service state:",
        "  AC powered: true",
        "  USB powered: false",
        "  Wireless powered: false",
        "  Dock powered: false",
        "  Max charging current: 0",
        "  Max charging voltage: 0",
        "  Charge counter: 4000000",
        "  status: 5",
        "  health: 2",
        "  present: true",
        "  level: 100",
        "  scale: 100",
        "  voltage: 4300",
        "  temperature: 250",
        "  technology: Li-ion",
    ]


def _display(io: Call, words: list[str]) -> list[str]:
    width, height = io.device.size
    state = "ON" if _top(io) else "OFF"
    density = io.device.density
    rotation = io.device.rotation
    return [
        "DISPLAY MANAGER (dumpsys display)",
        "  mSafeMode=false",
        f"  mGlobalDisplayState={state}",
        "",
        "Logical Displays: size=1",
        "  Display 0:",
        "    mDisplayId=0",
        f'    mBaseDisplayInfo=DisplayInfo{{"Built-in Screen", displayId 0, real {width} x {height}, '
        f"largest app {max(width, height)} x {max(width, height)}, rotation {rotation}, state {state}, "
        f"density {density} ({density}.0 x {density}.0) dpi}}",
        "",
        f"  mScreenState={state}",
        "  mViewports=[DisplayViewport{type=INTERNAL, valid=true, isActive=true, displayId=0, "
        f"orientation={rotation}, logicalFrame=Rect(0, 0 - {width}, {height}), "
        f"physicalFrame=Rect(0, 0 - {width}, {height}), deviceWidth={width}, deviceHeight={height}}}]",
    ]


def _power(io: Call, words: list[str]) -> list[str]:
    awake = _top(io) is not None
    return [
        "POWER MANAGER (dumpsys power)",
        "",
        "Power Manager State:",
        f"  mWakefulness={'Awake' if awake else 'Asleep'}",
        "  mIsPowered=true",
        f"Display Power: state={'ON' if awake else 'OFF'}",
    ]


def _input_method(io: Call, words: list[str]) -> list[str]:
    return ["Current Input Method Manager state:", "  mInputShown=false", "  mSystemReady=true mInteractive=true"]


_SERVICES: dict[str, Callable[[Call, list[str]], list[str]]] = {
    "activity": _activity,
    "battery": _battery,
    "display": _display,
    "input_method": _input_method,
    "package": _package,
    "power": _power,
    "window": _window,
}
