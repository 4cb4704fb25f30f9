"""Packs: what was taught, as one signed file that can be handed on.

A pack is JSON in UTF-8::

    {"format": 1, "name": ..., "made_s": ..., "author": <fingerprint>, "key": <Ed25519 public key, base64>,
     "entries": [{"app", "name", "breadth", "rule", "crop"}], "signature": <base64, over all the rest>}

The signature (RFC 8032) covers the canonical form of the rest (RFC 8785 for what occurs here: sorted names, no white
space). It tells that nothing was changed and that two packs are of one author; who that is, people have to know.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from binascii import Error as NotBase64
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import cv2
import numpy as np
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from backend.annotations.looks import crop_of
from backend.annotations.rules import Breadth
from backend.errors import PackError
from interventions.library.taught.lessons import lesson, read

FORMAT = 1
MOST_BYTES = 8 << 20
_MOST_ENTRIES = 1000
_MOST_CROP = 1 << 20
_MOST_PIXELS = 4 << 20


class Entry(BaseModel):
    """One thing to hide: in which app, what it is in a few words, the rule, and the crop (PNG) that it may name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    app: str = Field(min_length=1, max_length=200)
    name: str = Field(max_length=200)
    breadth: Breadth
    rule: str = Field(min_length=1, max_length=2000)
    crop: bytes = Field(b"", max_length=_MOST_CROP, repr=False)

    @field_validator("crop", mode="before")
    @classmethod
    def _decoded(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        try:
            return base64.b64decode(value, validate=True)
        except NotBase64 as error:
            raise ValueError("a crop is not base64") from error

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        told = list(read([lesson("", self.rule)]))
        if len(told) != 1 or told[0].package != self.app:
            raise ValueError(f"{self.rule[:80]!r} is no rule for {self.app}")
        if bool(told[0].crop) != bool(self.crop):
            raise ValueError("a rule and its crop do not go together")
        if self.crop and hashlib.sha256(self.crop).hexdigest()[:16] + ".png" != crop_of(self.rule):
            raise ValueError("a crop is not the one that its rule names")
        if self.crop and not _is_small_png(self.crop):
            raise ValueError("a crop is not a PNG of a usual size")
        return self


class Pack(BaseModel):
    """A pack whose signature holds. `author` is the fingerprint of the key that signed it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: int
    name: str = Field(max_length=200)
    made_s: float
    author: str
    entries: tuple[Entry, ...] = Field(max_length=_MOST_ENTRIES)


def write(name: str, entries: Sequence[Entry], key: Ed25519PrivateKey) -> bytes:
    """A pack of `entries`, signed with `key`."""
    public = key.public_key().public_bytes_raw()
    told: dict[str, Any] = {
        "format": FORMAT,
        "name": name,
        "made_s": round(time.time(), 3),
        "author": fingerprint(public),
        "key": _text(public),
        "entries": [{**entry.model_dump(exclude={"crop"}), "crop": _text(entry.crop)} for entry in entries],
    }
    signature = _text(key.sign(_canonical(told)))
    return json.dumps({**told, "signature": signature}, indent=1, ensure_ascii=False).encode() + b"\n"


def open_pack(data: bytes) -> Pack:
    """The pack in `data`.

    Raises:
        PackError: it is no pack, newer than this program, was changed after it was signed, or holds what no pack may.
    """
    if len(data) > MOST_BYTES:
        raise PackError(f"a pack of {len(data)} bytes is too large", f"at most {MOST_BYTES} are taken")
    try:
        told = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise PackError("this file is no pack: it is not JSON", "ask for it again; it may be cut off") from error
    if not isinstance(told, dict) or "format" not in told:
        raise PackError("this file is no pack of rules", "take one that `mindproof taught export` has written")
    if told["format"] != FORMAT:
        raise PackError(f"this pack has format {told['format']!r}, and this program knows {FORMAT}", "update Mindproof")
    _check_signature(told)
    try:
        return Pack.model_validate({name: value for name, value in told.items() if name not in ("key", "signature")})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PackError(f"this pack cannot be used: {place}: {first['msg']}", "ask its author for another") from error


def own_key(folder: Path) -> Ed25519PrivateKey:
    """This installation's key for packs, made on first use; its file is for this user alone.

    Raises:
        PackError: the file cannot be written or read, or is no key.
    """
    path = folder / "packs.key"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            secret = Ed25519PrivateKey.generate().private_bytes_raw()
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(secret)
        return Ed25519PrivateKey.from_private_bytes(path.read_bytes())
    except OSError as error:
        raise PackError(f"the key {path} cannot be used: {error.strerror or error}", "check its rights") from error
    except ValueError as error:
        raise PackError(f"the file {path} is no key", "move it away; a new one is made then") from error


def trusted(folder: Path) -> frozenset[str]:
    """The fingerprints whose packs are taken without asking: one's own, and those in ``packs.trusted``, one a line.

    Raises:
        PackError: as `own_key`.
    """
    own = fingerprint(own_key(folder).public_key().public_bytes_raw())
    try:
        others = (folder / "packs.trusted").read_text(encoding="utf-8").split()
    except FileNotFoundError:
        others = []
    except (OSError, UnicodeDecodeError) as error:
        raise PackError(f"{folder / 'packs.trusted'} cannot be read: {error}", "mend or remove it") from error
    return frozenset([own, *others])


def trust(folder: Path, author: str) -> None:
    """Take packs of `author`, a fingerprint, without asking from now on. Raises PackError."""
    if author in trusted(folder):
        return
    try:
        with (folder / "packs.trusted").open("a", encoding="utf-8") as file:
            file.write(f"{author}\n")
    except OSError as error:
        raise PackError(f"{folder / 'packs.trusted'} cannot be written: {error.strerror or error}") from error


def fingerprint(public_key: bytes) -> str:
    """How people name a key: 16 letters of its SHA-256, in fours."""
    digest = hashlib.sha256(public_key).hexdigest()[:16]
    return "-".join(digest[at : at + 4] for at in range(0, 16, 4))


def _check_signature(told: dict[str, Any]) -> None:
    try:
        public = base64.b64decode(told["key"], validate=True)
        signature = base64.b64decode(told["signature"], validate=True)
        signed = {name: value for name, value in told.items() if name != "signature"}
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _canonical(signed))
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise PackError("this pack is not signed", "ask its author for a signed one") from error
    except InvalidSignature as error:
        raise PackError("this pack was changed after it was signed", "ask its author for it again") from error
    if told.get("author") != fingerprint(public):
        raise PackError("this pack names another author than the key that signed it", "ask for it again")


def _canonical(told: dict[str, Any]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _is_small_png(data: bytes) -> bool:
    """Whether it is a PNG of few pixels; its size is read before anything is unpacked."""
    if data[:8] != b"\x89PNG\r\n\x1a\n" or data[12:16] != b"IHDR":
        return False
    width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    if not 0 < width * height <= _MOST_PIXELS:
        return False
    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) is not None
