"""Drawing a view, and all that is in it, into a picture."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageChops, ImageDraw

from device_agent.virtual_phone.window import fonts
from device_agent.virtual_phone.window.icons import icon
from device_agent.virtual_phone.window.layout import lines_of
from device_agent.virtual_phone.window.node import Node
from device_agent.virtual_phone.window.pictures import Pictures
from device_agent.virtual_phone.window.shapes import colour, over, paint_shape, rounded

CARET_PX = 5
FILL = 119
ICON_TINT = 0x1F1F1F - (1 << 24)


def paint(image: Image.Image, node: Node, x: int, y: int, pictures: Pictures) -> None:
    """Draw `node` and its children with its top left corner at `x`, `y` of `image` (RGBA)."""
    x += round(node.translation[0])
    y += round(node.translation[1])
    outside = x >= image.width or y >= image.height or x + node.width <= 0 or y + node.height <= 0
    if node.visibility or node.alpha <= 0 or outside or node.width <= 0 or node.height <= 0:
        return
    if node.alpha < 1 or node.clip:
        layer = Image.new("RGBA", (node.width, node.height), (0, 0, 0, 0))
        _paint_inside(layer, node, 0, 0, pictures)
        over(image, _masked(layer, node), x, y)
    else:
        _paint_inside(image, node, x, y, pictures)


def _masked(layer: Image.Image, node: Node) -> Image.Image:
    alpha = layer.getchannel("A")
    if node.clip and node.background is not None:
        radius = round(node.background.get("radius", 0))
        alpha = ImageChops.multiply(alpha, rounded(node.width, node.height, radius))
    if node.alpha < 1:
        alpha = alpha.point([round(i * node.alpha) for i in range(256)])
    layer.putalpha(alpha)
    return layer


def _paint_inside(image: Image.Image, node: Node, x: int, y: int, pictures: Pictures) -> None:
    paint_own(image, node, x, y, pictures)
    for child in node.children:
        paint(image, child, x + child.x - node.scroll[0], y + child.y - node.scroll[1], pictures)
    if node.foreground is not None:
        paint_drawable(image, x, y, node.width, node.height, node.foreground, pictures)


def paint_drawable(
    image: Image.Image, x: int, y: int, width: int, height: int, what: dict[str, Any], pictures: Pictures
) -> None:
    """Draw a drawable (see `Drawable.describe` in Java) into a rectangle of `image`, and never beyond it."""
    if width <= 0 or height <= 0:
        return
    if "layers" in what:
        for layer in what["layers"]:
            paint_drawable(image, x, y, width, height, layer, pictures)
    elif "picture" not in what:
        paint_shape(image, x, y, width, height, what)
    elif what.get("gravity", FILL) == FILL:
        scale = "FIT_XY" if what.get("filter", True) else "NEAREST"
        over(image, pictures.scaled(what["picture"], width, height, scale), x, y)
    else:
        source = pictures.source(what["picture"])
        left, top = (width - source.width) // 2, (height - source.height) // 2
        box = max(0, -left), max(0, -top), min(source.width, width - left), min(source.height, height - top)
        over(image, source.crop(box), x + max(0, left), y + max(0, top))


def paint_own(image: Image.Image, node: Node, x: int, y: int, pictures: Pictures) -> None:
    """Draw what is the view's own: background, text, picture, canvas; not its children."""
    if node.background is not None:
        paint_drawable(image, x, y, node.width, node.height, node.background, pictures)
    if node.kind == "text":
        _paint_text(image, node, x, y)
    elif node.kind == "image" and node.image is not None:
        _paint_picture(image, node, x, y, pictures)
    elif node.kind == "canvas":
        paint_canvas(image, node.canvas, x, y - node.scroll[1], pictures)


def _paint_text(image: Image.Image, node: Node, x: int, y: int) -> None:
    left, top, right, bottom = node.padding
    room = node.width - left - right
    lines = lines_of(node, max(1, room))
    free = node.height - top - bottom - lines.total
    part = {16: 0.5, 80: 1.0}.get(node.gravity & 0x70, 0.0)
    baseline = y + top + free * part + lines.ascent
    face = fonts.font(node.font, node.size)
    ink = colour(node.color if node.text else node.hint_color)
    draw = ImageDraw.Draw(image)
    end: float = x + left
    for line in lines.lines:
        wide = fonts.width(line, node.font, node.size)
        start = x + left + (room - wide) * {1: 0.5, 5: 1.0}.get(node.gravity & 7, 0.0)
        if node.shadow is not None:
            dx, dy, shade = node.shadow
            draw.text((start + dx, baseline + dy), line, colour(int(shade)), face, "ls")
        if line:
            draw.text((start, baseline), line, ink, face, "ls")
        end = start + wide
        baseline += lines.height
    if node.focused and node.editable:
        caret = (x + left if not node.text else end) + 2
        low = baseline - lines.height
        draw.rectangle((caret, low - lines.ascent, caret + CARET_PX, low + node.size * 0.24), fill=(26, 115, 232, 255))


def _paint_picture(image: Image.Image, node: Node, x: int, y: int, pictures: Pictures) -> None:
    what: dict[str, Any] = node.image or {}
    left, top, right, bottom = node.padding
    width, height = node.width - left - right, node.height - top - bottom
    if width <= 0 or height <= 0:
        return
    if "icon" in what:
        side = min(width, height)
        mask = icon(what["icon"], side)
        ink = colour(ICON_TINT if node.tint is None else node.tint)
        source = Image.new("RGBA", (side, side), (*ink[:3], 0))
        source.putalpha(mask if ink[3] == 255 else mask.point([i * ink[3] // 255 for i in range(256)]))
        over(image, source, x + left + (width - side) // 2, y + top + (height - side) // 2)
    elif "picture" in what:
        crop = node.scale == "CENTER_CROP"
        source = pictures.scaled(what["picture"], width, height, node.scale)
        dx, dy = (0, 0) if crop else ((width - source.width) // 2, (height - source.height) // 2)
        over(image, source, x + left + dx, y + top + dy)
    else:
        paint_shape(image, x + left, y + top, width, height, what)


def paint_canvas(image: Image.Image, operations: list[list[Any]], x: float, y: float, pictures: Pictures) -> None:
    """Play back what a view drew on its canvas; operations that fall outside the picture cost nothing."""
    draw = ImageDraw.Draw(image)
    for operation in operations:
        name = operation[0]
        if name == "text":
            _, text, left, base, ink, size, face = operation
            if y + base + size >= 0 and y + base - size <= image.height and text:
                draw.text((x + left, y + base), text, colour(ink), fonts.font(face, size), "ls")
        elif name == "rect":
            _, left, top, right, bottom, radius, ink, stroke = operation
            if y + bottom >= 0 and y + top <= image.height:
                shape: dict[str, Any] = {"fill": 0 if stroke else ink, "radius": radius}
                if stroke:
                    shape |= {"stroke": round(stroke), "strokeColor": ink}
                wide, high = round(right - left), round(bottom - top)
                paint_shape(image, round(x + left), round(y + top), wide, high, shape)
        elif name == "line":
            _, x1, y1, x2, y2, ink, wide = operation
            draw.line((x + x1, y + y1, x + x2, y + y2), colour(ink), max(1, round(wide)))
        elif name == "picture":
            _, key, left, top, right, bottom = operation
            if y + bottom >= 0 and y + top <= image.height:
                source = pictures.scaled(key, round(right - left), round(bottom - top), "CENTER_CROP")
                over(image, source, round(x + left), round(y + top))
        elif name == "color":
            image.paste(colour(operation[1]), (0, 0, image.width, image.height))
