"""Text through pipes: echo, cat, grep, head, tail, wc, sort, uniq, cut, tr, base64, sums."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator

from device_agent.virtual_phone.shell.options import UsageError, number, take_flags
from device_agent.virtual_phone.shell.registry import Call, command
from device_agent.virtual_phone.shell.streams import Source, lines_of, read_all

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "\\": "\\", "a": "\a", "b": "\b", "0": "\0", "e": "\x1b"}


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1], m[0]), text, flags=re.DOTALL)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@command("echo")
def echo(io: Call) -> int:
    words, end = list(io.args), "\n"
    escapes = True  # mksh's own echo understands escapes unless told otherwise
    while words and words[0] in ("-n", "-e", "-E", "-ne", "-en"):
        flags = words.pop(0)
        end = "" if "n" in flags else end
        escapes = "E" not in flags
    text = " ".join(words)
    io.out.write(_encode((_unescape(text) if escapes else text) + end))
    return 0


@command("printf")
def printf(io: Call) -> int:
    """``%s %d %x`` and escapes; the format is used again while arguments are left."""
    if not io.args:
        return io.fail("usage: printf FORMAT [ARG...]")
    waiting = io.args[1:]

    def fill(match: re.Match[str]) -> str:
        if match[0] == "%%":
            return "%"
        value = waiting.pop(0) if waiting else ""
        return match[0] % (value if match[0][-1] == "s" else number(io, value or "0"))

    while True:
        before = len(waiting)
        io.out.write(_encode(re.sub(r"%%|%-?\d{0,3}[sdxX]", fill, _unescape(io.args[0]))))
        if not waiting or len(waiting) == before:
            return 0


class _Chunks:
    """A file as a source."""

    def __init__(self, io: Call, path: str) -> None:
        self._file = io.files.open_read(path, io.cwd)

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(256 * 1024 if size < 0 else size)
        if not data:
            self._file.close()
        return data


class Inputs:
    """Each operand opened, or the standard input; what cannot be opened is told, skipped, and makes the status 1."""

    def __init__(self, io: Call, paths: list[str]) -> None:
        self._io = io
        self._paths = paths or ["-"]
        self.status = 0

    def __iter__(self) -> Iterator[tuple[str, Source]]:
        for path in self._paths:
            if path in ("-", "/dev/stdin"):
                yield "-", self._io.stdin
            elif path != "/dev/null":
                try:
                    source = _Chunks(self._io, path)
                except OSError as error:
                    self.status = self._io.fail(f"{path}: {error.strerror}")
                    continue
                yield path, source


@command("cat")
def cat(io: Call) -> int:
    _, paths = take_flags(io, "uv")
    inputs = Inputs(io, paths)
    for _, source in inputs:
        for part in iter(source.read, b""):
            io.out.write(part)
            io.out.flush()
    return inputs.status


@command("grep", "egrep", "fgrep")
def grep(io: Call) -> int:
    options, operands = take_flags(io, "EFivcnoqwHhslrx", "emABC")
    patterns = [options["e"]] if "e" in options else operands[:1]
    if not patterns:
        raise UsageError("no REGEX", 2)
    matches = _matcher(io, patterns[0], options)
    inputs = Inputs(io, operands[len(patterns) if "e" not in options else 0 :])
    limit = number(io, options.get("m", "-1"))
    found = 0
    for name, source in inputs:
        prefix = f"{name}:" if ("H" in options or len(operands) > 2) and "h" not in options else ""
        count = 0
        for at, line in enumerate(lines_of(source), 1):
            match = matches(line.rstrip(b"\n").decode("utf-8", "surrogateescape"))
            if (match is None) != ("v" in options):
                continue
            count += 1
            if "q" in options:
                return 0
            if "c" not in options and "l" not in options:
                shown = match[0] if match and "o" in options else line.rstrip(b"\n").decode("utf-8", "surrogateescape")
                io.out.print(prefix + (f"{at}:" if "n" in options else "") + shown)
            if count == limit:
                break
        if "c" in options:
            io.out.print(f"{prefix}{count}")
        elif "l" in options and count:
            io.out.print(name)
        found += count
    return 2 if inputs.status else int(not found)


def _matcher(io: Call, pattern: str, options: dict[str, str]) -> Callable[[str], re.Match[str] | None]:
    if io.name == "fgrep" or "F" in options:
        pattern = re.escape(pattern)
    elif io.name != "egrep" and "E" not in options:
        # A basic expression: the bare signs are letters and the escaped ones are signs.
        pattern = re.sub(r"\\?[+?|(){}]", lambda m: m[0][1:] if m[0][0] == "\\" else "\\" + m[0], pattern)
    if "w" in options:
        pattern = rf"\b(?:{pattern})\b"
    if "x" in options:
        pattern = rf"^(?:{pattern})$"
    try:
        return re.compile(pattern, re.IGNORECASE if "i" in options else 0).search
    except re.error as error:
        raise UsageError(f"bad REGEX {pattern!r}: {error}", 2) from error


def _count(io: Call) -> tuple[dict[str, str], list[str], int]:
    """Options of head and tail, where ``-5`` is ``-n 5``."""
    io.args = [f"-n{word[1:]}" if re.fullmatch(r"-\d+", word) else word for word in io.args]
    options, paths = take_flags(io, "qv", "nc")
    return options, paths, number(io, options.get("n", "10").lstrip("+"))


@command("head")
def head(io: Call) -> int:
    options, paths, count = _count(io)
    inputs = Inputs(io, paths)
    for _, source in inputs:
        if "c" in options:
            io.out.write(read_all(source)[: number(io, options["c"])])
            continue
        for at, line in enumerate(lines_of(source), 1):
            if at > count:
                break
            io.out.write(line)
            if at == count:
                break
    return inputs.status


@command("tail")
def tail(io: Call) -> int:
    options, paths, count = _count(io)
    inputs = Inputs(io, paths)
    for _, source in inputs:
        if "c" in options:
            io.out.write(read_all(source)[-number(io, options["c"]) :])
        elif options.get("n", "").startswith("+"):
            for at, line in enumerate(lines_of(source), 1):
                if at >= count:
                    io.out.write(line)
        else:
            for line in deque(lines_of(source), maxlen=count):
                io.out.write(line)
    return inputs.status


@command("wc")
def word_count(io: Call) -> int:
    options, paths = take_flags(io, "lwcm")
    inputs = Inputs(io, paths)
    for name, source in inputs:
        data = read_all(source)
        counts = {
            "l": data.count(b"\n"),
            "w": len(data.split()),
            "c": len(data),
            "m": len(data.decode(errors="replace")),
        }
        shown = [counts[letter] for letter in ("lwcm" if options else "lwc") if letter in options or not options]
        text = str(shown[0]) if len(shown) == 1 else " ".join(f"{value:>7}" for value in shown)
        io.out.print(text + ("" if name == "-" else f" {name}"))
    return inputs.status


@command("sort")
def sort(io: Call) -> int:
    options, paths = take_flags(io, "nruf", "kt")
    inputs = Inputs(io, paths)
    lines = [line.rstrip(b"\n") for _, source in inputs for line in lines_of(source)]
    if "u" in options:
        lines = list(dict.fromkeys(lines))

    def number_first(line: bytes) -> float:
        match = re.match(rb"\s*-?\d+(\.\d+)?", line)
        return float(match[0]) if match else 0.0

    lines.sort(key=number_first if "n" in options else None, reverse="r" in options)
    for line in lines:
        io.out.write(line + b"\n")
    return inputs.status


@command("uniq")
def unique(io: Call) -> int:
    options, paths = take_flags(io, "cdu")
    inputs = Inputs(io, paths)
    runs: list[tuple[bytes, int]] = []
    for _, source in inputs:
        for line in lines_of(source):
            line = line.rstrip(b"\n")
            if runs and runs[-1][0] == line:
                runs[-1] = (line, runs[-1][1] + 1)
            else:
                runs.append((line, 1))
    for line, count in runs:
        if not ("d" in options and count < 2) and not ("u" in options and count > 1):
            io.out.write((b"%7d " % count if "c" in options else b"") + line + b"\n")
    return inputs.status


@command("cut")
def cut(io: Call) -> int:
    options, paths = take_flags(io, "s", "dfc")
    ranges = [tuple(part.partition("-")) for part in (options.get("f") or options.get("c") or "1").split(",")]
    inputs = Inputs(io, paths)
    delimiter = options.get("d", "\t")
    for _, source in inputs:
        for line in lines_of(source):
            text = line.rstrip(b"\n").decode("utf-8", "surrogateescape")
            pieces = list(text) if "c" in options else text.split(delimiter)
            if len(pieces) == 1 and "c" not in options:
                io.out.print(text)
                continue
            chosen: list[str] = []
            for first, dash, last in ranges:
                start = int(first or 1)
                chosen += pieces[start - 1 : (int(last) if last else len(pieces)) if dash else start]
            io.out.print(("" if "c" in options else delimiter).join(chosen))
    return inputs.status


def _characters(text: str) -> bytes:
    """The set that ``a-z`` or ``\\n`` means."""
    ranges = re.sub(
        r"(.)-(.)", lambda m: "".join(map(chr, range(ord(m[1]), ord(m[2]) + 1))), _unescape(text), flags=re.DOTALL
    )
    return ranges.encode("utf-8", "surrogateescape")


@command("tr")
def translate(io: Call) -> int:
    options, operands = take_flags(io, "ds")
    if not operands:
        raise UsageError("needs 1 argument")
    first = _characters(operands[0])
    data = read_all(io.stdin)
    if "d" in options:
        io.out.write(data.translate(None, first))
        return 0
    second = _characters(operands[1] if len(operands) > 1 else operands[0])
    second = second.ljust(len(first), second[-1:] or b" ")[: len(first)]
    io.out.write(data.translate(bytes.maketrans(first, second)))
    return 0
