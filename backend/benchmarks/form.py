"""One form for every figure: raw rows, and checks against goals. The JSON is the record, the table is for people."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2

_NAMED = ("mindproof", "numpy", "onnxruntime", "opencv-python-headless", "rapidocr", "av", "nudenet", "hatesonar")


@dataclass(frozen=True, slots=True)
class Check:
    """A goal and what was reached. `goal` reads like ``>= 40`` or ``<= 0.002``."""

    name: str
    value: float
    unit: str
    goal: str
    met: bool


def at_least(name: str, value: float, goal: float, unit: str) -> Check:
    return Check(name, value, unit, f">= {goal:g}", value >= goal)


def at_most(name: str, value: float, goal: float, unit: str) -> Check:
    return Check(name, value, unit, f"<= {goal:g}", value <= goal)


@dataclass
class Figures:
    """The result of one benchmark or replication. `packages` are those whose versions bear on it, beside our own."""

    name: str
    seeds: list[int]
    rows: list[dict[str, Any]] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    packages: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "command": "mindproof " + " ".join(sys.argv[1:]),
            "machine": machine(),
            "versions": versions((*_NAMED, *self.packages)),
            "seeds": self.seeds,
            "rows": self.rows,
            "checks": [asdict(check) for check in self.checks],
            "notes": self.notes,
        }

    def write(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(self.as_json(), indent=2) + "\n", encoding="utf-8")


def machine() -> dict[str, Any]:
    """The machine in words: enough to judge a timing by."""
    model = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    except OSError:
        pass
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "opencv_threads": cv2.getNumThreads(),
    }


def versions(names: Iterable[str]) -> dict[str, str]:
    return {name: version(name) for name in names}


def quantile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of `values` lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
