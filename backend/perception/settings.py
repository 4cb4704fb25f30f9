"""What perception can be told: how it reads, and what the active interventions need of it."""

from __future__ import annotations

from dataclasses import dataclass

from interventions.sdk import Pixels


@dataclass(frozen=True, slots=True, kw_only=True)
class PerceptionSettings:
    """Limits and thresholds; the defaults suit phones from 720 to 1440 pixels wide.

    Lengths are screen pixels. They are not scaled with the screen.
    """

    ocr: bool = True
    """Read text from pixels where the UI tree is silent."""
    detection_scale: float = 0.5
    """The text detector sees the screen at this scale; half finds small grey captions that less would miss."""
    squeeze: float = 0.75
    """Rows are narrowed to this share before they are read: a quarter faster, and as exact on screen fonts."""
    sure: float = 0.9
    """A row read with less confidence than this is read again at its full width."""
    least_confidence: float = 0.5
    """Rows read with less confidence are noise (icons, textures) and are dropped."""
    cached_rows: int = 4096
    """How many rows of text are remembered by the hash of their pixels."""
    threads: int = 2
    """Threads for text recognition."""
    min_region: int = 64
    """Pictures with a shorter side than this are icons and are not reported."""
    silent_area: float = 0.03
    """A leaf of the UI tree without text is read by OCR when it covers this share of the screen or more."""
    remembered_pictures: int = 512
    """How many pictures are remembered to recognise them after lossy coding."""
    lossy_tolerance: int = 12
    """Mean difference of a colour value in a block of 8 by 8 pixels that video coding explains, 0 to 255."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wants:
    """What the active interventions read. What nobody reads is not computed.

    The scroll and the widgets come at the price of a few milliseconds and serve the other stages: they are left out
    only where nothing at all is wanted.
    """

    text: bool = True
    regions: bool = True
    widgets: bool = True
    scroll: bool = True
    masks: bool = True

    def __bool__(self) -> bool:
        return self.text or self.regions or self.widgets or self.scroll or self.masks


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """One crop to be found on the screen, on behalf of `owner`.

    `pixels` is ``(height, width, 3)`` uint8 RGB; `score` the normalised correlation from which it counts as
    found, 0 to 1; `scales` the sizes tried, relative to the crop's own.
    """

    mask: str
    pixels: Pixels
    score: float = 0.72
    scales: tuple[float, ...] = (0.75, 0.87, 1.0, 1.15, 1.33)
    owner: str = ""
