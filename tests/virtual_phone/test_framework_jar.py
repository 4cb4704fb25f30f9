"""The packaged jar is what its sources make."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path

import pytest

from device_agent.virtual_phone import build


def test_the_jar_carries_the_digest_of_these_sources() -> None:
    manifest = build.manifest_of()
    assert manifest[build.DIGEST_FIELD] == build.source_digest(), (
        "apps.jar is older than its sources; run python -m device_agent.virtual_phone.build"
    )


def test_building_again_gives_the_same_jar(tmp_path: Path) -> None:
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no JDK here: the digest in the manifest is what can be checked")
    again = tmp_path / "apps.jar"
    build.build(again)
    if build.compiler_name(javac) == build.manifest_of()[build.COMPILER_FIELD]:
        assert again.read_bytes() == build.JAR.read_bytes()
    else:
        with zipfile.ZipFile(again) as ours, zipfile.ZipFile(build.JAR) as packaged:
            assert ours.namelist() == packaged.namelist()


def test_entries_are_sorted_and_carry_no_time() -> None:
    with zipfile.ZipFile(build.JAR) as archive:
        names = archive.namelist()
        assert names[1:] == sorted(names[1:])
        assert {info.date_time for info in archive.infolist()} == {build.EPOCH}
