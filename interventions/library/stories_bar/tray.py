"""Finding the bar among the widgets: by its name, by the names of what stands in it, or by its shape."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from interventions.sdk import Box, Pixels, Scene, Widget

_TOKEN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_STORIES = frozenset(["stories", "storys", "fleets"])
_BARS = frozenset(["tray", "bar", "row", "list", "strip", "carousel", "rail", "shelf", "container", "recycler", "reel"])
_NAMED = re.compile(
    r"(?:stories|storys|story tray|stories (?:tray|bar)|reels tray(?: container)?|fleets|historias|histórias|storie)",
    re.IGNORECASE,
)
_ITEM = re.compile(
    r"(?:your|add to|my) story\b.*|.*['’]s story\b.*|story (?:of|by)\b.*|.*\bstory, \d+ of \d+\b.*|"
    r"(?:tu|añadir a tu) historia\b.*|historia de\b.*|(?:votre|ta) story\b.*|story de\b.*|"
    r"(?:deine|meine) story\b.*|story von\b.*|(?:seu|sua) (?:story|história)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_LEAST_WIDTH, _LEAST_HEIGHT, _MOST_HEIGHT = 0.6, 0.04, 0.25  # shares of the screen
_LOWEST = 0.5  # share of the screen's height in which a bar's top lies
_AVATAR = (0.09, 0.30)  # shares of the screen's width
_SAME_COLOUR = 48  # largest difference of the corners around a round picture, 0 to 255


def trays(scene: Scene, by_shape: bool) -> list[Box]:
    """The stories bars in `scene`, each once. `by_shape` also takes rows of round pictures that nothing names."""
    found: list[Box] = []
    for widget in scene.widgets:
        bar = _named(widget, scene) or (_shaped(widget, scene) if by_shape else None)
        if bar is not None and not any(box.contains(bar.box) for box in found):
            found = [box for box in found if not bar.box.contains(box)] + [bar.box]
    return [box.clipped(scene.size) for box in found]


def _named(widget: Widget, scene: Scene) -> Widget | None:
    """The bar that `widget` is, or stands in, going by ids and descriptions."""
    tokens = {token.lower() for token in _TOKEN.findall(widget.short_id)}
    plain = widget.description.strip()
    is_bar = bool(
        tokens & _STORIES
        or ({"story"} <= tokens and tokens & _BARS)
        or {"reels", "tray"} <= tokens
        or _NAMED.fullmatch(plain)
    )
    if is_bar and (_fits(widget, scene) or _half_gone(widget, scene)):
        return widget
    if not is_bar and not _ITEM.fullmatch(plain):
        return None
    # A tab may be called Stories too: only what holds a row of pictures is the bar.
    around = next((outer for outer in _ancestors(widget, scene) if _fits(outer, scene)), None)
    return around if around is not None and len(_avatars(around, scene)) >= 2 else None


def _shaped(widget: Widget, scene: Scene) -> Widget | None:
    """`widget` when it scrolls, lies at the top, and holds a row of three or more round pictures of one size."""
    if not widget.scrollable or widget.box.width < 0.9 * scene.size[0] or not _fits(widget, scene):
        return None
    pictures = [picture.box for picture in _avatars(widget, scene)]
    if scene.pixels is None or len(pictures) < 3:
        return None
    first = pictures[0]
    alike = [
        b for b in pictures if abs(b.top - first.top) <= 0.2 * first.height and 0.8 < b.height / first.height < 1.25
    ]
    whole = [box for box in alike if scene.bounds.contains(box)]
    return widget if len(whole) >= 3 and all(is_round(scene.pixels, box) for box in whole) else None


def is_round(pixels: Pixels, box: Box) -> bool:
    """Whether the picture at `box` leaves its corners to the background: all four are of one colour, its middle is
    not flat.
    """
    inset = max(1, box.width // 40)
    rows, columns = [box.top + inset, box.bottom - 1 - inset], [box.left + inset, box.right - 1 - inset]
    corners = np.array([pixels[row, column] for row in rows for column in columns], dtype=int)
    middle = pixels[
        box.top + box.height // 4 : box.bottom - box.height // 4, box.left + box.width // 4 : box.right - box.width // 4
    ]
    return int(np.ptp(corners, axis=0).max()) <= _SAME_COLOUR and float(middle.std()) > 4


def _fits(widget: Widget, scene: Scene) -> bool:
    """Whether a widget is of a bar's size and lies where bars lie."""
    width, height = scene.size
    box = widget.box
    return (
        box.width >= _LEAST_WIDTH * width
        and _LEAST_HEIGHT * height <= box.height <= _MOST_HEIGHT * height
        and box.top <= _LOWEST * height
    )


def _half_gone(widget: Widget, scene: Scene) -> bool:
    """Whether a bar is low because it has scrolled half out of the list that holds it."""
    box = widget.box
    return (
        widget.scrollable
        and box.width >= _LEAST_WIDTH * scene.size[0]
        and 0 < box.height < _LEAST_HEIGHT * scene.size[1]
        and any(outer.scrollable and outer.box.top == box.top for outer in _ancestors(widget, scene))
    )


def _ancestors(widget: Widget, scene: Scene) -> Iterator[Widget]:
    while widget.parent is not None:
        widget = scene.widgets[widget.parent]
        yield widget


def _avatars(bar: Widget, scene: Scene) -> Sequence[Widget]:
    """The squarish pictures inside `bar`, of the size that avatars have."""
    least, most = (share * scene.size[0] for share in _AVATAR)
    return [
        widget
        for widget in scene.widgets[bar.index + 1 :]
        if widget.short_class.endswith("ImageView")
        and least <= widget.box.height <= most
        and 0.8 <= widget.box.width / widget.box.height <= 1.25
        and any(outer is bar for outer in _ancestors(widget, scene))
    ]
