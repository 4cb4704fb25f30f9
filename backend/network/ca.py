"""This installation's certificate authority: made once, its key readable by its owner only, removable."""

from __future__ import annotations

import datetime
import os
import secrets
import shutil
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from backend.errors import NetworkError
from backend.network.alone import alone

_DAYS = 730
_WITH_KEY = "mitmproxy-ca.pem"  # the name under which mitmproxy looks for it
_WITHOUT_KEY = "mindproof-ca-cert.pem"


class Authority:
    """Lives in one folder of mode 0700."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def certificate(self) -> Path:
        """PEM file of the certificate, without the key; made when it is not there.

        Raises:
            NetworkError: the folder cannot be written.
        """
        path = self.folder / _WITHOUT_KEY
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            with alone(self.folder / "lock"):
                if not (path.exists() and (self.folder / _WITH_KEY).exists()):
                    self._make(path)
            (self.folder / _WITH_KEY).chmod(0o600)
        except OSError as error:
            raise NetworkError(
                f"{self.folder}: the certificate authority cannot be written ({error.strerror})",
                "make the folder writable, or set MINDPROOF_HOME to one that is",
            ) from error
        return path

    def existing(self) -> Path | None:
        """The same file, if there is one already."""
        path = self.folder / _WITHOUT_KEY
        return path if path.exists() else None

    def forget(self) -> bool:
        """Remove key and certificate; says whether there were any. Phones that trust it go on doing so."""
        there = self.folder.exists()
        shutil.rmtree(self.folder, ignore_errors=True)
        return there

    def _make(self, path: Path) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        certificate = _sign(key).public_bytes(serialization.Encoding.PEM)
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
        _write(self.folder / _WITH_KEY, secret + certificate, 0o600)
        _write(path, certificate, 0o644)


def _sign(key: rsa.RSAPrivateKey) -> x509.Certificate:
    now = datetime.datetime.now(datetime.UTC)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Mindproof"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"Mindproof, this installation {secrets.token_hex(4)}"),
        ]
    )
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=2))
        .not_valid_after(now + datetime.timedelta(days=_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write(path: Path, data: bytes, mode: int) -> None:
    """Whole or not at all, and never readable by others in between."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
    part.replace(path)
