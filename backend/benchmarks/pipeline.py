"""``mindproof bench pipeline``: one frame's way, ours against the original's, on the same recorded frames.

Both start with the captured bytes in hand (a PNG for the original, raw RGBA for us) and end with what a viewer needs
(ours with the composed, compressed mirror picture). All five case studies are on. The *tree* run reads the UI tree;
the *canvas* run sees the very same pixels with the tree taken away, as if the app drew its text on a canvas.
"""

from __future__ import annotations

import resource
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean, stdev
from time import monotonic, perf_counter
from typing import Any

import cv2
import numpy as np

from backend.benchmarks.baseline import baseline_frame, grey_matching_s, require_tesseract, six_crops
from backend.benchmarks.chart import bars, milliseconds
from backend.benchmarks.form import Check, Figures, at_least, at_most, quantile
from backend.benchmarks.scroll_session import record_scroll
from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.perception.perception import Perception
from backend.phones.frame import Frame
from backend.pipeline.way import Passed, Way
from backend.recordings.file import Recording
from backend.serving.host import ModelHost
from backend.sinks.mirror import Mirror
from interventions.sdk import Pixels

CASES = ("hate_speech", "explicit_images", "stories_bar", "demetrication", "endless_scroll")
TREE_GOAL, CANVAS_GOAL, STILL_GOAL, MEMORY_GOAL = 40.0, 6.0, 1 / 500, 0.05


@dataclass(frozen=True)
class Plan:
    """How much to measure. `soak_s`: seconds of the memory run."""

    frames: int = 64
    baseline_frames: int = 16
    still_frames: int = 100
    soak_s: float = 600.0
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)


QUICK = Plan(frames=24, baseline_frames=4, still_frames=50, soak_s=20.0, seeds=(1,))


def run(plan: Plan, key_dir: Path, say: Callable[[str], None]) -> Figures:
    """Record, measure, compare."""
    require_tesseract()
    figures = Figures("pipeline", list(plan.seeds))
    host = ModelHost()
    ratios: dict[str, list[float]] = {"tree": [], "canvas": [], "still": []}
    for seed in plan.seeds:
        with tempfile.TemporaryDirectory(prefix="mindproof-bench-") as folder:
            path = Path(folder) / "scroll.mindproof"
            say(f"seed {seed}: recording a scroll of {plan.frames} frames")
            record_scroll(path, plan.frames, seed, key_dir, lambda _: None)
            with Recording(path) as recording:
                frames = list(recording.frames())
        say(f"seed {seed}: the original's work on {plan.baseline_frames} frames")
        base = _baseline(frames, plan.baseline_frames, seed, figures)
        for mode in ("tree", "canvas"):
            say(f"seed {seed}: ours, {mode}")
            mean = _ours(frames, mode, seed, ModelHost(), figures)
            ratios[mode].append(base / mean)
        ratios["still"].append(_still(frames[-1], plan.still_frames, seed, host, figures) / base)
        kept = frames
    figures.checks = _checks(ratios)
    say(f"memory: {plan.soak_s:g} s without a pause")
    figures.checks.append(_memory(kept, plan.soak_s, host, figures))
    figures.notes += [_bottleneck(figures), _grey(figures)]
    return figures


def _checks(ratios: dict[str, list[float]]) -> list[Check]:
    return [
        at_least("speed-up with a UI tree, mean over seeds", fmean(ratios["tree"]), TREE_GOAL, "x"),
        at_least("speed-up with OCR only, mean over seeds", fmean(ratios["canvas"]), CANVAS_GOAL, "x"),
        at_most("unchanged frame, share of the baseline", fmean(ratios["still"]), STILL_GOAL, ""),
    ]


def _baseline(frames: list[Frame], count: int, seed: int, figures: Figures) -> float:
    """Mean seconds a frame."""
    crops = six_crops(frames[0].pixels)
    taken = frames[:: max(1, len(frames) // count)][:count]
    pngs = [_png(frame.pixels) for frame in taken]
    baseline_frame(pngs[0], crops)  # reads program and models from disk once, in the baseline's favour
    results = [baseline_frame(png, crops) for png in pngs]
    figures.rows += [
        {"what": "baseline", "seed": seed, "frame": frame.number, "seconds": one.seconds, "stages": one.stages}
        for frame, one in zip(taken, results, strict=True)
    ]
    mean = fmean(one.seconds for one in results)
    grey = fmean(grey_matching_s(frame.pixels, crops) for frame in taken)
    without = fmean(one.stages["templates"] for one in results)
    figures.rows.append({"what": "baseline, were it to match in grey", "seed": seed, "seconds": mean - without + grey})
    return mean


def _ours(frames: list[Frame], mode: str, seed: int, host: ModelHost, figures: Figures) -> float:
    """Mean seconds a frame over the scroll. The first frame (a cold start: nothing was seen before) is a row of its
    own.
    """
    buffers = [_rgba(frame.pixels) for frame in frames]
    with _Ours(host) as ours:
        rows: list[dict[str, Any]] = []
        for frame, rgba in zip(frames, buffers, strict=True):
            seconds, passed = ours.take(frame if mode == "tree" else replace(frame, tree=None), rgba)
            what = f"ours {mode}" + ("" if rows else ", first frame")
            rows.append(
                {"what": what, "seed": seed, "frame": frame.number, "seconds": seconds, "stages": dict(passed.stages)}
            )
    figures.rows += rows
    return fmean(float(row["seconds"]) for row in rows[1:])


def _still(frame: Frame, count: int, seed: int, host: ModelHost, figures: Figures) -> float:
    """Mean seconds for a frame that is equal to the one before."""
    with _Ours(host) as ours:
        ours.take(frame, _rgba(frame.pixels))
        copies = [frame.pixels.copy() for _ in range(2)]
        begun = perf_counter()
        for number in range(count):
            passed = ours.way.take(replace(frame, number=number + 2, pixels=copies[number % 2]))
            assert passed.same
        mean = (perf_counter() - begun) / count
    figures.rows.append({"what": "ours unchanged", "seed": seed, "frames": count, "seconds": mean})
    return mean


def _memory(frames: list[Frame], seconds: float, host: ModelHost, figures: Figures) -> Check:
    """Scroll up and down through the recording; growth of resident memory from the first sixth to the end."""
    there_and_back = [*frames, *reversed(frames)]
    buffers = [_rgba(frame.pixels) for frame in there_and_back]
    samples: list[tuple[float, float]] = []
    number = 0
    with _Ours(host) as ours:
        begun = monotonic()
        while not samples or monotonic() - begun < seconds:
            for frame, rgba in zip(there_and_back, buffers, strict=True):
                number += 1
                ours.take(replace(frame, number=number, time_s=monotonic()), rgba)
            samples.append((monotonic() - begun, _resident_mib()))
    settled = [mib for at, mib in samples if at <= max(seconds / 6, samples[0][0])]
    growth = samples[-1][1] / settled[-1] - 1
    figures.rows.append({"what": "memory", "frames": number, "seconds": seconds, "samples_mib": samples})
    return at_most(f"memory growth over {seconds:g} s ({number} frames)", growth, MEMORY_GOAL, "")


class _Ours:
    """Our way with the five case studies on, from raw bytes to the mirror's JPEG."""

    def __init__(self, host: ModelHost) -> None:
        self._engine = Engine(Catalog(), host.load, soft_deadline_s=None)
        for name in CASES:
            self._engine.enable(name)
        self.way = Way(Perception(), self._engine)
        self._mirror = Mirror()

    def __enter__(self) -> _Ours:
        return self

    def __exit__(self, *_: object) -> None:
        self._engine.close()

    def take(self, frame: Frame, rgba: bytes) -> tuple[float, Passed]:
        """Seconds for one frame, and what came of it."""
        width, height = frame.size
        begun = perf_counter()
        pixels: Pixels = cv2.cvtColor(np.frombuffer(rgba, np.uint8).reshape(height, width, 4), cv2.COLOR_RGBA2RGB)  # type: ignore[assignment]
        converted = perf_counter()
        passed = self.way.take(replace(frame, pixels=pixels))
        decided = perf_counter()
        self._mirror.show(pixels, frame.time_s, passed.actions)
        self._mirror.newest(0, 0.0)
        done = perf_counter()
        stages = {"convert": converted - begun, **passed.stages, "mirror": done - decided}
        return done - begun, replace(passed, stages=stages)


def _grey(figures: Figures) -> str:
    """The comparison that the baseline's choice of colour is most sensitive to."""
    means = {what: mean for what, _, mean, *_ in summary(figures)}
    grey = means["baseline, were it to match in grey"]
    tree, canvas = grey / means["ours tree"], grey / means["ours canvas"]
    return f"had the original matched in grey: {tree:.1f}x with a tree, {canvas:.1f}x with OCR only"


def _bottleneck(figures: Figures) -> str:
    """Which stage of a scrolled frame takes most now."""
    parts = []
    for mode in ("tree", "canvas"):
        shares: dict[str, list[float]] = {}
        for row in figures.rows:
            if row["what"] == f"ours {mode}":
                for stage, seconds in row["stages"].items():
                    shares.setdefault(stage, []).append(seconds)
        single = {stage: fmean(times) for stage, times in shares.items() if stage not in ("see", "decide", "total")}
        stage = max(single, key=lambda name: single[name])
        parts.append(f"{mode}: {stage}, {single[stage] * 1000:.1f} ms of a mean frame")
    return "next bottleneck: " + "; ".join(parts)


def summary(figures: Figures) -> Iterator[tuple[str, int, float, float, float, float]]:
    """(what, frames, mean, spread over frames, p50, p95) in seconds, for the table."""
    for what in dict.fromkeys(row["what"] for row in figures.rows if row["what"] != "memory"):
        times = [float(row["seconds"]) for row in figures.rows if row["what"] == what]
        count = sum(int(row.get("frames", 1)) for row in figures.rows if row["what"] == what)
        spread = stdev(times) if len(times) > 1 else 0.0
        yield what, count, fmean(times), spread, quantile(times, 0.5), quantile(times, 0.95)


def stage_means(rows: Iterable[dict[str, object]], what: str) -> dict[str, float]:
    """Mean seconds of every stage over the rows named `what`."""
    gathered: dict[str, list[float]] = {}
    for row in rows:
        stages = row.get("stages")
        if row["what"] == what and isinstance(stages, dict):
            for stage, seconds in stages.items():
                gathered.setdefault(stage, []).append(float(seconds))
    return {stage: fmean(times) for stage, times in gathered.items()}


def _png(pixels: Pixels) -> bytes:
    done, data = cv2.imencode(".png", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR))
    assert done
    return data.tobytes()


def _rgba(pixels: Pixels) -> bytes:
    return cv2.cvtColor(pixels, cv2.COLOR_RGB2RGBA).tobytes()


def _resident_mib() -> float:
    """Resident memory now, in MiB."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # no /proc: the peak is the next best
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return pages * resource.getpagesize() / 2**20


def draw(figures: Figures, folder: Path) -> Path:
    """A bar chart of mean milliseconds a frame, as SVG; its path."""
    rows = [(what, mean * 1000) for what, _, mean, *_ in summary(figures)]
    return bars(
        folder / "pipeline.svg", "Time a frame, mean (logarithmic scale)", rows, milliseconds,
        logarithmic=True, theirs=lambda what: what.startswith("baseline"),
    )  # fmt: skip
