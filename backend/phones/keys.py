"""The key that this host shows to phones: one RSA pair under the settings folder, made on first use.

It is our own, apart from ``~/.android/adbkey``, so that a phone's owner can revoke Mindproof without revoking Android
Studio. The public half is written in Android's format (``libcrypto_utils/android_pubkey.cpp``): little-endian words,
ready for Montgomery multiplication.
"""

from __future__ import annotations

import base64
import os
import struct
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from adb_shell.auth.sign_cryptography import CryptographySigner
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from backend.errors import SettingsError

MODULUS_BITS = 2048
KEY_FILE = "adbkey"


@dataclass(frozen=True)
class HostKey:
    """A private key in a file only its owner may read, and the signer that the ADB library wants."""

    path: Path
    signer: CryptographySigner

    @property
    def public_path(self) -> Path:
        """The public half, in the format of a phone's ``adb_keys``."""
        return _public(self.path)


def settings_folder() -> Path:
    """``$XDG_CONFIG_HOME/mindproof``, which is ``~/.config/mindproof`` unless told otherwise."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "mindproof"


def host_key(folder: Path | None = None) -> HostKey:
    """The host's key in `folder` (default: `settings_folder`), made if it is not there.

    Raises:
        SettingsError: when the folder cannot be written, or the key file cannot be read as a key.
    """
    path = (folder or settings_folder()) / KEY_FILE
    try:
        if not path.exists():
            _make(path)
        if not _public(path).exists():
            _write_public(path)
        return HostKey(path, CryptographySigner(str(path)))
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(
            f"the host key {path} cannot be used: {error}",
            f"make {path.parent} writable, or remove {path} and {path}.pub to get a new key (phones will ask again)",
        ) from error


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = rsa.generate_private_key(public_exponent=65537, key_size=MODULUS_BITS)
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    with suppress(FileExistsError):  # another process was faster: its key stays
        _place_once(path, pem)


def _place_once(path: Path, content: bytes) -> None:
    """Write `content` to `path`, readable by its owner alone, complete or not at all."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mkstemp makes it 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(name, path)
    finally:
        os.unlink(name)


def _public(path: Path) -> Path:
    return path.with_name(path.name + ".pub")


def _write_public(path: Path) -> None:
    private = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(private, rsa.RSAPrivateKey):
        raise TypeError("it is not an RSA key")
    encoded = base64.b64encode(android_public_key(private.public_key().public_numbers()))
    with suppress(FileExistsError):
        _place_once(_public(path), encoded + b" mindproof")


def android_public_key(numbers: rsa.RSAPublicNumbers) -> bytes:
    """`numbers` as Android's ``struct RSAPublicKey``: 524 bytes for 2048 bits."""
    modulus, size = numbers.n, MODULUS_BITS // 8
    word = 1 << 32
    return struct.pack(
        f"<LL{size}s{size}sL",
        size // 4,
        word - pow(modulus, -1, word),
        modulus.to_bytes(size, "little"),
        pow(1 << MODULUS_BITS, 2, modulus).to_bytes(size, "little"),
        numbers.e,
    )
