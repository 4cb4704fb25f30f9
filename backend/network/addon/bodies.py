"""Undoes Content-Encoding within bounds: a few bytes that unfold into gigabytes never do so here."""

from __future__ import annotations

import zlib

READABLE = ("gzip", "x-gzip", "deflate", "identity")
_STEP = 1 << 16
_ANY_HEADER = zlib.MAX_WBITS | 32  # gzip or zlib, whichever it is


class Undecodable(ValueError):
    """The bytes are not what Content-Encoding says, or are cut off, or it names a coding we do not know."""


class TooLarge(ValueError):
    """Decoded, the body is longer than allowed."""


def decode(raw: bytes, encoding: str, most: int) -> bytes:
    """`raw` without its Content-Encoding.

    Raises:
        Undecodable: see there.
        TooLarge: there would be more than `most` bytes; not many more were made.
    """
    codings = [coding for part in encoding.lower().split(",") if (coding := part.strip()) not in ("", "identity")]
    if len(codings) > 1 or any(coding not in READABLE for coding in codings):
        raise Undecodable(f"the coding {encoding!r}")
    if not codings or not raw:
        if len(raw) > most:
            raise TooLarge
        return raw
    if codings[0] == "deflate" and not _has_zlib_header(raw):
        return _inflate(raw, -zlib.MAX_WBITS, most)
    return _inflate(raw, _ANY_HEADER, most)


def readable(accepted: str) -> str:
    """An Accept-Encoding that asks for nothing but what `decode` can undo: what of `accepted` it can, or identity."""
    kept = [part.strip() for part in accepted.split(",") if part.partition(";")[0].strip().lower() in READABLE]
    return ", ".join(kept) or "identity"


def _has_zlib_header(raw: bytes) -> bool:
    """Some servers send "deflate" without the header of RFC 1950."""
    return len(raw) >= 2 and raw[0] & 0x0F == 8 and (raw[0] << 8 | raw[1]) % 31 == 0


def _inflate(raw: bytes, window: int, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    rest = raw
    while True:  # once per gzip member
        unfold = zlib.decompressobj(window)
        try:
            while rest and not unfold.eof:
                part = unfold.decompress(rest, _STEP)
                rest = unfold.unconsumed_tail
                size += len(part)
                if size > most:
                    raise TooLarge
                parts.append(part)
        except zlib.error as error:
            raise Undecodable(str(error)) from error
        if not unfold.eof:
            raise Undecodable("cut off")
        rest = unfold.unused_data
        if not rest.startswith(b"\x1f\x8b"):  # padding after the last member is no business of ours
            return b"".join(parts)
