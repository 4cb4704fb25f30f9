"""A model on disk: a folder with ``model.json``, its card, and the files that the card lists with their SHA-256.

The digest of an artifact is the SHA-256 of ``model.json`` in canonical form. Since that holds the digests of all
other files, it is the address of the whole content: equal digests mean equal models.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from interventions.models.card import FORMAT, Card, check_file_name
from interventions.models.errors import ArtifactTooNew, NotSaved, WeightsBroken, WeightsMissing

DESCRIPTION = "model.json"
_LONGEST_DESCRIPTION = 4 * 2**20
_SAVE_AGAIN = "save the model again, or import it again"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A verified artifact: every file that `card` lists is in `folder`, and is what was saved."""

    card: Card
    folder: Path
    digest: str

    @property
    def files(self) -> dict[str, Path]:
        return {name: self.folder / name for name in self.card.files}

    @property
    def size(self) -> int:
        """Bytes on disk, ``model.json`` included."""
        return sum(path.stat().st_size for path in (self.folder / DESCRIPTION, *self.files.values()))


def write(folder: str | Path, card: Card, files: Mapping[str, bytes]) -> Artifact:
    """Save a model as `folder`; `card.files` is filled in from `files`.

    All or nothing: it is written beside `folder` and then renamed, so a reader sees the old model, whole, or the new
    one, and a full disk leaves no trace. An artifact that was there is replaced; anything else is left alone.

    Raises:
        NotSaved: when the disk refuses, or `folder` is something else than a model.
    """
    folder = Path(folder)
    try:
        for name in files:
            check_file_name(name)
        card = card.changed(files={name: hashlib.sha256(content).hexdigest() for name, content in files.items()})
    except ValueError as error:
        raise NotSaved(f"cannot save a model as {folder}: {error}") from error
    described = card.model_dump(mode="json")
    text = json.dumps(described, indent=2, ensure_ascii=False) + "\n"
    try:
        _replace(folder, {**files, DESCRIPTION: text.encode()})
    except OSError as error:
        raise NotSaved(
            f"cannot save a model as {folder}: {error.strerror or error}", "free space there, or choose another folder"
        ) from error
    return Artifact(card, folder, _digest(described))


def read(folder: str | Path) -> Artifact:
    """The artifact in `folder`, every file checked against its card.

    Raises:
        WeightsMissing: when a file is absent.
        WeightsBroken: when one is not what was saved.
        ArtifactTooNew: when a newer version saved it in another form.
    """
    folder = Path(folder)
    described = read_description(folder)
    card = checked_card(described, folder / DESCRIPTION)
    for name, expected in card.files.items():
        found = _file_sha256(folder / name)
        if found != expected:
            raise WeightsBroken(
                f"{folder / name} is not the file that was saved: its SHA-256 starts {found[:12]}, not {expected[:12]}",
                _SAVE_AGAIN,
            )
    return Artifact(card, folder, _digest(described))


def address(folder: str | Path) -> str:
    """The digest of the artifact in `folder`, by its ``model.json`` alone; `read` also checks its other files.

    Raises:
        WeightsMissing, WeightsBroken
    """
    return _digest(read_description(Path(folder)))


def checked_card(described: dict[str, Any], path: Path) -> Card:
    """The card in the content of ``model.json``; `path` is for messages only.

    Raises:
        WeightsBroken, ArtifactTooNew
    """
    form = described.get("format")
    if isinstance(form, int) and form > FORMAT:
        raise ArtifactTooNew(
            f"{path} has format {form}; this version of Mindproof reads up to {FORMAT}", "update Mindproof"
        )
    try:
        return Card.model_validate_json(json.dumps(described))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole"
        raise WeightsBroken(f"the model file {path} is not a card: {where}: {first['msg']}", _SAVE_AGAIN) from error


def read_description(folder: Path) -> dict[str, Any]:
    """The content of ``model.json``, not yet checked.

    Raises:
        WeightsMissing: when the file is not there.
        WeightsBroken: when it is not a JSON object.
    """
    path = folder / DESCRIPTION
    try:
        with path.open("rb") as file:
            content = file.read(_LONGEST_DESCRIPTION + 1)
    except OSError as error:
        raise WeightsMissing(
            f"cannot read the model file {path}: {error.strerror or error}", "give the folder a model was saved to"
        ) from error
    return parse_description(content, path)


def parse_description(content: bytes, path: Path) -> dict[str, Any]:
    """The JSON object in `content`; `path` is for messages only.

    Raises:
        WeightsBroken
    """
    if len(content) > _LONGEST_DESCRIPTION:
        raise WeightsBroken(f"the model file {path} is longer than any card", _SAVE_AGAIN)
    try:
        described = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise WeightsBroken(f"the model file {path} is not JSON: {error}", _SAVE_AGAIN) from error
    if not isinstance(described, dict):
        raise WeightsBroken(f"the model file {path} is not a JSON object", _SAVE_AGAIN)
    return described


def _digest(described: dict[str, Any]) -> str:
    canonical = json.dumps(described, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def _file_sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise WeightsMissing(f"cannot read the model file {path}: {error.strerror or error}", _SAVE_AGAIN) from error


def _replace(folder: Path, files: Mapping[str, bytes]) -> None:
    """Make `folder` hold exactly `files`, by writing a new one beside it and renaming.

    Raises:
        OSError, NotSaved
    """
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.is_symlink() or folder.exists():
        ours = folder.is_dir() and not folder.is_symlink() and (_is_empty(folder) or (folder / DESCRIPTION).is_file())
        if not ours:
            raise NotSaved(f"cannot save a model as {folder}: something else is there", "choose another folder")
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        new, old = beside / "new", beside / "old"
        new.mkdir()
        for name, content in files.items():
            with (new / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        if folder.exists():
            folder.rename(old)
        try:
            new.rename(folder)
        except OSError:
            if old.exists():
                old.rename(folder)
            raise
        _sync(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _is_empty(folder: Path) -> bool:
    return next(folder.iterdir(), None) is None


def _sync(folder: Path) -> None:
    """Make the entries of `folder` durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
