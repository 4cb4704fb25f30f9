"""The researcher's own models, by name, with every version a name has had.

::

    objects/DIGEST/      artifacts, each under the digest of its content: never changed, shared by names
    names/NAME.json      the digests that NAME has stood for, oldest first; the last one is what it stands for now

Every change is one rename, made under a lock, so a crash leaves the old state or the new one.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from backend.errors import ModelError
from interventions.models import ModelFault
from interventions.models.artifact import Artifact, address, read

log = logging.getLogger(__name__)

_AGAIN = "remove it with `mindproof models rm NAME`, and fit or import it again"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


class Kept(BaseModel):
    """One version of a name: which artifact, and since when (UTC)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    digest: str
    since: datetime


class History(BaseModel):
    """What a name has stood for, oldest first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    versions: tuple[Kept, ...]


@dataclass(frozen=True, slots=True)
class ModelStore:
    """The models kept under `folder`, which is made when the first one comes."""

    folder: Path

    def names(self) -> tuple[str, ...]:
        """The names in use, sorted."""
        return tuple(sorted(path.stem for path in self._names.glob("*.json") if _NAME.fullmatch(path.stem)))

    def history(self, name: str) -> tuple[Kept, ...]:
        """The versions of `name`, oldest first; empty when there is no such model.

        Raises:
            ModelError: when the record of the name is damaged.
        """
        path = self._names / f"{name}.json"
        if not _NAME.fullmatch(name):
            return ()
        try:
            versions = History.model_validate_json(path.read_bytes()).versions
        except FileNotFoundError:
            return ()
        except (OSError, ValidationError) as error:
            raise ModelError(f"model {name}: its record {path} cannot be read: {_first_line(error)}", _AGAIN) from error
        if not versions:
            raise ModelError(f"model {name}: its record {path} names no version", _AGAIN)
        return versions

    def path(self, name: str) -> Path | None:
        """The folder of what `name` stands for now, None when there is no such model.

        Raises:
            ModelError: when its record is damaged.
        """
        versions = self.history(name)
        return self._objects / versions[-1].digest if versions else None

    def verified_path(self, name: str) -> Path:
        """`path`, whose card is the one that was saved; whoever reads the card's files checks them against it.

        Raises:
            ModelError: when there is no such model, or its card is another.
        """
        path = self.path(name)
        if path is None:
            raise ModelError(f"there is no model of your own called {name!r}", f"there are: {self._known()}")
        try:
            found = address(path)
        except ModelFault as fault:
            raise ModelError(f"model {name}: {fault.message}", fault.remedy) from fault
        if found != path.name:
            raise ModelError(f"model {name}: {path} is not the model that was saved under this digest", _AGAIN)
        return path

    def open(self, name: str) -> Artifact:
        """What `name` stands for now, verified.

        Raises:
            ModelError: when there is no such model, or it is damaged.
        """
        path = self.verified_path(name)
        try:
            return read(path)
        except ModelFault as fault:
            raise ModelError(f"model {name}: {fault.message}", fault.remedy) from fault

    def keep(self, name: str, save: Callable[[Path], object]) -> Artifact:
        """Let `name` stand from now on for the model that `save` writes into the folder it is given (an estimator's
        own `save` does); what the name stood for stays in its history.

        Raises:
            ModelError: for a name that is none, or when the disk refuses; `name` then stands for what it did.
        """
        check_name(name)
        with self._changing():
            incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=self._objects))
            try:
                save(incoming / "model")
                artifact = read(incoming / "model")
                kept = self._objects / artifact.digest
                if not self._is_whole(kept):
                    shutil.rmtree(kept, ignore_errors=True)
                    artifact.folder.rename(kept)
                self._point(name, artifact.digest)
            except ModelFault as fault:
                raise ModelError(f"model {name} was not saved: {fault.message}", fault.remedy) from fault
            finally:
                shutil.rmtree(incoming, ignore_errors=True)
        return Artifact(artifact.card, kept, artifact.digest)

    def roll_back(self, name: str, digest: str = "") -> Artifact:
        """Let `name` stand for an earlier version again: the one before, or the one whose digest begins so.

        Raises:
            ModelError: when there is none, or more than one.
        """
        now = self.open(name)
        versions = list(
            dict.fromkeys(kept.digest for kept in reversed(self.history(name)) if kept.digest != now.digest)
        )
        wanted = [one for one in versions if one.startswith(digest)] if digest else versions[:1]
        if len(wanted) != 1:
            known = ", ".join(one[:12] for one in versions) or "none"
            which = f"{len(wanted)} earlier versions that begin {digest}" if digest else "no earlier version"
            raise ModelError(f"model {name} has {which}", f"earlier versions: {known}")
        with self._changing():
            self._point(name, wanted[0])
        return self.open(name)

    def remove(self, name: str) -> int:
        """Forget `name` and every version of it that no other name has had; returns how many were removed.

        Raises:
            ModelError: when there is no such model, or the disk refuses.
        """
        with self._changing():
            if not (self._names / f"{name}.json").is_file() or not _NAME.fullmatch(name):
                raise ModelError(f"there is no model of your own called {name!r}", f"there are: {self._known()}")
            (self._names / f"{name}.json").unlink()
            unneeded = self._unneeded()
            for path in unneeded:
                shutil.rmtree(path)
        return len(unneeded)

    @property
    def _names(self) -> Path:
        return self.folder / "names"

    @property
    def _objects(self) -> Path:
        return self.folder / "objects"

    def _known(self) -> str:
        return ", ".join(self.names()) or "none yet"

    def _unneeded(self) -> list[Path]:
        """Artifacts that no name has stood for; none while a record is damaged, because it may need any of them."""
        try:
            needed = {kept.digest for name in self.names() for kept in self.history(name)}
        except ModelError as error:
            log.warning("%s; no artifact is removed", error.message)
            return []
        return [path for path in self._objects.iterdir() if path.name not in needed]

    def _is_whole(self, path: Path) -> bool:
        with suppress(ModelFault):
            return read(path).digest == path.name
        return False

    def _point(self, name: str, digest: str) -> None:
        versions = self.history(name)
        if versions and versions[-1].digest == digest:
            return
        record = History(versions=(*versions, Kept(digest=digest, since=datetime.now(UTC))))
        beside = self._names / f".{name}.new"
        try:
            with beside.open("w", encoding="utf-8") as file:
                json.dump(record.model_dump(mode="json"), file, indent=2)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._names / f"{name}.json")
        finally:
            beside.unlink(missing_ok=True)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """One change at a time, over all processes. What the disk refuses on the way is one clear error."""
        try:
            self._names.mkdir(parents=True, exist_ok=True)
            self._objects.mkdir(exist_ok=True)
            with (self.folder / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise ModelError(
                f"the model store {self.folder} cannot be changed: {error.strerror or error}",
                "free space there, or set MINDPROOF_HOME to another folder",
            ) from error


def check_name(name: str) -> None:
    """`name` must be fit for a model.

    Raises:
        ModelError
    """
    if not _NAME.fullmatch(name):
        raise ModelError(
            f"{name!r} cannot be a model's name", "use up to 64 small letters, digits, - and _, as in my_filter"
        )


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
