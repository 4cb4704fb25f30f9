"""Where the UI tree says nothing: the only places that text has to be read from pixels."""

from __future__ import annotations

from collections.abc import Sequence

from backend.perception.tree_text import leaves
from interventions.sdk import Box, Widget

PICTURE_CLASSES = ("ImageView", "ImageButton", "Image", "QuickContactBadge")
VIDEO_CLASSES = ("SurfaceView", "TextureView", "VideoView", "PlayerView")


_VEILED = 0.8


def is_picture(widget: Widget) -> bool:
    return widget.short_class.endswith(PICTURE_CLASSES)


def is_video(widget: Widget) -> bool:
    return widget.short_class.endswith(VIDEO_CLASSES)


def silent(widgets: Sequence[Widget] | None, size: tuple[int, int], share: float) -> tuple[Box, ...]:
    """The boxes to be read by OCR: the whole screen without a tree, else the large leaves that carry no text.

    `share` is the part of the screen, 0 to 1, that a leaf must cover. Pictures and videos are looked at as pictures,
    not read: what a photograph happens to show in letters is not the app's text. Nor is a veil read, a leaf between a
    picture and the text that the tree has upon it. Leaves that hide behind one another count once.
    """
    screen = Box(0, 0, *size)
    if not widgets:
        return (screen,)
    pictures = [widget.box for widget in widgets if is_picture(widget) or is_video(widget)]
    texts = [widget.box for widget in widgets if widget.text and widget.box]
    found: list[Box] = []
    for widget in leaves(widgets):
        box = widget.box.intersect(screen)
        if widget.text or widget.password or is_picture(widget) or is_video(widget) or box.area < share * screen.area:
            continue
        if any(box.overlap(picture) > _VEILED for picture in pictures) and any(box.contains(text) for text in texts):
            continue
        if not any(other.contains(box) for other in found):
            found.append(box)
    return tuple(found)
