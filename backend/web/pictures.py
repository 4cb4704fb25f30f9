"""The mirror's pictures: the newest one, when there is a newer one.

A reader that is slow asks less often, and slows nobody.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict

from flask import Blueprint, Response, request
from werkzeug.exceptions import BadRequest

from backend.web.context import context, phone, runtime
from backend.web.guard import allow
from backend.web.runtime import Image, PictureSource

pictures = Blueprint("pictures", __name__)

SLICE_S = 0.5
"""A waiting request looks up this often, so that the server can stop."""


@pictures.get("/mirror/<serial>/frame")
@allow("researcher", "participant")
def mirror(serial: str) -> Response:
    """The covered picture, newer than ``?after=N``; 204 when there is none in time."""
    return _next(serial, runtime().mirror(phone(serial).serial))


@pictures.get("/raw/<serial>/frame")
@allow("researcher")
def raw(serial: str) -> Response:
    """The captured picture, newer than ``?after=N``; 204 when there is none in time."""
    return _next(serial, runtime().raw(phone(serial).serial))


def _next(serial: str, source: PictureSource) -> Response:
    try:
        after = int(request.args.get("after", "-1"))
    except ValueError:
        raise BadRequest("after must be the number of the last picture you have") from None
    image = _wait(serial, source, after)
    state = phone(serial).state
    # Who paused does not want to be seen: not even the last picture is given out.
    response = Response(status=204) if image is None or state == "paused" else _picture(image)
    response.headers["X-Phone-State"] = state
    return response


def _wait(serial: str, source: PictureSource, after: int) -> Image | None:
    here = context()
    if phone(serial).state == "paused":
        here.closing.wait(SLICE_S)
        return None
    current = source.newest(-1, 0.0)
    if current is not None and current.number != after:
        # Newer than the reader's, or older: a phone that was taken up anew counts from the beginning.
        return current
    if not here.waiting.acquire(blocking=False):
        return None
    try:
        deadline_s = time.monotonic() + here.settings.poll_timeout_s
        while not here.closing.is_set():
            left_s = deadline_s - time.monotonic()
            image = source.newest(after, max(0.0, min(SLICE_S, left_s)))
            if image is not None or left_s <= SLICE_S:
                return image
        return None
    finally:
        here.waiting.release()


def _picture(image: Image) -> Response:
    over = None if image.interstitial is None else asdict(image.interstitial)
    return Response(
        image.jpeg,
        mimetype="image/jpeg",
        headers={
            "X-Frame-Number": str(image.number),
            "X-Frame-Size": f"{image.width}x{image.height}",
            "X-Frame-Age": f"{max(0.0, time.monotonic() - image.time_s):.3f}",
            # JSON in ASCII: a header may hold nothing else.
            "X-Frame-Over": json.dumps({"interstitial": over, "notices": image.notices}),
        },
    )
