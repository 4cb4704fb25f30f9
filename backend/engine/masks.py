"""The mask crops of interventions, read from their folders once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np

from backend.errors import InterventionError
from backend.perception.masks import in_the_other_theme
from backend.perception.settings import Template
from interventions.sdk import Mask, Pixels


def load_templates(owner: str, folder: Path, masks: Sequence[Mask]) -> tuple[Template, ...]:
    """Templates of `owner`, an intervention in `folder`.

    Raises:
        InterventionError: a file is missing or is no picture; says which.
    """
    return tuple(template for mask in masks for template in _templates(owner, folder, mask))


def _templates(owner: str, folder: Path, mask: Mask) -> Iterator[Template]:
    path = folder / mask.path
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise InterventionError(
            f"{owner}: its mask {path} is missing", "add the picture, or take the mask out"
        ) from error
    template = Template(mask.name or path.stem, _pixels(path, changed), mask.score, mask.scales, owner)
    yield template
    if mask.any_theme:
        yield in_the_other_theme(template)


@lru_cache(maxsize=128)
def _pixels(path: Path, changed: int) -> Pixels:
    """RGB of a picture file; `changed` makes an edited file a new entry."""
    bgr = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
    if bgr is None:
        raise InterventionError(f"the mask {path} is not a picture", "save it as PNG")
    rgb: Pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
    return rgb
