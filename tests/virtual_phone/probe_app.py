"""An app for tests of the framework, compiled from `probe/` into a copy of the phone's jar."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from device_agent.virtual_phone import build
from device_agent.virtual_phone.device import Package

SOURCES = Path(__file__).parent / "probe"
NAME = "org.mindproof.probe"
PROBE = Package(NAME, f"{NAME}.ProbeActivity", "/data/app/probe.apk", 10200)


@pytest.fixture(scope="module")
def probe_jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no JDK here to compile the probe")
    folder = tmp_path_factory.mktemp("probe")
    java = [str(path) for path in sorted(SOURCES.rglob("*.java"))]
    subprocess.run([javac, "--release", "17", "-cp", str(build.JAR), "-d", str(folder / "classes"), *java], check=True)
    made = folder / "probe.jar"
    shutil.copy(build.JAR, made)
    with zipfile.ZipFile(made, "a") as archive:
        for path in (folder / "classes").rglob("*.class"):
            archive.write(path, path.relative_to(folder / "classes").as_posix())
    return made
