"""Who may connect: Android's own public-key format, signatures of a token, and the file of trusted hosts.

Source: AOSP ``libcrypto_utils/android_pubkey.cpp`` (the "mincrypt" structure) and ``adb/daemon/auth.cpp``. The daemon
sends a token of 20 random bytes; the host signs it as if it were a SHA-1 digest (RSA, PKCS#1 v1.5). A host whose
signatures all fail offers its public key, and the phone's owner accepts it or not.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import logging
import os
import struct
import threading
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA1

from device_agent.virtual_phone.errors import ProtocolError

log = logging.getLogger(__name__)

TOKEN_SIZE = 20
MODULUS_BYTES = 256
_KEY = struct.Struct(f"<II{MODULUS_BYTES}s{MODULUS_BYTES}sI")


def encode_public_key(key: rsa.RSAPublicKey) -> bytes:
    """Android's structure: length in words, -1/n mod 2**32, n and R**2 mod n (R = 2**2048) little-endian, exponent."""
    n, e = key.public_numbers().n, key.public_numbers().e
    n0inv = -pow(n, -1, 1 << 32) % (1 << 32)
    rr = pow(1 << (MODULUS_BYTES * 8), 2, n)
    return _KEY.pack(
        MODULUS_BYTES // 4,
        n0inv,
        n.to_bytes(MODULUS_BYTES, "little"),
        rr.to_bytes(MODULUS_BYTES, "little"),
        e,
    )


def decode_public_key(line: bytes) -> rsa.RSAPublicKey:
    """The key in one line of a trusted-hosts file, or of an AUTH packet: base64 of the structure, then ``user@host``.

    Raises:
        ProtocolError: it is not an RSA-2048 key in Android's format.
    """
    words = line.rstrip(b"\0").split()
    try:
        blob = base64.b64decode(words[0], validate=True) if words else b""
        size, _, modulus, _, exponent = _KEY.unpack(blob)
        if size != MODULUS_BYTES // 4:
            raise ProtocolError(f"public key of {size} words; Android takes {MODULUS_BYTES // 4}")
        return rsa.RSAPublicNumbers(exponent, int.from_bytes(modulus, "little")).public_key()
    except (binascii.Error, struct.error, ValueError) as error:
        raise ProtocolError(f"not a public key in Android's format: {error}") from error


def verifies(key: rsa.RSAPublicKey, token: bytes, signature: bytes) -> bool:
    """Whether `signature` is `key`'s over `token`, which stands where a SHA-1 digest would."""
    try:
        key.verify(signature, token, padding.PKCS1v15(), utils.Prehashed(SHA1()))  # noqa: S303 - the protocol's own
    except InvalidSignature:
        return False
    return True


def fingerprint(key: rsa.RSAPublicKey) -> str:
    """As Android shows it in its question to the owner: MD5 of the structure, in pairs of digits."""
    digest = hashlib.md5(encode_public_key(key), usedforsecurity=False).hexdigest().upper()
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))


class TrustedHosts:
    """The keys in a file like ``/data/misc/adb/adb_keys``, read anew for every question so that edits count at once."""

    def __init__(self, path: Path, accept_first: bool) -> None:
        self.path = path
        self.accept_first = accept_first
        self._lock = threading.Lock()

    def keys(self) -> list[rsa.RSAPublicKey]:
        """All keys that parse; a broken line is logged and skipped."""
        try:
            lines = self.path.read_bytes().splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            log.warning("trusted hosts: cannot read %s: %s; nobody is trusted until it can be read", self.path, error)
            return []
        keys = []
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    keys.append(decode_public_key(line))
                except ProtocolError as error:
                    log.warning("trusted hosts: %s line %d is skipped: %s", self.path, number, error)
        return keys

    def verify(self, token: bytes, signature: bytes) -> bool:
        """Whether any trusted host made this signature."""
        return any(verifies(key, token, signature) for key in self.keys())

    def offer(self, line: bytes) -> bool:
        """A host nobody knows offers its key: with `accept_first` it is remembered, otherwise refused.

        Raises:
            ProtocolError: what it offers is no key.
        """
        key = decode_public_key(line)
        if not self.accept_first:
            log.warning("refused host key %s; to trust it, append its adbkey.pub to %s", fingerprint(key), self.path)
            return False
        try:
            self._remember(line)
        except OSError as error:
            log.error("refused host key %s: %s cannot be written: %s", fingerprint(key), self.path, error.strerror)
            return False
        log.info("trusted host key %s from now on", fingerprint(key))
        return True

    def _remember(self, line: bytes) -> None:
        with self._lock:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab") as file:
                file.write(line.rstrip(b"\0").strip().replace(b"\n", b" ") + b"\n")
