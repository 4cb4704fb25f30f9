"""ls, mkdir, rm, cp, mv, touch, stat, df, du and the like (toybox), for the shell user's files."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import time

from device_agent.virtual_phone.shell.files import error, told_of
from device_agent.virtual_phone.shell.options import UsageError, take_flags
from device_agent.virtual_phone.shell.registry import Call, command

OWNER = "shell"
Entry = tuple[str, os.stat_result]
"""A name and its `lstat`."""


def _why(failure: OSError) -> str:
    return failure.strerror or str(failure)


@command("ls", "ll")
def list_files(io: Call) -> int:
    options, operands = take_flags(io, "1aAdlhRFtrisZ", "")
    if io.name == "ll":
        options["l"] = ""
    files, folders, status = _sort_out(io, operands or ["."], options)
    _print_entries(io, files, options)
    titled = len(operands) > 1 or "R" in options
    first = not files
    while folders:
        path = folders.pop(0)
        try:
            entries = list(io.files.entries(path, io.cwd))
        except OSError as failure:
            status = io.fail(f"{path}: {_why(failure)}")
            continue
        if titled:
            io.out.print(*([] if first else [""]), f"{path}:")
        first = False
        _print_folder(io, path, entries, options)
        if "R" in options:
            folders = [f"{path.rstrip('/')}/{n}" for n, about in entries if stat.S_ISDIR(about.st_mode)] + folders
    return status


def _sort_out(io: Call, paths: list[str], options: dict[str, str]) -> tuple[list[Entry], list[str], int]:
    """The operands that are listed themselves, those whose contents are, and the status so far."""
    files: list[Entry] = []
    folders: list[str] = []
    status = 0
    for path in paths:
        try:
            about = io.files.lstat(path, io.cwd)
            if stat.S_ISLNK(about.st_mode) and ("l" not in options or path.endswith("/")):
                about = io.files.stat(path, io.cwd)
        except OSError as failure:
            status = io.fail(f"{path}: {_why(failure)}")
            continue
        if stat.S_ISDIR(about.st_mode) and "d" not in options:
            folders.append(path)
        else:
            files.append((path, about))
    return files, folders, status


def _print_folder(io: Call, path: str, entries: list[Entry], options: dict[str, str]) -> None:
    shown = [entry for entry in entries if not entry[0].startswith(".") or {"a", "A"} & options.keys()]
    if "a" in options:
        here = io.files.stat(path, io.cwd)
        shown = [(".", here), ("..", here), *shown]
    if "l" in options:
        io.out.print(f"total {sum(about.st_blocks for _, about in shown) // 2}")
    _print_entries(io, shown, options)


def _print_entries(io: Call, entries: list[Entry], options: dict[str, str]) -> None:
    if "t" in options:
        entries = sorted(entries, key=lambda entry: -entry[1].st_mtime)
    if "r" in options:
        entries = entries[::-1]
    if "l" not in options:
        io.out.print(*(name + ("/" if "F" in options and stat.S_ISDIR(s.st_mode) else "") for name, s in entries))
        return
    width = max((len(str(about.st_size)) for _, about in entries), default=1)
    links = max((len(str(about.st_nlink)) for _, about in entries), default=1)
    for name, about in entries:
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(about.st_mtime))
        owner = f"{about.st_nlink:>{links}} {OWNER} {OWNER}"
        io.out.print(f"{stat.filemode(about.st_mode)} {owner} {about.st_size:>{width}} {when} {name}")


@command("mkdir")
def make_folders(io: Call) -> int:
    options, operands = take_flags(io, "pv", "m")
    if not operands:
        raise UsageError('Needs 1 argument (see "mkdir --help")')
    status = 0
    for path in operands:
        try:
            place = io.files.writable(path, io.cwd)
            with told_of(path):
                place.host.mkdir(parents="p" in options, exist_ok="p" in options)
        except OSError as failure:
            status = io.fail(f"'{path}': {_why(failure)}")
    return status


@command("rm", "rmdir", "unlink")
def remove(io: Call) -> int:
    options, operands = take_flags(io, "rRfiv")
    if not operands and "f" not in options:
        raise UsageError(f'Needs 1 argument (see "{io.name} --help")')
    status = 0
    for path in operands:
        try:
            _remove(io, path, recursive=bool({"r", "R"} & options.keys()))
        except FileNotFoundError as failure:
            status = status if "f" in options else io.fail(f"{path}: {_why(failure)}")
        except OSError as failure:
            status = io.fail(f"{path}: {_why(failure)}")
    return status


def _remove(io: Call, path: str, *, recursive: bool) -> None:
    place = io.files.writable(path, io.cwd, follow=False)
    if place.phone in ("/sdcard", "/data/local/tmp"):
        raise error(errno.EBUSY, path)
    with told_of(path):
        mode = place.host.lstat().st_mode
        if not stat.S_ISDIR(mode):
            if io.name == "rmdir":
                raise error(errno.ENOTDIR, path)
            place.host.unlink()
        elif io.name == "rmdir":
            place.host.rmdir()
        elif recursive:
            shutil.rmtree(place.host)
        else:
            raise error(errno.EISDIR, path)


@command("touch")
def touch(io: Call) -> int:
    _, operands = take_flags(io, "acm", "drt")
    status = 0
    for path in operands:
        try:
            place = io.files.writable(path, io.cwd)
            with told_of(path):
                place.host.touch()
        except OSError as failure:
            status = io.fail(f"'{path}': {_why(failure)}")
    return status


@command("cp", "mv")
def copy(io: Call) -> int:
    options, operands = take_flags(io, "rRfapnviT")
    if len(operands) < 2:
        raise UsageError(f'Needs 2 arguments (see "{io.name} --help")')
    status = 0
    for path in operands[:-1]:
        try:
            _copy(io, path, operands[-1], recursive=bool({"r", "R", "a"} & options.keys()))
        except OSError as failure:
            status = io.fail(f"{failure.filename or path}: {_why(failure)}")
    return status


def _copy(io: Call, path: str, target: str, *, recursive: bool) -> None:
    moving = io.name == "mv"
    source = io.files.writable(path, io.cwd) if moving else io.files.readable(path, io.cwd)
    place = io.files.writable(target, io.cwd)
    host = place.host / source.host.name if place.host.is_dir() else place.host
    with told_of(path):
        if moving:
            source.host.rename(host)
        elif not source.host.is_dir():
            shutil.copyfile(source.host, host)
        elif recursive:
            shutil.copytree(source.host, host, symlinks=True)
        else:
            raise error(errno.EISDIR, path)


@command("stat")
def status_of(io: Call) -> int:
    options, operands = take_flags(io, "Lft", "c")
    status = 0
    for path in operands:
        try:
            about = io.files.stat(path, io.cwd) if "L" in options else io.files.lstat(path, io.cwd)
        except OSError as failure:
            status = io.fail(f"'{path}': {_why(failure)}")
            continue
        fields = {
            "%n": path,
            "%s": str(about.st_size),
            "%a": f"{stat.S_IMODE(about.st_mode):o}",
            "%A": stat.filemode(about.st_mode),
            "%Y": str(int(about.st_mtime)),
            "%U": OWNER,
            "%G": OWNER,
            "%u": "2000",
            "%g": "2000",
        }
        text = options.get("c", "  File: %n\n  Size: %s\nAccess: (%a/%A)\tUid: ( 2000/   shell)\tGid: ( 2000/   shell)")
        for sign, value in fields.items():
            text = text.replace(sign, value)
        io.out.print(*text.split("\n"))
    return status


@command("realpath", "readlink")
def real_path(io: Call) -> int:
    _, operands = take_flags(io, "fenm")
    for path in operands:
        io.out.print(io.files.locate(path, io.cwd).phone)
    return 0


@command("basename")
def base_name(io: Call) -> int:
    io.out.print(io.args[0].rstrip("/").rpartition("/")[2] if io.args else "")
    return 0


@command("dirname")
def folder_name(io: Call) -> int:
    io.out.print(os.path.dirname(io.args[0].rstrip("/")) or "." if io.args else "")
    return 0


@command("df")
def disk_free(io: Call) -> int:
    take_flags(io, "hkPTi")
    usage = shutil.disk_usage(io.files.root)
    percent = round(usage.used * 100 / usage.total) if usage.total else 0
    total, used, free = (size // 1024 for size in (usage.total, usage.used, usage.free))
    io.out.print(
        "Filesystem        1K-blocks      Used Available Use% Mounted on",
        f"/dev/fuse       {total:>11} {used:>9} {free:>9} {percent:>3}% /storage/emulated",
    )
    return 0
