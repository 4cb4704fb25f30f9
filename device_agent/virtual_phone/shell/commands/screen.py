"""wm, screencap, screenrecord, uiautomator: what the screen is and shows."""

from __future__ import annotations

import io as memory
import struct
from collections.abc import Callable

import numpy as np
from PIL import Image

from device_agent.virtual_phone.shell.options import UsageError, take_flags
from device_agent.virtual_phone.shell.recording import Recording, encode_h264
from device_agent.virtual_phone.shell.registry import Call, command
from device_agent.virtual_phone.shell.streams import Buffer

RGBA_8888 = 1
SRGB = 1
"""``screencap``'s number for the colour space in the header since Android 8."""
DEFAULT_TREE_FILE = "/sdcard/window_dump.xml"


@command("wm")
def window_manager(io: Call) -> int:
    """``wm size`` and ``wm density``; sizes are those of the phone held upright."""
    width, height = io.upright_size
    if io.args == ["size"]:
        io.out.print(f"Physical size: {width}x{height}")
    elif io.args == ["density"]:
        io.out.print(f"Physical density: {io.device.density}")
    elif io.args[:1] in (["size"], ["density"]):
        io.err.print("Error: the virtual phone's screen cannot be overridden; start it with another --size")
        return 255
    else:
        io.err.print("Window manager (window) commands:", "  size", "  density")
        return 255
    return 0


@command("screencap")
def screencap(io: Call) -> int:
    """Raw (width, height, format, colour space as 32-bit words, then RGBA rows) or, with ``-p`` or ``*.png``, PNG."""
    options, operands = take_flags(io, "ph", "d")
    if "h" in options or len(operands) > 1:
        io.err.print("usage: screencap [-hp] [-d display-id] [FILENAME]")
        return 1
    if options.get("d", "0") not in ("0", "4619827259835644672"):
        io.err.print(f"Invalid display ID {options['d']}")
        return 1
    if not operands:
        _write_picture(io, io.out.write, png="p" in options)
        return 0
    try:
        with io.files.open_write(operands[0], io.cwd) as file:
            _write_picture(io, file.write, png="p" in options or operands[0].endswith(".png"))
    except OSError as error:
        if isinstance(error, ConnectionError):
            raise
        io.err.print(f"Error opening file: {operands[0]} ({error.strerror})")
        return 1
    return 0


def _write_picture(io: Call, write: Callable[[Buffer], object], *, png: bool) -> None:
    picture = io.device.screenshot()
    height, width = picture.shape[:2]
    if png:
        encoded = memory.BytesIO()
        Image.fromarray(picture).save(encoded, "PNG", compress_level=1)
        write(encoded.getbuffer())
    else:
        write(struct.pack("<4I", width, height, RGBA_8888, SRGB))
        write(np.ascontiguousarray(picture).data.cast("B"))


@command("screenrecord")
def screenrecord(io: Call) -> int:
    """H.264 (Annex B) to the output with ``--output-format=h264 -``; other formats and files are refused."""
    wanted = {
        "output-format": "mp4",
        "size": "",
        "bit-rate": "20000000",
        "time-limit": "180",
        "display-id": "0",
    }
    operands: list[str] = []
    waiting = list(io.args)
    while waiting:
        word = waiting.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--"):
            operands.append(word)
        elif name in wanted:
            if not equals and not waiting:
                raise UsageError(f"option requires an argument -- {name}", 2)
            wanted[name] = value if equals else waiting.pop(0)
        elif name not in ("verbose", "bugreport", "show-frame-time"):
            raise UsageError(f"unrecognized option: {word}", 2)
    if operands != ["-"] or wanted["output-format"] != "h264":
        io.err.print("The virtual phone records to the output only: screenrecord --output-format=h264 -")
        return 2
    recording = Recording(
        size=_size(wanted["size"]),
        bit_rate=_bit_rate(wanted["bit-rate"]),
        time_limit_s=_seconds(wanted["time-limit"]),
    )
    for data in encode_h264(io.device, recording, io.session.stop):
        io.out.write(data)
        io.out.flush()
    return 0


def _size(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    width, x, height = text.partition("x")
    if not (x and width.isdigit() and height.isdigit() and int(width) and int(height)):
        raise UsageError(f"Invalid size '{text}', must be width x height", 2)
    return int(width), int(height)


def _bit_rate(text: str) -> int:
    digits = text.rstrip("Mm")
    if not digits.isdigit() or not 100_000 <= int(digits) * (1_000_000 if digits != text else 1) <= 200_000_000:
        raise UsageError(f"Bit rate {text} outside acceptable range [100000,200000000]", 2)
    return int(digits) * (1_000_000 if digits != text else 1)


def _seconds(text: str) -> float:
    if not text.isdigit():
        raise UsageError(f"Time limit {text}s outside acceptable range [1,180]", 2)
    return float(text) or float("inf")


@command("uiautomator")
def uiautomator(io: Call) -> int:
    """``uiautomator dump [--compressed] [FILE]``; Android's spelling of "hierchary" included."""
    if io.args[:1] != ["dump"]:
        io.err.print("Usage: uiautomator <subcommand> [options]", "", "Available subcommands:", "", "help", "dump")
        return 1
    operands = [word for word in io.args[1:] if not word.startswith("--")]
    path = operands[0] if operands else DEFAULT_TREE_FILE
    tree = io.device.dump_tree().encode()
    if path in ("/dev/tty", "/dev/stdout", "/proc/self/fd/1"):
        io.out.write(tree)
    else:
        try:
            with io.files.open_write(path, io.cwd) as file:
                file.write(tree)
        except OSError as error:
            if isinstance(error, ConnectionError):
                raise
            io.err.print(f"java.io.FileNotFoundException: {path}: open failed: {error.strerror}")
            return 1
    io.out.print(f"UI hierchary dumped to: {path}")
    return 0
