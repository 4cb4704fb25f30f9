"""What the host counts, for ``/metrics`` and the benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ModelStats:
    """Counters of one loaded model, since it was loaded.

    `calls` of `score`, `find` or `probabilities`; `items` handed over in them; `hits`, items answered without
    waiting for the model; `shared`, items that another caller was already having judged; `judged`, items the
    model saw, in `batches`, taking `seconds`. items = hits + shared + judged, but for repeats within one
    call, which count as hits, and for items whose batch failed.
    """

    name: str
    version: str = ""
    load_seconds: float = 0.0
    calls: int = 0
    items: int = 0
    hits: int = 0
    shared: int = 0
    judged: int = 0
    batches: int = 0
    failures: int = 0
    seconds: float = 0.0
