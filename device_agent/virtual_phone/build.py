"""Build ``apps.jar`` from the Java sources of the framework and the apps.

The jar is the same for the same sources and compiler: entries are sorted and carry no time. Its manifest holds a
digest of the sources, so that a machine without a JDK can still tell whether the jar is up to date. Run ``python -m
device_agent.virtual_phone.build``."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

from device_agent.virtual_phone.errors import VirtualPhoneError

HERE = Path(__file__).parent
JAR = HERE / "apps.jar"
SOURCES = (HERE / "framework", HERE / "apps")
RELEASE = "17"
EPOCH = (1980, 1, 1, 0, 0, 0)
DIGEST_FIELD = "Mindproof-Sources"
COMPILER_FIELD = "Created-By"


def source_files() -> list[Path]:
    """Every file that goes into the jar, sorted by its path in its source folder."""
    found = [path for folder in SOURCES for path in folder.rglob("*") if path.suffix in (".java", ".json")]
    return sorted(found, key=lambda path: path.relative_to(HERE).as_posix())


def source_digest() -> str:
    """SHA-256 of the names and contents of `source_files`."""
    digest = hashlib.sha256()
    for path in source_files():
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def compiler_name(javac: str) -> str:
    """What the compiler calls itself, such as ``javac 17.0.9``."""
    return subprocess.run([javac, "-version"], capture_output=True, text=True, check=True).stdout.strip()


def manifest_of(jar: Path = JAR) -> dict[str, str]:
    """The fields of a jar's manifest, `DIGEST_FIELD` and `COMPILER_FIELD` among them."""
    with zipfile.ZipFile(jar) as archive:
        lines = archive.read("META-INF/MANIFEST.MF").decode().replace("\r\n ", "").splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def build(jar: Path = JAR) -> None:
    """Compile and pack.

    Raises:
        VirtualPhoneError: there is no javac, or the sources do not compile.
    """
    javac = shutil.which("javac")
    if javac is None:
        raise VirtualPhoneError("apps.jar cannot be built: no javac on the PATH; install a JDK of version 17 or later")
    with tempfile.TemporaryDirectory() as folder:
        classes = Path(folder)
        java = [str(path) for path in source_files() if path.suffix == ".java"]
        command = [javac, "--release", RELEASE, "-g:source,lines", "-encoding", "UTF-8", "-d", folder, *java]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise VirtualPhoneError(f"the Java sources do not compile:\n{done.stderr}")
        entries = {path.relative_to(classes).as_posix(): path.read_bytes() for path in classes.rglob("*.class")}
    for path in source_files():
        if path.suffix == ".json":
            entries[path.relative_to(HERE / "apps").as_posix()] = path.read_bytes()
    pack(jar, entries, compiler_name(javac))


def pack(jar: Path, entries: dict[str, bytes], compiler: str) -> None:
    """Write a jar whose bytes depend on `entries`, the compiler's name and the source digest only."""
    digest = source_digest()
    # A manifest line holds 72 bytes at most; the rest goes on after a line feed and a space.
    field = f"{DIGEST_FIELD}: {digest}"
    folded = "\r\n ".join([field[:70], field[70:]])
    manifest = f"Manifest-Version: 1.0\r\n{COMPILER_FIELD}: {compiler}\r\n{folded}\r\n\r\n".encode()
    with zipfile.ZipFile(jar, "w") as archive:
        for name, data in [("META-INF/MANIFEST.MF", manifest), *sorted(entries.items())]:
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data, compresslevel=9)


if __name__ == "__main__":
    build()
    print(f"{JAR}: {JAR.stat().st_size} bytes")
