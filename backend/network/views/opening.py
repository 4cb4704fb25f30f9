"""Which view a body gets, by its type."""

from __future__ import annotations

from collections.abc import Sequence

from backend.network.addon.pushed import EVENT_TYPES, LINE_TYPES
from backend.network.views.html_view import HtmlView
from backend.network.views.image_view import ImageView
from backend.network.views.json_view import JsonView
from backend.network.views.manifest_view import DASH_TYPES, HLS_TYPES, ManifestView
from backend.network.views.text_view import TextView
from backend.network.views.view import Unreadable, View

JSON_TYPES = (
    "application/json",
    "text/json",
    "application/vnd.api+json",
    "application/ld+json",
    "application/hal+json",
    "application/activity+json",
    "application/graphql-response+json",
)
HTML_TYPES = ("text/html", "application/xhtml+xml")
TEXT_TYPES = ("text/plain",)
IMAGE_TYPES = ("image/*",)
PUSHED_TYPES = (*EVENT_TYPES, *LINE_TYPES)
"""Responses that go on, judged message by message."""
MANIFEST_TYPES = (*HLS_TYPES, *DASH_TYPES)
_PROTOBUF = ("application/grpc", "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf")
_DRAWN = ("image/svg+xml", "image/x-icon", "image/vnd.microsoft.icon")
"""Pictures that hold no photograph; nothing here looks into them."""
_MOST_TEXT = 4 << 20
"""Bytes of a body that is text of some form; what is larger is not for reading."""


def view_of_response(content_type: str, body: bytes, name: str = "", paths: Sequence[str] = ()) -> View | None:
    """The view of a response with this Content-Type header; None where its type carries no content.

    Args:
        name: what a picture is called: the last part of its address.
        paths: where the content of a JSON body is, as JSONPaths; discovered where there are none.

    Raises:
        Unreadable: the type carries content, and this body cannot be understood.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind.startswith(_PROTOBUF):
        raise Unreadable("protobuf")
    if not body:
        return None
    if kind.startswith("image/"):
        return None if kind in _DRAWN else ImageView(body, name)
    is_json = kind in JSON_TYPES or kind.endswith("+json")
    if not (is_json or kind in (*TEXT_TYPES, *HTML_TYPES, *MANIFEST_TYPES)):
        return None
    if len(body) > _MOST_TEXT:
        raise Unreadable("too large", f"{len(body)} bytes of {kind}")
    if kind in MANIFEST_TYPES:
        return ManifestView(body, dash=kind in DASH_TYPES)
    if kind in HTML_TYPES:
        return HtmlView(body, content_type)
    if is_json:
        return JsonView(body, content_type, paths)
    return _json_or_text(body, content_type, paths)


def view_of_message(text: bool, body: bytes, paths: Sequence[str] = ()) -> View:
    """The view of a web socket's or a pushed message, JSON or text.

    Raises:
        Unreadable: it is binary, too large, or not UTF-8.
    """
    if not text:
        raise Unreadable("binary message")
    if len(body) > _MOST_TEXT:
        raise Unreadable("too large", f"a message of {len(body)} bytes")
    return _json_or_text(body, "", paths)


def _json_or_text(body: bytes, content_type: str, paths: Sequence[str]) -> View:
    """JSON goes by many names."""
    if any(bracket in body[:32] for bracket in (b"{", b"[")):
        try:
            return JsonView(body, content_type, paths)
        except Unreadable as error:
            if error.reason != "invalid JSON":
                raise
    return TextView(body, content_type)
