"""Pictures on the screen, followed from frame to frame so that none is judged twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from backend.perception.motion import Motion
from backend.perception.photos import flat, photographs
from backend.perception.pictures import PictureMemory
from backend.perception.settings import PerceptionSettings
from backend.perception.silence import is_picture, is_video
from interventions.sdk import Box, Pixels, Region, Widget

_SAME_PLACE = 0.9
_REVEALED = 1.25
"""A picture that slides into view is a new picture once it shows a quarter more than when it got its digest."""
_HIDDEN = 0.5

Source = Literal["tree", "pixels"]


@dataclass(frozen=True, slots=True)
class _Picture:
    box: Box
    digest: str
    named_area: int
    source: Source
    pixels: Pixels


class ScreenPictures:
    """The pictures that one phone's screen shows."""

    def __init__(self, settings: PerceptionSettings) -> None:
        self._settings = settings
        self._memory = PictureMemory(settings.remembered_pictures)
        self._pictures: list[_Picture] = []
        self._places: tuple[Box, ...] = ()

    def forget(self) -> None:
        """Nothing is known of the screen any more; the names of pictures still are."""
        self._pictures = []
        self._places = ()

    def update(
        self, motion: Motion, widgets: Sequence[Widget], places: Sequence[Box], hidden: Sequence[Box], lossy: bool
    ) -> tuple[Region, ...]:
        """The pictures after `motion`: those `widgets` tell of, and photographs found in the pixels of `places`."""
        followed = self._followed(motion)
        pictures: list[_Picture] = []
        regions: list[Region] = []
        for widget in widgets:
            box = widget.box.clipped(motion.size)
            if not (is_picture(widget) or is_video(widget)) or min(box.width, box.height) < self._settings.min_region:
                continue
            picture = self._of_widget(motion, box, followed, hidden, lossy)
            if picture is not None:
                pictures.append(picture)
                regions.append(_region(picture, widget.index))
        for picture in self._in_pixels(motion, places, followed, hidden, lossy):
            if not any(picture.box.overlap(other.box) > 0.5 for other in pictures):
                pictures.append(picture)
                regions.append(_region(picture))
        self._pictures, self._places = pictures, tuple(places)
        return tuple(regions)

    def _followed(self, motion: Motion) -> list[_Picture]:
        followed = []
        for picture in self._pictures:
            now = motion.carry(picture.box)
            if now is not None:
                followed.append(replace(picture, box=now, pixels=_crop(motion.after, now)))
        return followed

    def _of_widget(
        self, motion: Motion, box: Box, followed: Sequence[_Picture], hidden: Sequence[Box], lossy: bool
    ) -> _Picture | None:
        """The picture in a widget's box, followed or new. None for a plain colour, and for what our overlay hides."""
        known = next((p for p in followed if p.box.iou(box) >= _SAME_PLACE), None)
        if known is None:
            known = next((p for p in followed if box.contains(p.box) and box.area <= _REVEALED * p.named_area), None)
        if known is not None:
            return replace(known, box=box, pixels=_crop(motion.after, box), source="tree")
        return self._new(motion, box, "tree", hidden, lossy)

    def _new(self, motion: Motion, box: Box, source: Source, hidden: Sequence[Box], lossy: bool) -> _Picture | None:
        pixels = _crop(motion.after, box)
        if any(box.overlap(other) >= _HIDDEN for other in hidden) or flat(pixels):
            return None
        return _Picture(box, self._memory.digest(pixels, lossy), box.area, source, pixels)

    def _in_pixels(
        self, motion: Motion, places: Sequence[Box], followed: Sequence[_Picture], hidden: Sequence[Box], lossy: bool
    ) -> list[_Picture]:
        """Photographs in `places`: those followed, the parts of them that came into view, and new ones."""
        pictures = [p for p in followed if p.source == "pixels" and any(p.box.overlap(place) > 0.5 for place in places)]
        for place in places:
            if motion.stale is None and place in self._places:
                continue
            for box in photographs(motion.after, place, self._settings.min_region, lossy):
                shown = next((p for p in pictures if p.box.overlap(box) > 0.5), None)
                if shown is not None and box.area <= _REVEALED * shown.named_area:
                    grown = box.intersect(motion.shift.box) if motion.shift else box
                    if grown.contains(shown.box):
                        pictures[pictures.index(shown)] = replace(shown, box=grown, pixels=_crop(motion.after, grown))
                    continue
                picture = self._new(motion, box, "pixels", hidden, lossy)
                if picture is not None:
                    pictures = [p for p in pictures if p.box.overlap(box) <= 0.5]
                    pictures.append(picture)
        return sorted(pictures, key=lambda picture: (picture.box.top, picture.box.left))


def _region(picture: _Picture, widget: int | None = None) -> Region:
    return Region(box=picture.box, digest=picture.digest, pixels=picture.pixels, source=picture.source, widget=widget)


def _crop(pixels: Pixels, box: Box) -> Pixels:
    crop = pixels[box.top : box.bottom, box.left : box.right]
    crop.flags.writeable = False
    return crop
