"""Make one script of the agent's sources: compiled by Frida's own compiler, with Frida's Java bridge in front.

Since Frida 17 the bridge is no part of its runtime; it comes from ``frida-tools``, which ships it as a file. Compiling
takes some seconds, so the script is kept in a folder, under a digest of all that went into it.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

SOURCES = Path(__file__).parent / "src"
ENTRY = "main.ts"
KEPT = "agent-{digest}.js"
INSTALL = "install the extra `agent`: pip install 'mindproof[agent]'"


class AgentBuildError(Exception):
    """The agent's script cannot be made; the message says why and what to do next."""


def bundle(cache: Path) -> str:
    """The agent's script, for ``frida.Session.create_script``.

    Args:
        cache: a folder for built scripts; made when it is not there.

    Raises:
        AgentBuildError: Frida is not installed, the sources do not compile, or `cache` cannot be written.
    """
    digest = _digest()
    kept = cache / KEPT.format(digest=digest)
    try:
        if kept.is_file():
            return kept.read_text(encoding="utf-8")
        script = f'const MINDPROOF_AGENT = "{digest[:12]}";\n' + java_bridge() + _compile()
        cache.mkdir(parents=True, exist_ok=True)
        _write(kept, script)
    except OSError as error:
        raise AgentBuildError(f"the agent's script cannot be kept in {cache}: {error}; name another folder") from error
    return script


def agent_version() -> str:
    """What the agent calls itself in its Hello: twelve digits that change with its sources."""
    return _digest()[:12]


def _digest() -> str:
    """SHA-256 of everything the script depends on."""
    digest = hashlib.sha256()
    try:
        for package in ("frida", "frida-tools"):
            digest.update(f"{package} {version(package)}\0".encode())
    except PackageNotFoundError as error:
        raise AgentBuildError(f"{error.name} is not installed, so nothing can act inside apps; {INSTALL}") from error
    for path in sorted([*SOURCES.rglob("*.ts"), *SOURCES.rglob("*.json"), Path(__file__)]):
        digest.update(os.path.relpath(path, SOURCES).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def java_bridge() -> str:
    """The script that defines `Java` in front of any other.

    Raises:
        AgentBuildError: frida-tools is not installed, or keeps it elsewhere.
    """
    try:
        bridge = resources.files("frida_tools").joinpath("bridges", "java.js").read_text(encoding="utf-8")
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise AgentBuildError(f"Frida's Java bridge is not where frida-tools keeps it: {error}; {INSTALL}") from error
    return f"Object.defineProperty(globalThis, 'Java', {{value: (function () {{ {bridge}; return bridge; }})()}});\n"


def _compile() -> str:
    import frida  # an extra: the rest of the project does without it

    said: list[str] = []
    compiler = frida.Compiler()
    compiler.on("diagnostics", lambda entries: said.extend(_line(entry) for entry in entries))
    try:
        script: str = compiler.build(
            ENTRY, project_root=str(SOURCES), bundle_format="iife", source_maps="omitted", type_check="full"
        )
    except (frida.InvalidArgumentError, frida.NotSupportedError, frida.InvalidOperationError) as error:
        said.append(str(error))
        raise AgentBuildError(_complaint(said)) from error
    if said:
        raise AgentBuildError(_complaint(said))
    return script


def _complaint(said: list[str]) -> str:
    return "the agent does not compile:\n" + "\n".join(said) + f"\ncorrect the sources in {SOURCES}"


def _line(entry: dict[str, object]) -> str:
    """One diagnostic as ``file:line:column: text``."""
    file = entry.get("file")
    if not isinstance(file, dict):
        return str(entry.get("text", entry))
    # Frida counts from 0.
    return f"{file['path']}:{file['line'] + 1}:{file['character'] + 1}: {entry['text']}"


def _write(path: Path, text: str) -> None:
    """Whole or not at all, for several may build at once."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(name, path)
