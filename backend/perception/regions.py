"""Pictures on the screen, followed from frame to frame so that none is judged twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
"""A picture that slides into view is a new picture once it shows a quarter more than when it got its digest,
and once more when it comes to rest: what is never judged is at most what a moving picture shows for moments."""
_GROWN = 1.02
_RESTING = 0.99
_MOST_PICTURES = 128
"""A real screen has fewer; a broken tree must not cost seconds."""
_SYMBOL = 0.02
"""Share of the picture it lies upon up to which a picture is a symbol."""

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
        self, motion: Motion, widgets: Sequence[Widget], places: Sequence[Box], lossy: bool
    ) -> tuple[Region, ...]:
        """The pictures after `motion`: those `widgets` tell of, and photographs found in the pixels of `places`."""
        followed = self._followed(motion)
        pictures: list[_Picture] = []
        regions: list[Region] = []
        for widget, box in self._shown_by(widgets, motion.size):
            picture = self._of_widget(motion, box, followed, lossy)
            if picture is not None:
                pictures.append(picture)
                regions.append(_region(picture, widget.index))
        for picture in self._in_pixels(motion, places, followed, lossy):
            if not any(picture.box.overlap(other.box) > 0.5 for other in pictures):
                pictures.append(picture)
                regions.append(_region(picture))
        self._pictures, self._places = pictures, tuple(places)
        return tuple(regions)

    @property
    def unsettled(self) -> bool:
        """Whether a picture shows more than it was named for, and is to be looked at again when it rests."""
        return any(picture.box.area > _GROWN * picture.named_area for picture in self._pictures)

    def _shown_by(self, widgets: Sequence[Widget], size: tuple[int, int]) -> Iterator[tuple[Widget, Box]]:
        """The widgets that show pictures, with their visible boxes; not the symbols that lie upon a larger picture.

        What is drawn upon a picture is part of what the picture shows, and changes whenever a video behind it does.
        """
        shown = [
            (widget, box)
            for widget in widgets
            if (is_picture(widget) or is_video(widget))
            and min((box := widget.box.clipped(size)).width, box.height) >= self._settings.min_region
        ][:_MOST_PICTURES]
        for widget, box in shown:
            if not any(other.contains(box) and box.area < _SYMBOL * other.area for _, other in shown):
                yield widget, box

    def _followed(self, motion: Motion) -> list[_Picture]:
        followed = []
        for picture in self._pictures:
            now = motion.carry(picture.box)
            if now is not None:
                followed.append(replace(picture, box=now, pixels=_crop(motion.after, now)))
        return followed

    def _of_widget(self, motion: Motion, box: Box, followed: Sequence[_Picture], lossy: bool) -> _Picture | None:
        """The picture in a widget's box, followed or new. None for a plain colour."""
        known = next((p for p in followed if p.box.iou(box) >= _SAME_PLACE or box.contains(p.box)), None)
        if known is not None:
            return self._still(motion, replace(known, source="tree"), box, lossy)
        return self._new(motion, box, "tree", lossy)

    def _still(self, motion: Motion, known: _Picture, box: Box, lossy: bool) -> _Picture | None:
        """A followed picture that now shows in `box`: the same, until it shows a quarter more or comes to rest."""
        rests = known.box.iou(box) > _RESTING
        if box.area > _GROWN * known.named_area and (rests or box.area > _REVEALED * known.named_area):
            renamed = self._new(motion, box, known.source, lossy)
            if renamed is not None:
                return renamed
        return replace(known, box=box, pixels=_crop(motion.after, box))

    def _new(self, motion: Motion, box: Box, source: Source, lossy: bool) -> _Picture | None:
        pixels = _crop(motion.after, box)
        if flat(pixels):
            return None
        return _Picture(box, self._memory.digest(pixels, lossy), box.area, source, pixels)

    def _in_pixels(
        self, motion: Motion, places: Sequence[Box], followed: Sequence[_Picture], lossy: bool
    ) -> list[_Picture]:
        """Photographs in `places`: those followed, the parts of them that came into view, and new ones."""
        found = [
            box
            for place in places
            if motion.stale is not None or place not in self._places
            for box in photographs(motion.after, place, self._settings.min_region, lossy)
        ]
        pictures: list[_Picture | None] = []
        for known in followed:
            if known.source != "pixels" or not any(known.box.overlap(place) > 0.5 for place in places):
                continue
            box = next((box for box in found if known.box.overlap(box) > 0.5), known.box)
            grown = box.intersect(motion.shift.box) if motion.shift else box
            seen_in = grown if grown.contains(known.box) else known.box
            pictures.append(self._still(motion, known, seen_in, lossy))
            found = [box for box in found if known.box.overlap(box) <= 0.5]
        pictures.extend(self._new(motion, box, "pixels", lossy) for box in found)
        kept = [picture for picture in pictures if picture is not None]
        return sorted(kept, key=lambda picture: (picture.box.top, picture.box.left))


def _region(picture: _Picture, widget: int | None = None) -> Region:
    return Region(box=picture.box, digest=picture.digest, pixels=picture.pixels, source=picture.source, widget=widget)


def _crop(pixels: Pixels, box: Box) -> Pixels:
    crop = pixels[box.top : box.bottom, box.left : box.right]
    crop.flags.writeable = False
    return crop
