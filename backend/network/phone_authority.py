"""Our certificate authority on a phone, so far as the phone lets us.

Android keeps the authorities that a user adds in files named by their subject (OpenSSL's ``subject_hash_old``) below
``/data/misc/user/0/cacerts-added``. A root shell can put one there; otherwise only the person who holds the phone can,
in the settings, since Android 11 from nowhere else. Which apps then believe it is another matter: see `probe`.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cryptography import x509

from backend.errors import PhoneError
from backend.phones.agent.root import Root, find_root
from backend.phones.phone import Phone

log = logging.getLogger(__name__)

USER_STORE = "/data/misc/user/0/cacerts-added"
DOWNLOAD = "/sdcard/Download/mindproof-ca.crt"
_SECURITY_SETTINGS = "am start -a android.settings.SECURITY_SETTINGS"
_USER_CREDENTIALS = "am start -a com.android.settings.TRUSTED_CREDENTIALS_USER"
Where = Literal["user store", "by hand"]

STEPS_TO_INSTALL = (
    "on the phone: Settings > Security > Encryption & credentials > Install a certificate > CA certificate > "
    "Install anyway, and choose mindproof-ca.crt in Download"
)
STEPS_TO_REMOVE = "on the phone: Settings > Security > Encryption & credentials > User credentials: remove Mindproof's"


@dataclass(frozen=True, slots=True)
class Placed:
    """What was done: "user store", or "by hand" when the person who holds the phone has to do the `steps`."""

    where: Where
    steps: str = ""


def store_name(certificate: bytes) -> str:
    """The file name in Android's certificate stores of a PEM `certificate`: ``subject_hash_old`` and ``.0``."""
    subject = x509.load_pem_x509_certificate(certificate).subject.public_bytes()
    digest = hashlib.md5(subject, usedforsecurity=False).digest()
    return f"{int.from_bytes(digest[:4], 'little'):08x}.0"


def install(phone: Phone, certificate: Path) -> Placed:
    """Have the phone's user trust `certificate` (PEM). Raises PhoneError."""
    pem = certificate.read_bytes()
    path = f"{USER_STORE}/{store_name(pem)}"
    phone.push(pem, DOWNLOAD)
    root = _who_may_write(phone)
    if root is None:
        _open(phone, _SECURITY_SETTINGS)
        return Placed("by hand", STEPS_TO_INSTALL)
    line = f"mkdir -p {USER_STORE} && cp {DOWNLOAD} {path}"
    done = phone.shell(root.command(line))
    if not done.ok:
        raise PhoneError(phone.serial, f"it does not take our certificate: {(done.err or done.out).strip()}", "")
    owned = phone.shell(root.command(f"chmod 644 {path} && chown system:system {path} && restorecon {path}"))
    if not owned.ok:
        log.info("phone %s: the certificate keeps its owner and mode: %s", phone.serial, owned.err.strip())
    phone.shell(f"rm -f {DOWNLOAD}")
    return Placed("user store")


def remove(phone: Phone, certificate: Path) -> Placed:
    """Have the phone's user trust `certificate` no more. Raises PhoneError."""
    path = f"{USER_STORE}/{store_name(certificate.read_bytes())}"
    phone.shell(f"rm -f {DOWNLOAD}")
    root = _who_may_write(phone)
    if root is None:
        _open(phone, _USER_CREDENTIALS)
        return Placed("by hand", STEPS_TO_REMOVE)
    done = phone.shell(root.command(f"rm -f {path}"))
    if not done.ok:
        raise PhoneError(phone.serial, f"it keeps our certificate: {(done.err or done.out).strip()}", STEPS_TO_REMOVE)
    return Placed("user store")


def is_installed(phone: Phone, certificate: Path) -> bool | None:
    """Whether the phone's user trusts `certificate`; None when the phone does not let us look. Raises PhoneError."""
    if phone.shell(f"ls {USER_STORE}/").ok:
        return phone.shell(f"ls {USER_STORE}/{store_name(certificate.read_bytes())}").ok
    return None


def _who_may_write(phone: Phone) -> Root | None:
    """Who may write the user's store: the shell itself where it may, else root, else nobody."""
    probe = f"{USER_STORE}/.mindproof"
    if phone.shell(f"echo > {probe} && rm {probe}").ok:
        return Root("adb root")
    root = find_root(phone)
    return root if isinstance(root, Root) else None


def _open(phone: Phone, command: str) -> None:
    opened = phone.shell(command)
    if not opened.ok:
        log.warning("phone %s does not open that page of its settings by itself", phone.serial)
