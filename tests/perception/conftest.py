"""Screens to look at: drawn ones, which need nothing, and real ones, where the shared folder has them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from font_roboto import Roboto
from PIL import Image, ImageDraw, ImageFont

from backend.phones.frame import Frame, Tree
from backend.phones.tree import parse_tree
from interventions.sdk import App, Pixels, Widget

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
WIDTH, HEIGHT = 720, 1280
BAR = 96
ROW = 64

WORDS = (
    *("quiet", "river", "morning", "garden", "letter", "window", "travel", "silver", "mountain", "planet", "candle"),
    *("harbour", "orchard", "winter", "signal", "copper", "market", "lantern", "valley", "feather", "bridge"),
    *("meadow", "engine", "picture", "summer", "blanket", "pocket", "thunder", "village", "station"),
)


def sentence(number: int) -> str:
    """One of many different rows of text."""
    return f"{number} " + " ".join(WORDS[(number * 7 + step * 11) % len(WORDS)] for step in range(4))


def page(rows: Sequence[str], pictures: dict[int, Pixels] | None = None) -> Pixels:
    """A tall page: one row of text every 64 pixels, a picture of 384 pixels width over the row of its number."""
    image = Image.new("RGB", (WIDTH, ROW * len(rows)), "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.truetype(Roboto, 30)
    for at, row in enumerate(rows):
        draw.text((32, at * ROW + 14), row, font=font, fill="black")
    for at, picture in (pictures or {}).items():
        image.paste(Image.fromarray(picture), (96, at * ROW))
    return np.asarray(image)


def photograph(seed: int, width: int = 384, height: int = 320) -> Pixels:
    """Smooth shapes with grain: what a camera gives."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(20, 235, (6, 6, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.int16)
    return np.clip(smooth + rng.integers(-6, 7, smooth.shape), 0, 255).astype(np.uint8)


def screen(tall: Pixels, offset: int, title: str = "Reader") -> Pixels:
    """A phone that shows `tall` from row `offset` on, between two bars that stay. Read-only."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (230, 234, 240))
    draw = ImageDraw.Draw(image)
    draw.text((40, 28), title, font=ImageFont.truetype(Roboto, 40), fill=(20, 30, 60))
    draw.ellipse((320, HEIGHT - 72, 368, HEIGHT - 24), fill=(90, 90, 90))
    pixels = np.array(image)
    pixels[BAR : HEIGHT - BAR] = tall[offset : offset + HEIGHT - 2 * BAR]
    pixels.flags.writeable = False
    return pixels


@pytest.fixture(scope="session")
def draw() -> SimpleNamespace:
    """The drawing functions above: test modules cannot import them by name."""
    return SimpleNamespace(sentence=sentence, page=page, photograph=photograph, screen=screen)


@pytest.fixture
def frame_of() -> Callable[..., Frame]:
    """Frames of one phone, numbered and timed one after the other."""
    count = 0

    def make(
        pixels: Pixels, tree: Tree | None = None, app: str = "org.example.reader", time_s: float | None = None
    ) -> Frame:
        nonlocal count
        count += 1
        when = float(count) if time_s is None else time_s
        return Frame(number=count, time_s=when, phone="test", app=App(app), pixels=pixels, tree=tree, source="file")

    return make


@pytest.fixture
def real_screen() -> Callable[[str], Pixels]:
    def load(name: str) -> Pixels:
        path = SHARED / "screens" / name
        if not path.exists():
            pytest.skip(f"no real screenshots here: {path} is absent")
        pixels = np.array(Image.open(path).convert("RGB"))
        pixels.flags.writeable = False
        return pixels

    return load


@pytest.fixture
def real_tree() -> Callable[[str], tuple[Widget, ...]]:
    def load(name: str) -> tuple[Widget, ...]:
        path = SHARED / "trees" / name
        if not path.exists():
            pytest.skip(f"no real UI trees here: {path} is absent")
        return parse_tree(path.read_bytes()).widgets

    return load
