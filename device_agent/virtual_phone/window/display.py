"""The display: its size, its bars, and the picture of what is in front."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from device_agent.virtual_phone.window import bars
from device_agent.virtual_phone.window.compose import compose
from device_agent.virtual_phone.window.pictures import Pictures
from device_agent.virtual_phone.window.raster import Raster, from_image, pack, to_bytes, to_image
from device_agent.virtual_phone.window.scene import Window
from device_agent.virtual_phone.window.shapes import Colour, solid
from device_agent.virtual_phone.window.splash import splash
from device_agent.virtual_phone.window.wire import Message

WHITE: Colour = (255, 255, 255, 255)
BLACK: Colour = (0, 0, 0, 255)
CLOCK = "10:24"


@dataclass(frozen=True, slots=True)
class Display:
    """`size` is width and height in pixels as now turned; `rotation` counts quarter turns."""

    size: tuple[int, int]
    dpi: int
    rotation: int = 0
    on: bool = True

    @property
    def status_height(self) -> int:
        return round(bars.STATUS_DP * self.dpi / 160)

    @property
    def navigation_height(self) -> int:
        return round(bars.NAVIGATION_DP * self.dpi / 160)

    def configuration(self, seed: int) -> Message:
        """What an app must know of the display (and the seed of its content)."""
        return {
            "t": "configure",
            "width": self.size[0],
            "height": self.size[1],
            "dpi": self.dpi,
            "top": self.status_height,
            "bottom": self.navigation_height,
            "seed": seed,
        }

    def draw(self, package: str, windows: list[Window], over: list[Window], pictures: Pictures) -> NDArray[np.uint8]:
        """The screen (height, width, 4), read-only: the windows of `package` from the bottom up, or its icon before it
        has any, and the system's windows `over` them; black when the display is off or a window forbids capture."""
        width, height = self.size
        raster: Raster = np.empty((height, width), np.uint32)
        if not self.on or not package or any(window.secure for window in (*windows, *over)):
            raster[:] = pack(BLACK)
        elif not windows:
            raster[:] = splash(package, width, height)
        else:
            self._draw_windows(raster, windows, pictures)
        if self.on:
            for window in over:
                _draw_window(raster, window, self.size, None, pictures)
        screen = to_bytes(raster)
        screen.flags.writeable = False
        return screen

    def _draw_windows(self, raster: Raster, windows: list[Window], pictures: Pictures) -> None:
        width, height = self.size
        ground = solid(windows[0].root.background) or WHITE
        raster[:] = pack(ground)
        for window in windows:
            backdrop = ground if window is windows[0] else None
            _draw_window(raster, window, (width, height), backdrop, pictures)
        top, bottom = self.status_height, self.navigation_height
        raster[:top] = bars.status_bar(width, top, ground, CLOCK)
        raster[height - bottom :] = bars.navigation_bar(width, bottom, ground)


def _draw_window(
    raster: Raster, window: Window, size: tuple[int, int], backdrop: Colour | None, pictures: Pictures
) -> None:
    """Draw one window; `backdrop` is the one colour under it, where that is known."""
    root = window.root
    if window.dims:
        raster[:] = from_image(Image.blend(to_image(raster), Image.new("RGBA", size, BLACK), window.dims))
    compose(raster, root, root.x, root.y, (0, 0, *size), backdrop, pictures)
    if root.filter is not None:
        # Red, green and blue of the twenty numbers; alpha stays, for what a window draws on is opaque by now.
        region = raster[max(0, root.y) : root.y + root.height, max(0, root.x) : root.x + root.width]
        matrix = [root.filter[row * 5 + column] for row in range(3) for column in (0, 1, 2, 4)]
        region[:] = from_image(to_image(region).convert("RGB").convert("RGB", tuple(matrix)).convert("RGBA"))
