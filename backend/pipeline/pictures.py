"""The mirrors in the shape the page asks for: a picture with the interstitial and the notices that belong to it."""

from __future__ import annotations

from time import monotonic

from backend.engine.interstitials import Open
from backend.pipeline.session import PhoneSession
from backend.sinks.mirror import Mirror
from backend.web.runtime import Image, Interstitial
from interventions.sdk import Delay


class MirrorPictures:
    """A `PictureSource` over one mirror of a phone."""

    def __init__(self, mirror: Mirror, session: PhoneSession) -> None:
        self._mirror, self._session = mirror, session

    def newest(self, after: int, timeout_s: float) -> Image | None:
        picture = self._mirror.newest(after, timeout_s)
        if picture is None:
            return None
        shown = self._session.interstitials.current
        width, height = picture.screen
        return Image(
            number=picture.number,
            jpeg=picture.jpeg,
            width=width,
            height=height,
            time_s=picture.time_s,
            interstitial=None if shown is None else _interstitial(shown),
            notices=self._session.notices(),
        )


def _interstitial(shown: Open) -> Interstitial:
    action = shown.action
    if isinstance(action, Delay):
        return Interstitial(
            key=shown.key,
            kind="delay",
            message=action.message,
            intervention=shown.intervention,
            seconds=action.seconds,
            remaining_s=shown.wait_s(monotonic()),
            dismiss=action.dismiss,
            leave=action.leave,
        )
    return Interstitial(
        key=shown.key,
        kind="ask",
        message=action.question,
        intervention=shown.intervention,
        answers=action.answers,
    )
