"""id, whoami, su, date, sleep, uptime, uname and other small questions."""

from __future__ import annotations

import re
import time

from device_agent.virtual_phone.shell.options import UsageError, take_flags
from device_agent.virtual_phone.shell.registry import Call, command

IDENTITY = (
    "uid=2000(shell) gid=2000(shell) groups=2000(shell),1004(input),1007(log),1011(adb),1015(sdcard_rw),"
    "1028(sdcard_r),1078(ext_data_rw),1079(ext_obb_rw),3001(net_bt_admin),3002(net_bt),3003(inet),"
    "3006(net_bw_stats),3009(readproc),3011(uhid),3012(readtracefs) context=u:r:shell:s0"
)
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@command("id")
def identity(io: Call) -> int:
    options, _ = take_flags(io, "ugnGrZ")
    if "u" in options or "g" in options:
        io.out.print("shell" if "n" in options else "2000")
    else:
        io.out.print(IDENTITY)
    return 0


@command("whoami", "logname")
def whoami(io: Call) -> int:
    io.out.print("shell")
    return 0


@command("groups")
def groups(io: Call) -> int:
    io.out.print(" ".join(re.findall(r"\d+\((\w+)\)", IDENTITY.partition("groups=")[2])))
    return 0


@command("hostname")
def hostname(io: Call) -> int:
    io.out.print("localhost")
    return 0


@command("uname")
def uname(io: Call) -> int:
    options, _ = take_flags(io, "asnrvmo")
    machine = {"x86_64": "x86_64", "arm64-v8a": "aarch64"}.get(
        io.device.properties.get("ro.product.cpu.abi", ""), "x86_64"
    )
    fields = {
        "s": "Linux",
        "n": "localhost",
        "r": "6.1.23-android14",
        "v": "#1 SMP PREEMPT",
        "m": machine,
        "o": "Android",
    }
    wanted = fields if "a" in options else {k: v for k, v in fields.items() if k in (options or {"s": ""})}
    io.out.print(" ".join(wanted.values()))
    return 0


@command("date")
def date(io: Call) -> int:
    """The host's time in UTC; ``+FORMAT``, ``@SECONDS`` as toybox; the clock cannot be set."""
    now = time.time()
    words = [word for word in io.args if word not in ("-u", "-d")]
    for word in words:
        if word.startswith("@"):
            now = float(word[1:])
        elif not word.startswith("+"):
            return io.fail("cannot set date: Operation not permitted")
    pattern = next((word[1:] for word in words if word.startswith("+")), "%a %b %e %H:%M:%S UTC %Y")
    pattern = pattern.replace("%N", f"{int(now % 1 * 1e9):09d}").replace("%Z", "UTC")
    io.out.print(time.strftime(pattern, time.gmtime(now)))
    return 0


@command("sleep", "usleep")
def sleep(io: Call) -> int:
    match = re.fullmatch(r"(\d*\.?\d+)([smhd]?)", io.args[0]) if io.args else None
    if match is None:
        raise UsageError("Needs 1 argument" if not io.args else f"bad time: {io.args[0]}")
    seconds = float(match[1]) * (_UNITS[match[2]] if io.name == "sleep" else 1e-6)
    io.out.flush()
    return 130 if io.session.stop.wait(min(seconds, 1e6)) else 0


@command("uptime")
def uptime(io: Call) -> int:
    up_s = int(time.monotonic())
    hours, minutes = up_s // 3600, up_s % 3600 // 60
    clock = time.strftime("%H:%M:%S", time.gmtime())
    io.out.print(f" {clock} up {hours}:{minutes:02d},  0 users,  load average: 0.00, 0.00, 0.00")
    return 0


@command("sync", "ulimit", "umask", "trap", "stty", "svc")
def nothing(io: Call) -> int:
    """Accepted, without effect on the virtual phone."""
    return 0
