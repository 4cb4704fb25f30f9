"""The screen from cached pieces is the screen drawn in one go."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from device_agent.virtual_phone.window.compose import compose, moves
from device_agent.virtual_phone.window.node import Node
from device_agent.virtual_phone.window.paint import paint
from device_agent.virtual_phone.window.pictures import Pictures
from device_agent.virtual_phone.window.raster import from_image, to_bytes

WHITE = -1
SIZE = (200, 300)


def node(number: int, kind: str, x: int, y: int, width: int, height: int, **properties: object) -> Node:
    made = Node(number, kind, "android.view.View", "org.test")
    made.x, made.y, made.width, made.height = x, y, width, height
    for name, value in properties.items():
        setattr(made, name, value)
    return made


def scene() -> tuple[Node, Node]:
    """A white page with a bar, a list of three coloured items with text, and a shape that lies over both."""
    page = node(1, "frame", 0, 0, *SIZE, background={"fill": WHITE})
    items = node(2, "list", 0, 40, 200, 260, background={"fill": WHITE})
    for i in range(3):
        item = node(10 + i, "linear", 0, i * 100 - 30, 200, 100, background={"fill": -0x10000 + i * 90})
        item.add(node(20 + i, "text", 10, 10, 150, 60, text=f"Item {i}", font="Roboto-Medium"), 0)
        items.add(item, i)
    page.add(items, 0)
    page.add(node(3, "text", 0, 0, 200, 40, text="Title", background={"fill": -0x333334}), 1)
    over = {"fill": 0x7F00FF00, "radius": 20, "stroke": 3, "strokeColor": -0xFFFF01}
    page.add(node(4, "view", 50, 20, 90, 120, background=over), 2)
    return page, items


def by_pieces(page: Node, pictures: Pictures) -> np.ndarray:
    raster = np.zeros((SIZE[1], SIZE[0]), np.uint32)
    compose(raster, page, 0, 0, (0, 0, *SIZE), None, pictures)
    return to_bytes(raster)


def in_one_go(page: Node, pictures: Pictures) -> np.ndarray:
    image = Image.new("RGBA", SIZE, (0, 0, 0, 0))
    paint(image, page, 0, 0, pictures)
    return np.asarray(image)


def test_pieces_make_the_whole_before_and_after_a_scroll() -> None:
    pictures = Pictures(seed=1)
    page, items = scene()
    assert np.abs(by_pieces(page, pictures)[40:].astype(int) - in_one_go(page, pictures)[40:]).max() <= 2
    for child in items.children:
        child.y -= 17
    items.touch()
    # The list has no children above its top in this scene's upper edge, where paint() does not clip.
    assert np.abs(by_pieces(page, pictures)[40:].astype(int) - in_one_go(page, pictures)[40:]).max() <= 2


def test_a_scroll_draws_no_item_again() -> None:
    pictures = Pictures(seed=1)
    page, items = scene()
    by_pieces(page, pictures)
    kept = [child.cache.pixels for child in items.children]
    items.children[1].y += 5
    items.touch()
    by_pieces(page, pictures)
    assert all(child.cache.pixels is before for child, before in zip(items.children, kept, strict=True))
    items.children[1].children[0].set("text", "Changed")
    by_pieces(page, pictures)
    assert items.children[1].cache.pixels is not kept[1]
    assert items.children[0].cache.pixels is kept[0]


def test_a_page_with_a_list_moves_and_a_bar_does_not() -> None:
    page, items = scene()
    assert moves(page)
    assert moves(items)
    assert not moves(items.children[0])


@pytest.mark.parametrize("alpha", [0.25, 0.5])
def test_alpha_lets_the_ground_show(alpha: float) -> None:
    pictures = Pictures(seed=1)
    page = node(1, "frame", 0, 0, *SIZE, background={"fill": WHITE})
    veil = node(2, "list", 0, 0, *SIZE, background={"fill": -0x1000000})
    veil.set("alpha", alpha)
    page.add(veil, 0)
    assert abs(int(by_pieces(page, pictures)[100, 100, 0]) - 255 * (1 - alpha)) <= 2


def test_a_long_canvas_is_the_same_in_tiles() -> None:
    pictures = Pictures(seed=1)
    words = [["text", f"Line {i}", 10, 60 + i * 50, -0x1000000, 30, "Roboto-Regular"] for i in range(60)]
    page = node(1, "canvas", 0, 0, *SIZE, background={"fill": WHITE}, canvas=words, scrollable=True)
    page.set("scroll", [0, 437])
    assert np.array_equal(by_pieces(page, pictures), in_one_go(page, pictures))


def test_a_raster_keeps_its_pixels() -> None:
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 256, (7, 5, 4), np.uint8))
    assert np.array_equal(to_bytes(from_image(picture)), np.asarray(picture))
