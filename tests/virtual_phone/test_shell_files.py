"""The phone's files: whatever the path, nothing outside the root is touched."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_agent.virtual_phone.shell.files import PhoneFiles

PARTS = st.sampled_from(["..", ".", "", "sdcard", "data", "local", "tmp", "out", "up", "abs", "loop", "x", "\u00fc"])


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> PhoneFiles:
    base = tmp_path_factory.mktemp("host")
    (base / "secret").write_text("secret")
    root = base / "root"
    for folder in ("sdcard", "data/local/tmp", "data/system", "system"):
        (root / folder).mkdir(parents=True)
    (root / "sdcard/out").symlink_to(base)
    (root / "sdcard/up").symlink_to("../../..")
    (root / "sdcard/abs").symlink_to("/")
    (root / "sdcard/loop").symlink_to("loop")
    return PhoneFiles(root)


@given(st.lists(PARTS, max_size=8), st.booleans(), st.booleans())
def test_no_path_leads_out(files: PhoneFiles, parts: list[str], absolute: bool, follow: bool) -> None:
    path = ("/" if absolute else "") + "/".join(parts)
    try:
        place = files.locate(path, "/sdcard", follow=follow)
    except OSError:
        return  # the loop
    assert Path(os.path.abspath(place.host)).is_relative_to(files.root)
    if follow:
        assert Path(os.path.realpath(place.host)).is_relative_to(files.root)
    assert place.phone.startswith("/")


def test_absolute_links_start_at_the_phones_root(files: PhoneFiles) -> None:
    assert files.locate("/sdcard/abs/system").phone == "/system"
    assert files.locate("/sdcard/up/data/local").phone == "/data/local"
    assert files.locate("../../x", "/sdcard").phone == "/x"


@pytest.mark.parametrize(
    ("operation", "path", "number"),
    [
        (PhoneFiles.readable, "/data/system", errno.EACCES),
        (PhoneFiles.readable, "/sdcard/abs/data/system", errno.EACCES),
        (PhoneFiles.writable, "/data/system/x", errno.EACCES),
        (PhoneFiles.writable, "/data/local/x", errno.EACCES),
        (PhoneFiles.writable, "/system/x", errno.EROFS),
        (PhoneFiles.writable, "/sdcardx", errno.EROFS),
        (PhoneFiles.stat, "/sdcard/out/secret", errno.ENOENT),
        (PhoneFiles.open_read, "/sdcard", errno.EISDIR),
        (PhoneFiles.locate, "/sdcard/loop", errno.ELOOP),
        (PhoneFiles.locate, "/" + "x" * 2000, errno.ENAMETOOLONG),
        (PhoneFiles.locate, "/a\0b", errno.EINVAL),
    ],
)
def test_what_is_not_allowed_says_so_with_the_phones_path(
    files: PhoneFiles, operation: Callable[[PhoneFiles, str], object], path: str, number: int
) -> None:
    with pytest.raises(OSError) as caught:
        operation(files, path)
    assert (caught.value.errno, caught.value.filename) == (number, path)
