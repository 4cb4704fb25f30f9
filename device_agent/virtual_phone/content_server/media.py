"""The service of pictures that all apps share."""

from __future__ import annotations

import io
import re

from device_agent.virtual_phone.content_server.service import NOT_FOUND, Answer, Request
from device_agent.virtual_phone.window.pictures import Pictures

_PATH = re.compile(r"/((?:photo|figure|avatar)/\d{1,9})\.png")
CACHE = "public, max-age=86400, immutable"
FAST = 1
"""zlib's level: the pictures travel over loopback."""


class Media:
    """``media.mindproof.test``: PNG, so that a picture looks the same as one the phone draws itself."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures

    def answer(self, request: Request) -> Answer:
        match = _PATH.fullmatch(request.path)
        if match is None or request.method != "GET":
            return NOT_FOUND
        out = io.BytesIO()
        self._pictures.draw(match[1]).convert("RGB").save(out, "PNG", compress_level=FAST)
        return Answer(out.getvalue(), "image/png", cache=CACHE)
