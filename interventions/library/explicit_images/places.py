"""Telling a moving picture from one that was exchanged, and when it is to be looked at."""

from __future__ import annotations

from dataclasses import dataclass

from interventions.sdk import Box, Region, Scene

_SAME_PLACE = 0.7  # intersection over union of boxes from one scene to the next
_MOVING_FROM = 3  # changes in a row; a feed exchanges a picture once, a video goes on
_STILL_AFTER_S = 1.0
_FORGOTTEN_AFTER_S = 10.0


@dataclass(slots=True)
class Place:
    """A part of the screen that shows pictures, and what is known of the one shown now."""

    widget: str
    box: Box
    digest: str
    seen_s: float
    changed_s: float
    changes: int = 0
    judged_s: float = float("-inf")
    flagged_until_s: float = float("-inf")
    reason: str = ""
    score: float = 0.0

    @property
    def moving(self) -> bool:
        return self.changes >= _MOVING_FROM

    def due(self, now: float, every_s: float) -> bool:
        """Whether to judge what is shown now. Only a moving picture may wait: a new still one is judged at once."""
        return not self.moving or now - self.judged_s >= every_s

    def show(self, region: Region, widget: str, now: float) -> None:
        """Take note of what the place shows at `now`."""
        if region.digest != self.digest:
            self.changes = self.changes + 1 if now - self.changed_s <= _STILL_AFTER_S else 1
            self.digest, self.changed_s = region.digest, now
        elif now - self.changed_s > _STILL_AFTER_S:
            self.changes = 0
        self.widget, self.box, self.seen_s = widget, region.box, now


class Places:
    """All picture places of the app in the foreground."""

    def __init__(self) -> None:
        self._places: list[Place] = []

    def forget(self) -> None:
        self._places.clear()

    def of(self, region: Region, scene: Scene, now: float) -> Place:
        """The place that `region` is shown at, updated with what it shows; a new one where there was none.

        Content that is met again anywhere (a feed that scrolled) keeps its place; else the widget decides, else the
        box.
        """
        widget = scene.widgets[region.widget].id if region.widget is not None else ""
        self._places = [place for place in self._places if now - place.seen_s <= _FORGOTTEN_AFTER_S]
        place = self._find(region, widget, now)
        if place is None:
            place = Place(widget, region.box, region.digest, now, now)
            self._places.append(place)
        else:
            place.show(region, widget, now)
        return place

    def _find(self, region: Region, widget: str, now: float) -> Place | None:
        free = [place for place in self._places if place.seen_s < now]
        for place in free:
            if place.digest == region.digest:
                return place
        if widget:
            return next((place for place in free if place.widget == widget), None)
        near = max(free, key=lambda place: place.box.iou(region.box), default=None)
        return near if near is not None and near.box.iou(region.box) >= _SAME_PLACE else None
