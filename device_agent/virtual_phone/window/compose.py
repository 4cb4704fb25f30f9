"""The whole screen, from cached pieces.

A subtree that nothing scrolls or plays in is drawn once and kept as pixels until something in it changes; a
scrolled list then costs one copy of each item. A scrolling canvas is kept in tiles."""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

from device_agent.virtual_phone.window.node import Node
from device_agent.virtual_phone.window.paint import paint, paint_canvas, paint_drawable, paint_own
from device_agent.virtual_phone.window.pictures import Pictures
from device_agent.virtual_phone.window.raster import Raster, from_image, is_opaque, pack, to_image
from device_agent.virtual_phone.window.shapes import Colour, solid

Clip = tuple[int, int, int, int]
TILE_PX = 512
MOST_TILES = 12
MOVERS = ("scroll", "hscroll", "list")


@dataclass(slots=True)
class Cached:
    """What was drawn of a node: for which version, on which backdrop; whether its subtree holds a mover."""

    moving_version: int = -1
    moving: bool = False
    key: object = None
    pixels: Raster | None = None
    opaque: bool = False
    tiles_version: object = None
    tiles: dict[int, Raster] = field(default_factory=dict)


def _cached(node: Node) -> Cached:
    if node.cache is None:
        node.cache = Cached()
    cached: Cached = node.cache
    return cached


def moves(node: Node) -> bool:
    """Whether something in this subtree scrolls or plays, so that a picture of the whole would seldom serve twice."""
    cached = _cached(node)
    if cached.moving_version != node.version:
        plays = node.image is not None and str(node.image.get("picture", "")).startswith("clip/")
        tall = node.kind == "canvas" and node.scrollable
        cached.moving = node.kind in MOVERS or plays or tall or any(moves(child) for child in node.children)
        cached.moving_version = node.version
    return cached.moving


def compose(
    screen: Raster, node: Node, x: int, y: int, clip: Clip, backdrop: Colour | None, pictures: Pictures
) -> None:
    """Draw `node` at `x`, `y` of `screen` inside `clip` (left, top, right, bottom).

    `backdrop` is the one colour that lies under the whole node, where that is known.
    """
    x += round(node.translation[0])
    y += round(node.translation[1])
    clip = max(clip[0], x), max(clip[1], y), min(clip[2], x + node.width), min(clip[3], y + node.height)
    if node.visibility or node.alpha <= 0 or clip[0] >= clip[2] or clip[1] >= clip[3]:
        return
    if not moves(node):
        _blit(screen, *_picture(node, backdrop, pictures), x, y, clip)
        return
    if node.alpha < 1:
        before = screen[clip[1] : clip[3], clip[0] : clip[2]].copy()
        _compose_parts(screen, node, x, y, clip, None, pictures)
        region = screen[clip[1] : clip[3], clip[0] : clip[2]]
        region[:] = from_image(Image.blend(to_image(before), to_image(region), node.alpha))
        return
    _compose_parts(screen, node, x, y, clip, backdrop, pictures)


def _compose_parts(
    screen: Raster, node: Node, x: int, y: int, clip: Clip, backdrop: Colour | None, pictures: Pictures
) -> None:
    own = solid(node.background)
    if own is not None:
        if own != backdrop:
            screen[clip[1] : clip[3], clip[0] : clip[2]] = pack(own)
        backdrop = own
    elif node.background is not None:
        layer = Image.new("RGBA", (node.width, node.height), (0, 0, 0, 0))
        paint_own(layer, node, 0, 0, pictures)
        pixels = from_image(layer)
        _blit(screen, pixels, is_opaque(pixels), x, y, clip)
        backdrop = None
    if node.kind == "image" and node.image is not None:
        frame = pictures.scaled(node.image["picture"], node.width, node.height, "CENTER_CROP")
        _blit(screen, from_image(frame), True, x, y, clip)
    if node.kind == "canvas":
        _compose_tiles(screen, node, x, y, clip, backdrop or (255, 255, 255, 255), pictures)
    for child in node.children:
        at = x + child.x - node.scroll[0], y + child.y - node.scroll[1]
        compose(screen, child, *at, clip, backdrop, pictures)
        if node.kind == "frame" or child.translation != [0, 0]:
            backdrop = None  # the next child may lie over this one
    if node.foreground is not None:
        layer = Image.new("RGBA", (node.width, node.height), (0, 0, 0, 0))
        paint_drawable(layer, 0, 0, node.width, node.height, node.foreground, pictures)
        pixels = from_image(layer)
        _blit(screen, pixels, is_opaque(pixels), x, y, clip)


def _picture(node: Node, backdrop: Colour | None, pictures: Pictures) -> tuple[Raster, bool]:
    cached = _cached(node)
    key = (node.version, node.width, node.height, backdrop, pictures.generation)
    if cached.pixels is None or cached.key != key:
        layer = Image.new("RGBA", (node.width, node.height), backdrop or (0, 0, 0, 0))
        shift = node.translation
        node.translation = [0, 0]
        paint(layer, node, 0, 0, pictures)
        node.translation = shift
        cached.pixels = from_image(layer)
        cached.opaque = backdrop is not None or is_opaque(cached.pixels)
        cached.key = key
    return cached.pixels, cached.opaque


def _compose_tiles(
    screen: Raster, node: Node, x: int, y: int, clip: Clip, backdrop: Colour, pictures: Pictures
) -> None:
    cached = _cached(node)
    version = (node.own_version, node.width, backdrop, pictures.generation)
    if cached.tiles_version != version:
        cached.tiles.clear()
        cached.tiles_version = version
    top = y - node.scroll[1]
    for number in range((clip[1] - top) // TILE_PX, (clip[3] - top - 1) // TILE_PX + 1):
        if number not in cached.tiles:
            while len(cached.tiles) >= MOST_TILES:
                cached.tiles.pop(max(cached.tiles, key=lambda other: abs(other - number)))
            tile = Image.new("RGBA", (node.width, TILE_PX), backdrop)
            paint_canvas(tile, node.canvas, 0, -number * TILE_PX, pictures)
            cached.tiles[number] = from_image(tile)
        _blit(screen, cached.tiles[number], True, x, top + number * TILE_PX, clip)


def _blit(screen: Raster, pixels: Raster, opaque: bool, x: int, y: int, clip: Clip) -> None:
    left, top = max(x, clip[0]), max(y, clip[1])
    right, bottom = min(x + pixels.shape[1], clip[2]), min(y + pixels.shape[0], clip[3])
    if left >= right or top >= bottom:
        return
    source = pixels[top - y : bottom - y, left - x : right - x]
    region = screen[top:bottom, left:right]
    if opaque:
        region[:] = source
    else:
        region[:] = from_image(Image.alpha_composite(to_image(region), to_image(source)))
