"""The original's work on one frame, re-implemented from its public description, at its best settings.

Source: Datta, Kollnig, Shadbolt, "GreaseTerminator", arXiv 2112.10699, and its public code. For every frame the host
decodes the PNG that ``screencap -p`` sent, reads it with Tesseract at 340 pixels width, constructs HateSonar and
judges every line, constructs NudeNet and looks at the frame, and matches six crops at full resolution by normalised
correlation (>= 0.65). ``OMP_THREAD_LIMIT=1`` makes Tesseract several times faster on few cores; it is set here, in
the baseline's favour.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import cv2
import numpy as np
from nudenet import NudeDetector

from backend.errors import MindproofError
from interventions.models.hatesonar.classifier import HateSonar
from interventions.sdk import Pixels

_WIDTH = 340
_MATCH = 0.65
_CROP = 64


@dataclass(frozen=True)
class BaselineFrame:
    """What the baseline found in one frame, and the seconds of each stage."""

    lines: int
    abusive: int
    exposed: int
    matches: int
    stages: dict[str, float]

    @property
    def seconds(self) -> float:
        return sum(self.stages.values())


def require_tesseract() -> None:
    """Raises MindproofError when Tesseract is not installed."""
    if shutil.which("tesseract") is None:
        raise MindproofError(
            "the baseline needs Tesseract, which is not installed", "sudo apt-get install tesseract-ocr"
        )


def baseline_frame(png: bytes, crops: Sequence[Pixels]) -> BaselineFrame:
    """The original's work on one frame, `png` as captured, `crops` RGB templates."""
    stages: dict[str, float] = {}
    clock = _Clock(stages)
    decoded = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    frame = np.asarray(decoded, np.uint8)
    clock.lap("decode")
    lines = _tesseract(frame)
    clock.lap("tesseract")
    abusive = _hate(lines)
    clock.lap("hatesonar")
    exposed = _nudity(frame)
    clock.lap("nudenet")
    matches = sum(_found(frame, crop) for crop in crops)
    clock.lap("templates")
    return BaselineFrame(len(lines), abusive, exposed, matches, stages)


class _Clock:
    def __init__(self, stages: dict[str, float]) -> None:
        self._stages, self._last = stages, perf_counter()

    def lap(self, stage: str) -> None:
        now = perf_counter()
        self._stages[stage], self._last = now - self._last, now


def _tesseract(frame: Pixels) -> list[str]:
    """The lines that Tesseract reads at 340 pixels width."""
    height = round(frame.shape[0] * _WIDTH / frame.shape[1])
    done, small = cv2.imencode(".png", cv2.resize(frame, (_WIDTH, height), interpolation=cv2.INTER_AREA))
    assert done
    read = subprocess.run(
        ["tesseract", "stdin", "stdout", "tsv"],
        input=small.tobytes(),
        capture_output=True,
        check=True,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    lines: dict[tuple[str, ...], list[str]] = {}
    for row in csv.DictReader(io.StringIO(read.stdout.decode()), delimiter="\t", quoting=csv.QUOTE_NONE):
        if row["text"] and row["text"].strip():
            place = (row["block_num"], row["par_num"], row["line_num"])
            lines.setdefault(place, []).append(row["text"])
    return [" ".join(words) for words in lines.values()]


def _hate(lines: list[str]) -> int:
    model = HateSonar().open_weights()
    neither = model.classes_.index("neither")
    return sum(float(model.predict_proba([line])[0][neither]) < 0.5 for line in lines)


def _nudity(frame: Pixels) -> int:
    found = NudeDetector().detect(frame)
    return sum(one["class"].endswith("EXPOSED") for one in found)


def _found(frame: Pixels, crop: Pixels) -> bool:
    scores = cv2.matchTemplate(frame, cv2.cvtColor(crop, cv2.COLOR_RGB2BGR), cv2.TM_CCOEFF_NORMED)
    return bool(scores.max() >= _MATCH)


def grey_matching_s(frame: Pixels, crops: Sequence[Pixels]) -> float:
    """Seconds that matching `crops` would take in grey. The original does it in colour; for comparison only."""
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    greys = [cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY) for crop in crops]
    begun = perf_counter()
    for crop in greys:
        cv2.matchTemplate(grey, crop, cv2.TM_CCOEFF_NORMED)
    return perf_counter() - begun


def six_crops(screen: Pixels) -> list[Pixels]:
    """Six icon-sized crops of a screen, as a researcher would cut them. Small ones match faster: in the baseline's
    favour.
    """
    width, height = screen.shape[1], screen.shape[0]
    places = ((0.06, 0.12), (0.05, 0.30), (0.40, 0.42), (0.80, 0.55), (0.10, 0.68), (0.55, 0.80))
    corners = [(int(width * x), int(height * y)) for x, y in places]
    return [screen[top : top + _CROP, left : left + _CROP].copy() for left, top in corners]
