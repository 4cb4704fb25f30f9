"""One screenshot along the way: ``mindproof inspect`` and authors' tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.errors import CaptureError, InputError
from backend.perception.perception import Perception
from backend.perception.settings import PerceptionSettings
from backend.phones.frame import Frame, Tree
from backend.phones.tree import parse_tree
from backend.pipeline.way import Passed, Way
from interventions.sdk import App, Judge, Pixels


@dataclass(frozen=True)
class Inspection:
    """What interventions make of one screenshot."""

    passed: Passed

    @property
    def findings(self) -> list[dict[str, Any]]:
        """Every judgement that led to an action: intervention, label, score, box in pixels."""
        return [
            {
                "intervention": decided.intervention,
                "label": decided.action.label,
                "score": decided.action.score,
                "box": _corners(getattr(decided.action, "box", None)),
            }
            for decided in (*self.passed.decision.standing, *self.passed.decision.passing)
            if decided.action.label or decided.action.score is not None
        ]

    def as_json(self) -> dict[str, Any]:
        """Plain data: lines, findings, actions, failures, timings in seconds."""
        passed = self.passed
        return {
            "app": str(passed.scene.app),
            "size": list(passed.scene.size),
            "lines": [
                {"text": line.text, "box": _corners(line.box), "source": line.source, "confidence": line.confidence}
                for line in passed.scene.lines
            ],
            "regions": [{"box": _corners(region.box), "digest": region.digest} for region in passed.scene.regions],
            "findings": self.findings,
            "actions": [
                {
                    "intervention": decided.intervention,
                    "action": type(decided.action).__name__,
                    "box": _corners(getattr(decided.action, "box", None)),
                    "why": decided.action.why,
                }
                for decided in (*passed.decision.standing, *passed.decision.passing)
            ],
            "failures": {failure.intervention: failure.traceback for failure in passed.decision.failures},
            "timings_s": {stage: round(seconds, 6) for stage, seconds in passed.stages.items()},
        }


def read_picture(path: Path) -> Pixels:
    """``(height, width, 3)`` uint8 RGB of a picture file. Raises InputError when it is missing or no picture."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if bgr is None:
        raise InputError(f"{path} is not a picture ({len(data)} bytes)", "give a PNG or JPEG screenshot")
    pixels: Pixels = cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)
    pixels.flags.writeable = False
    return pixels


def read_tree(path: Path) -> Tree:
    """A file that ``uiautomator dump`` wrote. Raises InputError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    try:
        return parse_tree(data, serial="file", asked_s=0.0, time_s=0.0)
    except CaptureError as error:
        message = error.message.removeprefix("phone file: ")
        raise InputError(f"{path}: {message}", "give the XML that `uiautomator dump` wrote") from error


def frame_of(picture: Path, tree: Path | None, app: str) -> Frame:
    """A frame from files; without `app` the tree's own package is the app in front."""
    dump = read_tree(tree) if tree is not None else None
    package = app or (dump.widgets[0].package if dump is not None and dump.widgets else "")
    return Frame(1, 0.0, "file", App(package), read_picture(picture), dump, "file")


def inspect_picture(
    picture: Path,
    names: Sequence[str],
    catalog: Catalog,
    load_model: Callable[[str], Judge],
    *,
    tree: Path | None = None,
    app: str = "",
    values: Mapping[str, Mapping[str, Any]] | None = None,
) -> Inspection:
    """Run interventions on one screenshot, waiting for every verdict.

    Raises:
        InputError: a file is missing or broken.
        InterventionError, ModelError: an intervention or a model of it cannot be loaded.
    """
    frame = frame_of(picture, tree, app)
    engine = Engine(catalog, load_model, soft_deadline_s=None)
    try:
        for name in names:
            engine.enable(name, (values or {}).get(name, {}), apps=["*"] if not frame.app.package else None)
        return Inspection(Way(Perception(PerceptionSettings()), engine).take(frame, tick=True))
    finally:
        engine.close()


def _corners(box: Any) -> list[int] | None:
    return None if box is None else [box.left, box.top, box.right, box.bottom]


def write_picture(pixels: Pixels, path: Path) -> None:
    """Write RGB pixels as PNG. Raises InputError when the file cannot be written."""
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    try:
        if not done:
            raise OSError(f"a picture of shape {pixels.shape} could not be encoded")
        path.write_bytes(data.tobytes())
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error}", "check the folder and the free disk space") from error
