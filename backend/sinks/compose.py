"""Draw standing actions into a copy of a frame. Pure functions on ``(height, width, 3)`` uint8 RGB.

What a Cover hides is gone from the result, not merely blended: no style keeps anything of the pixels beneath it, except
``blur``, which keeps one mean colour for every large block.
"""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from backend.sinks.font import roboto
from interventions.sdk import Action, Box, Cover, Dim, Greyscale, Pixels, Replace

_MARGIN = 4
"""Pixels added around a covered box: glyphs and ringing reach a little past the box a layout reports."""


def compose(pixels: Pixels, actions: Iterable[Action], *, grow: int = _MARGIN) -> Pixels:
    """A new picture with `actions` carried out in their order; covers grow by `grow` pixels on each side."""
    picture = pixels.copy()
    size = (picture.shape[1], picture.shape[0])
    for action in actions:
        match action:
            case Cover():
                _cover(picture, action.box.grown(grow).clipped(size), action)
            case Replace():
                _write(picture, action.box.clipped(size), action.text)
            case Dim():
                _dim(picture, action.box, action.amount)
            case Greyscale():
                _grey(picture, action.box, action.amount)
    return picture


def _view(picture: Pixels, box: Box) -> Pixels:
    return picture[box.top : box.bottom, box.left : box.right]


def _part(picture: Pixels, box: Box | None) -> Pixels:
    size = (picture.shape[1], picture.shape[0])
    return picture if box is None else _view(picture, box.clipped(size))


def _cover(picture: Pixels, box: Box, action: Cover) -> None:
    if not box:
        return
    match action.style:
        case "solid":
            _view(picture, box)[:] = surroundings(picture, box, shade=0.14)
        case "text":
            _view(picture, box)[:] = surroundings(picture, box, shade=0.14)
            _label(picture, box, action.text)
        case "blur":
            _mosaic(_view(picture, box))
        case "inpaint":
            _inpaint(picture, box)


def surroundings(picture: Pixels, box: Box, shade: float = 0.0) -> Pixels:
    """The median colour just outside `box`, moved by `shade` (0 to 1) towards middle grey; shape (3,)."""
    size = (picture.shape[1], picture.shape[0])
    outer = box.grown(6).clipped(size)
    rows = [
        picture[outer.top : box.top, outer.left : outer.right],
        picture[box.bottom : outer.bottom, outer.left : outer.right],
        picture[box.top : box.bottom, outer.left : box.left],
        picture[box.top : box.bottom, box.right : outer.right],
    ]
    around = np.concatenate([part.reshape(-1, 3) for part in rows])
    colour = np.median(around, axis=0) if len(around) else np.full(3, 128.0)
    return (colour + (128.0 - colour) * shade).astype(np.uint8)


def _mosaic(view: Pixels) -> None:
    """One mean colour a block: at most twelve blocks along the longer side, and at most two across a row of text."""
    height, width = view.shape[:2]
    shorter = min(height, width)
    block = max(16, max(height, width) // 12, shorter // 2 if shorter < 160 else 0)
    small = cv2.resize(view, (max(1, width // block), max(1, height // block)), interpolation=cv2.INTER_AREA)
    view[:] = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def _inpaint(picture: Pixels, box: Box) -> None:
    """Continue the surroundings: a ramp from the colour just above the box to the colour just below it."""
    height = picture.shape[0]
    above = picture[max(0, box.top - 1), box.left : box.right] if box.top > 0 else None
    below = picture[min(height - 1, box.bottom), box.left : box.right] if box.bottom < height else None
    if above is None and below is None:
        _view(picture, box)[:] = surroundings(picture, box)
        return
    first = above if above is not None else below
    last = below if below is not None else above
    assert first is not None
    assert last is not None
    # One colour an edge: a single column could otherwise smear a letter that touches the edge down the box.
    start, end = np.median(first, axis=0), np.median(last, axis=0)
    ramp = np.linspace(0.0, 1.0, box.height)[:, None, None]
    _view(picture, box)[:] = (start * (1 - ramp) + end * ramp).astype(np.uint8)


def _dim(picture: Pixels, box: Box | None, amount: float) -> None:
    part = _part(picture, box)
    if part.size:
        part[:] = cv2.convertScaleAbs(part, alpha=1.0 - min(max(amount, 0.0), 1.0))


def _grey(picture: Pixels, box: Box | None, amount: float) -> None:
    part = _part(picture, box)
    if part.size:
        grey = cv2.cvtColor(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
        share = min(max(amount, 0.0), 1.0)
        part[:] = cv2.addWeighted(grey, share, part, 1.0 - share, 0.0)


def _label(picture: Pixels, box: Box, text: str) -> None:
    """Write `text` in the middle of a covered box, as large as fits, up to 40 pixels."""
    view = _view(picture, box)
    dark = float(view.mean()) < 128
    _draw_text(view, text, (235, 235, 235) if dark else (60, 60, 60), min(40, int(box.height * 0.6)), centred=True)


def _write(picture: Pixels, box: Box, text: str) -> None:
    """Replace: fill with the background found at the box's rim, write in the colour that differs most from it."""
    if not box:
        return
    view = _view(picture, box)
    paper = surroundings(picture, box)
    distance = np.abs(view.astype(np.int16) - paper.astype(np.int16)).sum(axis=2)
    row, column = np.unravel_index(int(distance.argmax()), distance.shape)
    ink = tuple(int(value) for value in view[row, column])
    view[:] = paper
    _draw_text(view, text, ink, int(box.height * 0.75), centred=False)


def _draw_text(view: Pixels, text: str, colour: tuple[int, ...], pixels: int, *, centred: bool) -> None:
    height, width = view.shape[:2]
    if not text or pixels < 6:
        return
    font: ImageFont.FreeTypeFont = roboto(pixels)
    room = max(1.0, width - 8)
    if font.getlength(text) > room:
        font = roboto(max(6, int(pixels * room / font.getlength(text))))
    canvas = Image.fromarray(view)
    place = (width / 2, height / 2) if centred else (2, height / 2)
    ImageDraw.Draw(canvas).text(place, text, fill=colour, font=font, anchor="mm" if centred else "lm")
    view[:] = np.asarray(canvas)
