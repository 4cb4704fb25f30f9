"""``sync:``: files to and from the phone, within `PhoneFiles` and so within the phone's root.

Source: AOSP ``adb/SYNC.TXT``, ``file_sync_protocol.h`` and ``daemon/file_sync_service.cpp``, whose wording of failures
is kept because clients show it.
"""

from __future__ import annotations

import errno
import logging
import os
import stat
import struct
from typing import IO, Final

from device_agent.virtual_phone.adb.stream import Stream, StreamClosed
from device_agent.virtual_phone.errors import ProtocolError
from device_agent.virtual_phone.shell.files import PhoneFiles, told_of

log = logging.getLogger(__name__)

MAX_PATH = 1024
MAX_DATA: Final = 64 * 1024
"""The most bytes of a file in one DATA."""

_REQUEST = struct.Struct("<4sI")
_STAT_V1 = struct.Struct("<4sIII")
_STAT_V2 = struct.Struct("<4sIQQIIIIQqqq")
_DENT_V1 = struct.Struct("<4sIIII")
_DENT_V2 = struct.Struct("<4sIQQIIIIQqqqI")
_SETUP_V2 = struct.Struct("<4sII")
SHELL_USER = 2000


class _SyncFailure(Exception):
    """A request failed; the message goes to the host and the next request follows."""


class SyncService:
    """Answers requests on one stream until QUIT or until the host leaves."""

    def __init__(self, stream: Stream, files: PhoneFiles) -> None:
        self._stream = stream
        self._files = files
        self._inbound = bytearray()
        self._outbound = bytearray()

    def run(self) -> None:
        """Serve the stream.

        Raises:
            StreamClosed: the host left in the middle of an answer.
        """
        while self._serve_one():
            self._flush()
        self._flush()

    def _serve_one(self) -> bool:
        """One request; False when there will be no more."""
        try:
            request, length = _REQUEST.unpack(self._take(_REQUEST.size))
        except StreamClosed:
            return False
        if request == b"QUIT":
            return False
        if length > MAX_PATH:
            self._fail("path too long")
            return False
        path = self._take(length).decode("utf-8", "surrogateescape")
        handler = {
            b"STAT": self._stat_v1,
            b"LST2": self._lstat_v2,
            b"STA2": self._stat_v2,
            b"LIST": self._list_v1,
            b"LIS2": self._list_v2,
            b"SEND": self._send_v1,
            b"SND2": self._send_v2,
            b"RECV": self._receive,
            b"RCV2": self._receive_v2,
        }.get(request)
        if handler is None:
            self._fail(f"unknown command {int.from_bytes(request, 'little'):08x}")
            return False
        try:
            handler(path)
        except _SyncFailure as failure:
            self._fail(str(failure))
        return True

    # Looking.

    def _stat_v1(self, path: str) -> None:
        try:
            status = self._files.lstat(path)
        except OSError:
            self._put(_STAT_V1.pack(b"STAT", 0, 0, 0))
            return
        self._put(_STAT_V1.pack(b"STAT", status.st_mode, _u32(status.st_size), _u32(int(status.st_mtime))))

    def _lstat_v2(self, path: str) -> None:
        self._put_stat(b"LST2", path, follow=False)

    def _stat_v2(self, path: str) -> None:
        self._put_stat(b"STA2", path, follow=True)

    def _put_stat(self, name: bytes, path: str, *, follow: bool) -> None:
        try:
            status = self._files.stat(path) if follow else self._files.lstat(path)
        except OSError as error:
            self._put(_STAT_V2.pack(name, error.errno or errno.EIO, *([0] * 10)))
            return
        self._put(_STAT_V2.pack(name, 0, *_numbers(status)))

    def _list_v1(self, path: str) -> None:
        for name, status in self._entries(path):
            self._put(
                _DENT_V1.pack(b"DENT", status.st_mode, _u32(status.st_size), _u32(int(status.st_mtime)), len(name))
                + name
            )
        self._put(_DENT_V1.pack(b"DONE", 0, 0, 0, 0))

    def _list_v2(self, path: str) -> None:
        for name, status in self._entries(path):
            self._put(_DENT_V2.pack(b"DNT2", 0, *_numbers(status), len(name)) + name)
        self._put(_DENT_V2.pack(b"DONE", *([0] * 12)))

    def _entries(self, path: str) -> list[tuple[bytes, os.stat_result]]:
        try:
            return [(os.fsencode(name), status) for name, status in self._files.entries(path)]
        except OSError:
            return []  # adbd answers DONE for a folder that it cannot open

    # Pulling.

    def _receive(self, path: str) -> None:
        try:
            file = self._files.open_read(path)
        except IsADirectoryError as error:
            raise _SyncFailure(f"read failed: {error.strerror}") from error
        except OSError as error:
            raise _SyncFailure(f"open failed: {error.strerror}") from error
        with file:
            try:
                for data in iter(lambda: file.read(MAX_DATA), b""):
                    self._put(_REQUEST.pack(b"DATA", len(data)) + data)
            except OSError as error:
                if isinstance(error, ConnectionError):
                    raise
                raise _SyncFailure(f"read failed: {error.strerror}") from error
        self._put(_REQUEST.pack(b"DONE", 0))

    def _receive_v2(self, path: str) -> None:
        name, flags = struct.unpack("<4sI", self._take(8))
        if name != b"RCV2" or flags:
            raise ProtocolError(f"RCV2 with flags {flags:#x}, which were not offered")
        self._receive(path)

    # Pushing.

    def _send_v1(self, request: str) -> None:
        path, comma, mode = request.rpartition(",")
        if not comma or not mode.isdigit():
            self._discard()
            raise _SyncFailure("invalid mode")
        self._send_file(path, int(mode))

    def _send_v2(self, path: str) -> None:
        name, mode, flags = _SETUP_V2.unpack(self._take(_SETUP_V2.size))
        if name != b"SND2" or flags:
            raise ProtocolError(f"SND2 with flags {flags:#x}, which were not offered")
        self._send_file(path, mode)

    def _send_file(self, path: str, mode: int) -> None:
        if stat.S_ISLNK(mode):
            self._discard()
            raise _SyncFailure("couldn't create symlink: Operation not permitted")  # as on sdcardfs
        try:
            file, host = self._create(path)
        except OSError as error:
            self._discard()
            raise _SyncFailure(f"couldn't create file: {error.strerror}") from error
        try:
            with file:
                modified = self._copy_into(file)
        except (OSError, ProtocolError) as error:
            os.unlink(host)
            if isinstance(error, (ConnectionError, ProtocolError)):
                raise
            self._discard()
            raise _SyncFailure(f"write failed: {error.strerror}") from error
        os.chmod(host, (mode & 0o777) | 0o600)  # the phone's owner keeps access, whatever the host's file had
        os.utime(host, (modified, modified))
        self._put(_REQUEST.pack(b"OKAY", 0))

    def _create(self, path: str) -> tuple[IO[bytes], str]:
        place = self._files.writable(path)
        with told_of(path):
            place.host.parent.mkdir(parents=True, exist_ok=True)
            if place.host.is_file():
                place.host.unlink()
        return self._files.open_write(path), str(place.host)

    def _copy_into(self, file: IO[bytes]) -> int:
        """DATA until DONE; the time that DONE says, in seconds."""
        while True:
            name, size = _REQUEST.unpack(self._take(_REQUEST.size))
            if name == b"DONE":
                return int(size)
            file.write(self._data(name, size))

    def _discard(self) -> None:
        """Read a file that cannot be kept to its end: hosts look for the answer only then."""
        while True:
            name, size = _REQUEST.unpack(self._take(_REQUEST.size))
            if name == b"DONE":
                return
            self._data(name, size)

    def _data(self, name: bytes, size: int) -> bytes:
        if name != b"DATA":
            raise ProtocolError(f"sync: expected DATA or DONE, got {name!r}")
        if size > MAX_DATA:
            self._fail("oversize data message")
            self._flush()
            raise ProtocolError(f"sync: DATA of {size} bytes is over the limit of {MAX_DATA}")
        return self._take(size)

    # The stream.

    def _take(self, size: int) -> bytes:
        while len(self._inbound) < size:
            part = self._stream.read()
            if not part:
                raise StreamClosed("the host closed the sync stream")
            self._inbound += part
        taken = bytes(self._inbound[:size])
        del self._inbound[:size]
        return taken

    def _put(self, data: bytes) -> None:
        self._outbound += data
        if len(self._outbound) >= self._stream.max_payload:
            self._flush()

    def _flush(self) -> None:
        if self._outbound:
            data, self._outbound = self._outbound, bytearray()
            self._stream.write(data)

    def _fail(self, message: str) -> None:
        text = message.encode()
        self._put(_REQUEST.pack(b"FAIL", len(text)) + text)


def _numbers(status: os.stat_result) -> tuple[int, ...]:
    """dev, ino, mode, nlink, uid, gid, size, atime, mtime, ctime; everything on the phone is the shell user's."""
    return (
        status.st_dev,
        status.st_ino,
        status.st_mode,
        status.st_nlink,
        SHELL_USER,
        SHELL_USER,
        status.st_size,
        int(status.st_atime),
        int(status.st_mtime),
        int(status.st_ctime),
    )


def _u32(number: int) -> int:
    """Version 1 has 32 bits only; larger numbers wrap, as in adbd."""
    return number & 0xFFFFFFFF
