"""Where the UI tree says nothing: the only places that text has to be read from pixels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from backend.perception.tree_text import leaves
from interventions.sdk import Box, Widget

PICTURE_CLASSES = ("ImageView", "ImageButton", "Image", "QuickContactBadge")
VIDEO_CLASSES = ("SurfaceView", "TextureView", "VideoView", "PlayerView")
_VEILED = 0.8
_GAP = 0.08
"""Share of the screen's height that must be free of texts and pictures between which a leaf is read."""
_MOST_LEAVES = 16
"""A real screen has fewer; a broken tree must not cost seconds."""
_BESIDE = 24
"""Pixels kept clear of what the tree tells."""


def is_picture(widget: Widget) -> bool:
    return widget.short_class.endswith(PICTURE_CLASSES)


def is_video(widget: Widget) -> bool:
    return widget.short_class.endswith(VIDEO_CLASSES)


def silent(widgets: Sequence[Widget], size: tuple[int, int], share: float) -> tuple[Box, ...]:
    """The boxes to be read by OCR: the whole screen without a tree, else what large leaves without text leave open.

    `share` is the part of the screen, 0 to 1, that a leaf must cover. Pictures and videos are looked at as pictures,
    not read: what a photograph happens to show in letters is not the app's text. Real screens are full of empty
    layouts, shadows and veils that reach over everything; of such a leaf only those bands are read in which the tree
    tells of nothing. A veil before a picture, with text of the tree upon it, is not read at all.
    """
    screen = Box(0, 0, *size)
    if not widgets:
        return (screen,)
    pictures = [widget.box for widget in widgets if is_picture(widget) or is_video(widget)]
    texts = [widget.box for widget in widgets if widget.text and widget.box]
    found: list[Box] = []
    for leaf in _large_leaves(widgets, screen, share):
        if any(leaf.overlap(picture) > _VEILED for picture in pictures) and any(leaf.contains(text) for text in texts):
            continue
        smaller = [box for box in (*texts, *pictures) if box.intersect(leaf) and not box.contains(leaf)]
        found.extend(band for band in _open_bands(leaf, smaller) if band.height >= min(_GAP * size[1], leaf.height))
    return tuple(found)


def _large_leaves(widgets: Sequence[Widget], screen: Box, share: float) -> list[Box]:
    """Boxes of the leaves that could show text of their own; one within another counts once, as the larger."""
    large: list[Box] = []
    for widget in leaves(widgets):
        box = widget.box.intersect(screen)
        if widget.text or widget.password or is_picture(widget) or is_video(widget):
            continue
        if box.area >= share * screen.area and not any(other.contains(box) for other in large):
            large = [other for other in large if not box.contains(other)] + [box]
        if len(large) == _MOST_LEAVES:
            break
    return large


def _open_bands(leaf: Box, told: Sequence[Box]) -> Iterator[Box]:
    """The bands of rows of `leaf`, at its full width, that none of `told` reaches into."""
    top = leaf.top
    for box in sorted(told, key=lambda box: box.top):
        if box.top - _BESIDE > top:
            yield Box(leaf.left, top, leaf.right, box.top - _BESIDE)
        top = max(top, box.bottom + _BESIDE)
    if leaf.bottom > top:
        yield Box(leaf.left, top, leaf.right, leaf.bottom)
