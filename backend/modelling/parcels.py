"""Models as one file: a zip archive of an artifact, to be handed on and taken in.

What comes in is not trusted. Nothing is unpacked by name: the archive must hold exactly ``model.json`` and the files
that it lists, each is read up to a bound and checked against its SHA-256, and only then written where we choose.
"""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

from backend.errors import InputError, ModelError
from interventions.models import Card, ModelFault
from interventions.models.artifact import DESCRIPTION, Artifact, checked_card, parse_description, read

LARGEST = 4 * 2**30
"""Bytes that a model may take when unpacked."""
_MOST_EXPANSION = 100
"""Times that content may be larger than the archive; weights hardly shrink, and a bomb grows thousandfold."""
_ALWAYS_ALLOWED = 2**20
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MOST_FILES = 200


def export(artifact: Artifact, file: Path) -> Path:
    """Write `artifact` as the archive `file`; equal models give equal bytes. All or nothing.

    Raises:
        ModelError: when the disk refuses, or a file of the model cannot be read.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in (DESCRIPTION, *sorted(artifact.files)):
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            try:
                archive.writestr(info, (artifact.folder / name).read_bytes())
            except OSError as error:
                raise ModelError(f"cannot read {artifact.folder / name}: {error.strerror or error}") from error
    return write_file(file, content.getbuffer())


def write_file(file: Path, content: bytes | memoryview) -> Path:
    """Write `file` whole, or leave what was there.

    Raises:
        ModelError: when the disk refuses.
    """
    beside = file.with_name(f".{file.name}.part")
    try:
        with beside.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    except OSError as error:
        with suppress(OSError):
            beside.unlink()
        raise ModelError(
            f"cannot write {file}: {error.strerror or error}", "free space there, or choose another file"
        ) from error
    return file


def unpack(path: Path) -> tuple[Card, dict[str, bytes]]:
    """The model in the archive, or in the folder, `path`: its card and its verified files.

    Raises:
        InputError: when there is none, or it is not what an export makes.
    """
    try:
        if path.is_dir():
            artifact = read(path)
            return artifact.card, {name: file.read_bytes() for name, file in artifact.files.items()}
        with zipfile.ZipFile(path) as archive:
            return _unpacked(path, archive)
    except FileNotFoundError as error:
        raise InputError(f"there is no file {path}", "give what `mindproof models export` wrote") from error
    except ModelFault as fault:
        raise InputError(f"{path.name} was not imported: {fault.message}", fault.remedy) from fault
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise InputError(f"{path.name} is not an archive that can be read: {error}", _EXPORT_AGAIN) from error


def _unpacked(path: Path, archive: zipfile.ZipFile) -> tuple[Card, dict[str, bytes]]:
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > _MOST_FILES or len(set(names)) < len(names):
        raise InputError(f"{path.name} was not imported: it holds too many files, or one twice", _EXPORT_AGAIN)
    for member in members:
        kind = stat.S_IFMT(member.external_attr >> 16)
        if member.is_dir() or kind not in (0, stat.S_IFREG) or member.flag_bits & 1:
            raise InputError(
                f"{path.name} was not imported: {member.filename!r} is a folder, a link, or encrypted", _EXPORT_AGAIN
            )
    allowed = min(LARGEST, max(_ALWAYS_ALLOWED, _MOST_EXPANSION * path.stat().st_size))
    if sum(member.file_size for member in members) > allowed:
        raise InputError(
            f"{path.name} was not imported: it unpacks to more than a model of its size can", _EXPORT_AGAIN
        )
    if DESCRIPTION not in names:
        raise InputError(f"{path.name} was not imported: it holds no {DESCRIPTION}", _EXPORT_AGAIN)
    inside = path / DESCRIPTION
    card = checked_card(parse_description(_content(archive, DESCRIPTION, allowed), inside), inside)
    if set(names) != {DESCRIPTION, *card.files}:
        odd = min(set(names) ^ {DESCRIPTION, *card.files})
        how = "is not in its card" if odd in names else "is missing"
        raise InputError(f"{path.name} was not imported: {odd!r} {how}", _EXPORT_AGAIN)
    files = {}
    for name, expected in card.files.items():
        files[name] = _content(archive, name, allowed)
        if hashlib.sha256(files[name]).hexdigest() != expected:
            raise InputError(f"{path.name} was not imported: {name} is not the file that was saved", _EXPORT_AGAIN)
    return card, files


def _content(archive: zipfile.ZipFile, name: str, allowed: int) -> bytes:
    """A member's content; a directory that lies about its size does not get past the bound."""
    with archive.open(name) as member:
        content = member.read(allowed + 1)
    if len(content) > allowed:
        raise InputError(f"{name} unpacks to more than a model of its size can", _EXPORT_AGAIN)
    return content


_EXPORT_AGAIN = "export it again with `mindproof models export`, and copy it whole"
