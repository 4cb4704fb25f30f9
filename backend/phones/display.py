"""The screen's size, density and rotation, from ``wm`` and ``dumpsys window displays`` (Android 8 to 16)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CURRENT = re.compile(r"\binit=(\d+)x(\d+) (\d+)dpi.*?\bcur=(\d+)x(\d+)", re.DOTALL)
_ROTATION = re.compile(
    r"\bmRotation=(?:ROTATION_)?(\d+)|\bmCurrentRotation=ROTATION_(\d+)|\bmDisplayRotation=ROTATION_(\d+)"
)
_SIZE = re.compile(r"(Physical|Override) size: (\d+)x(\d+)")
_DENSITY = re.compile(r"(Physical|Override) density: (\d+)")


@dataclass(frozen=True, slots=True)
class Display:
    """`size` is (width, height) in pixels, as now rotated; `density` in dots per inch; `rotation` 0 to 3."""

    size: tuple[int, int]
    density: int
    rotation: int


def parse_displays(text: str) -> Display | None:
    """The default display from ``dumpsys window displays``; None when it is not in there.

    ``cur=`` is the size that apps see, turned with the screen. Where no rotation is named (the name of the field has
    changed between versions), the turn of ``cur=`` against ``init=`` tells upright from sideways.
    """
    sizes = _CURRENT.search(text)
    if sizes is None:
        return None
    width, height, density, now_width, now_height = (int(number) for number in sizes.groups())
    sideways = (width < height) != (now_width < now_height)
    rotation = int(sideways)
    for named in _ROTATION.finditer(text):
        number = int(next(group for group in named.groups() if group is not None))
        turns = number // 90 if number > 3 else number
        if turns < 4 and turns % 2 == rotation:
            rotation = turns
            break
    return Display((now_width, now_height), density, rotation)


def parse_wm(size: str, density: str) -> Display | None:
    """The upright display from ``wm size`` and ``wm density``; an override wins. None when there is no size."""
    sizes = {kind: (int(width), int(height)) for kind, width, height in _SIZE.findall(size)}
    densities = {kind: int(dpi) for kind, dpi in _DENSITY.findall(density)}
    found = sizes.get("Override") or sizes.get("Physical")
    if found is None:
        return None
    return Display(found, densities.get("Override") or densities.get("Physical") or 160, 0)
