"""Which interventions there are, and how one is loaded from its folder.

An intervention is a folder with a ``manifest.toml``::

    name = "quiet"                      # the folder's name
    title = "Quiet"
    description = "Covers shouting."
    version = "1.0"
    author = "A. Author"
    entry = "intervention:Quiet"        # file in the folder : class in the file

Each load gives the folder's modules fresh names, so that a reload never meets half of the old code.
"""

from __future__ import annotations

import importlib
import importlib.util
import itertools
import sys
import tomllib
import traceback
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from pydantic import BaseModel, ConfigDict, ValidationError

from backend.errors import InterventionError
from interventions import library
from interventions.sdk import Intervention

MANIFEST = "manifest.toml"
_revision = itertools.count(1)


class Manifest(BaseModel):
    """The checked content of ``manifest.toml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    description: str = ""
    version: str = "0.1"
    author: str = ""
    entry: str = "intervention:"


@dataclass(frozen=True)
class Loaded:
    """A class fresh from its folder."""

    manifest: Manifest
    folder: Path
    kind: type[Intervention]


class Catalog:
    """Finds intervention folders by name; later folders do not hide earlier ones, a clash is an error."""

    def __init__(self, folders: Iterable[Path] = (), shipped: Path | None = None) -> None:
        self.shipped = shipped or Path(library.__path__[0])
        self.folders = [self.shipped, *folders]
        self._peeked: dict[Path, tuple[int, Loaded]] = {}

    def names(self) -> list[str]:
        return sorted(self._found())

    def folder(self, name: str) -> Path:
        """Raises InterventionError when there is no such intervention, saying which there are."""
        found = self._found()
        if name not in found:
            raise InterventionError(
                f"there is no intervention named {name!r}",
                "known are: " + (", ".join(sorted(found)) or "none") + "; `mindproof new NAME` makes one",
            )
        return found[name]

    def manifest(self, name: str) -> Manifest:
        return read_manifest(self.folder(name))

    def load(self, name: str) -> Loaded:
        """Import the intervention anew from its files."""
        return load_folder(self.folder(name))

    def peek(self, name: str) -> Loaded:
        """As `load`, but unchanged code is not run again. For looking only, not for use."""
        folder = self.folder(name)
        stamp = max(path.stat().st_mtime_ns for path in (folder, *folder.glob("*.py"), folder / MANIFEST))
        known = self._peeked.get(folder)
        if known is None or known[0] != stamp:
            self._peeked[folder] = known = (stamp, load_folder(folder))
        return known[1]

    def _found(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for parent in self.folders:
            if not parent.is_dir():
                continue
            for child in sorted(parent.iterdir()):
                if (child / MANIFEST).is_file():
                    found.setdefault(child.name, child)
        return found


def read_manifest(folder: Path) -> Manifest:
    """Raises InterventionError naming the file and the field that is wrong."""
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise InterventionError(f"{path} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InterventionError(f"{path} is not valid TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InterventionError(f"{path}: {field}: {first['msg']}") from error
    if manifest.name != folder.name:
        raise InterventionError(
            f"{path}: name is {manifest.name!r}, the folder's is {folder.name!r}", "make them equal"
        )
    return manifest


def load_folder(folder: Path) -> Loaded:
    """Import the class that the folder's manifest names.

    Raises:
        InterventionError: the manifest is wrong, the code does not compile or import (with file, line and traceback),
        or the
            entry is not an Intervention.
    """
    manifest = read_manifest(folder)
    stem, _, class_name = manifest.entry.partition(":")
    package = f"mindproof_interventions.{folder.name}_r{next(_revision)}"
    try:
        module = _import_fresh(package, folder, stem)
    except SyntaxError as error:
        raise InterventionError(
            f"{error.filename}, line {error.lineno}: {error.msg}",
            "mend the line and save; it is loaded again by itself",
        ) from error
    except Exception as error:
        _forget(package)
        where = traceback.format_exception(error)[-3:]
        raise InterventionError(f"{folder.name} failed to import: {''.join(where).strip()}") from error
    kind = _pick(module, class_name)
    if kind is None:
        raise InterventionError(
            f"{folder / (stem + '.py')} has no Intervention class" + (f" named {class_name!r}" if class_name else ""),
            f"check `entry` in {folder / MANIFEST}",
        )
    return Loaded(manifest, folder, kind)


def _import_fresh(package: str, folder: Path, stem: str) -> ModuleType:
    """Import ``folder/stem.py`` as ``package.stem``, its package first, bypassing every cache."""
    root = package.partition(".")[0]
    if root not in sys.modules:
        sys.modules[root] = ModuleType(root)
    init = folder / "__init__.py"
    importlib.invalidate_caches()
    if init.is_file():
        _execute(package, init, [str(folder)])
    else:
        bare = ModuleType(package)
        bare.__path__ = [str(folder)]
        sys.modules[package] = bare
    if stem == "__init__":
        return sys.modules[package]
    path = folder / f"{stem}.py"
    if not path.is_file():
        raise InterventionError(f"{path} is missing", f"check `entry` in {folder / MANIFEST}")
    name = f"{package}.{stem}"
    return sys.modules[name] if name in sys.modules else _execute(name, path, None)


def _execute(name: str, path: Path, search: list[str] | None) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=search)
    if spec is None:
        raise InterventionError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    # Compiled here rather than by the loader: its cache goes by whole seconds and would miss a quick second save.
    exec(compile(path.read_bytes(), str(path), "exec"), module.__dict__)  # noqa: S102
    return module


def _forget(package: str) -> None:
    for name in [name for name in sys.modules if name == package or name.startswith(package + ".")]:
        del sys.modules[name]


def _pick(module: ModuleType, class_name: str) -> type[Intervention] | None:
    if class_name:
        chosen = getattr(module, class_name, None)
        return chosen if isinstance(chosen, type) and issubclass(chosen, Intervention) else None
    own = [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Intervention) and value.__module__ == module.__name__
    ]
    return own[0] if len(own) == 1 else None
