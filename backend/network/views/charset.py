"""From bytes to text and back, so that what nobody changes comes out as it went in."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from email.message import Message

from backend.network.views.view import Unreadable

_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_META = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_META_WITHIN = 1024
"""Bytes of a page in which its charset has to be declared (HTML, 13.2.3.2)."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A body as text: its byte order mark, its codec, and the text itself."""

    text: str
    codec: str = "utf-8"
    mark: bytes = b""

    def encoded(self, text: str) -> bytes:
        """`text` as bytes, as this body was written; what the codec does not have becomes a question mark."""
        return self.mark + text.encode(self.codec, "replace")

    def writable(self, text: str) -> str:
        """`text` with HTML's numbers for the characters that the codec does not have."""
        return text.encode(self.codec, "xmlcharrefreplace").decode(self.codec)


def decoded(body: bytes, content_type: str, html: bool = False) -> Decoded:
    """`body` as text: by its byte order mark, else the charset of the header, else of the page itself, else UTF-8.

    Raises:
        Unreadable: it is not written in that charset, or nobody knows it, or it would not come out as it went in.
    """
    mark, codec = next((one for one in _MARKS if body.startswith(one[0])), (b"", ""))
    codec = codec or _named(content_type) or (_declared(body) if html else "") or "utf-8"
    try:
        text = str(memoryview(body)[len(mark) :], codec)
        faithful = codec in ("utf-8", "utf8") or mark + text.encode(codec) == body
    except (LookupError, ValueError) as error:
        raise Unreadable("wrong charset", f"{len(body)} bytes are not {codec}: {type(error).__name__}") from error
    if not faithful:
        raise Unreadable("wrong charset", f"text in {codec} cannot be written back as it came")
    return Decoded(text, codec, mark)


def _named(content_type: str) -> str:
    if "charset" not in content_type.lower():
        return ""
    header = Message()
    header["content-type"] = content_type
    return str(header.get_content_charset() or "")


def _declared(body: bytes) -> str:
    found = _META.search(body, 0, _META_WITHIN)
    return found[1].decode("ascii", "ignore") if found else ""
