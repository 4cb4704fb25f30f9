"""``/metrics`` in Prometheus' text format, read from the runtime at every scrape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from backend.serving.stats import DURATIONS_S, SIZES
from backend.web.context import runtime
from backend.web.guard import allow
from backend.web.plot import quantiles
from backend.web.runtime import Runtime

_MODEL_COUNTERS = {
    "calls": "Calls of a model",
    "items": "Items handed over to a model",
    "hits": "Items answered from the verdict cache",
    "shared": "Items that another caller was having judged already",
    "judged": "Items that the model saw",
    "failures": "Batches that failed",
    "late": "Items dropped because the deadline passed",
    "shed": "Items dropped because too many waited",
    "swaps": "Changes to another version",
    "truncated": "Items too long for the model, of which it read a part",
}
_MODEL_GAUGES = {
    "queued": "Items that wait for the model",
    "fixed_s": "Measured cost of a batch, in seconds",
    "each_s": "Measured cost of each item in a batch, in seconds",
    "largest": "Items that a batch takes at present",
}

_CASCADE_COUNTERS = {
    "judged": "Texts that a cascade has seen, each once",
    "escalated": "Texts that went to its expensive judge",
    "answered": "Texts that the expensive judge has answered on",
    "overturned": "First verdicts that it overturned",
    "shed": "Questions given up because too many waited",
    "failures": "Questions on which it failed",
}

metrics = Blueprint("metrics", __name__)


@metrics.get("/metrics")
@allow("researcher")
def scrape() -> Response:
    registry = CollectorRegistry()
    registry.register(RuntimeCollector(runtime()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class RuntimeCollector(Collector):
    """The state of a runtime as metrics."""

    def __init__(self, source: Runtime) -> None:
        self._source = source

    def collect(self) -> Iterator[Metric]:
        yield from self._phones()
        yield from self._interventions()
        yield from self._models()
        yield from self._cascades()
        yield self._stages()
        journal = self._source.journal
        yield GaugeMetricFamily("mindproof_journal_pending", "Entries not yet written", journal.pending)
        yield GaugeMetricFamily("mindproof_journal_healthy", "1 while the database takes entries", not journal.trouble)
        yield CounterMetricFamily("mindproof_journal_dropped", "Entries lost", journal.dropped)

    def _phones(self) -> Iterator[Metric]:
        live = GaugeMetricFamily("mindproof_phone_live", "1 while frames arrive", labels=["phone"])
        fps = GaugeMetricFamily("mindproof_phone_fps", "Frames per second", labels=["phone"])
        frames = CounterMetricFamily("mindproof_frames", "Frames captured", labels=["phone"])
        for phone in self._source.phones():
            live.add_metric([phone.serial], phone.state == "live")
            fps.add_metric([phone.serial], phone.fps)
            frames.add_metric([phone.serial], phone.frames)
        yield from (live, fps, frames)

    def _interventions(self) -> Iterator[Metric]:
        enabled = GaugeMetricFamily("mindproof_intervention_enabled", "1 while it is on", labels=["intervention"])
        failed = GaugeMetricFamily("mindproof_intervention_failed", "1 while it is broken", labels=["intervention"])
        counted = CounterMetricFamily("mindproof_intervention_count", "What it did", labels=["intervention", "counter"])
        for intervention in self._source.interventions():
            enabled.add_metric([intervention.name], intervention.enabled)
            failed.add_metric([intervention.name], bool(intervention.error))
            for counter, value in intervention.counters.items():
                counted.add_metric([intervention.name, counter], value)
        yield from (enabled, failed, counted)

    def _models(self) -> Iterator[Metric]:
        models = self._source.model_stats()
        info = GaugeMetricFamily("mindproof_model", "1 for the version that is live", labels=["model", "version"])
        sizes = HistogramMetricFamily("mindproof_model_batch_items", "Items in a batch", labels=["model"])
        seconds = HistogramMetricFamily("mindproof_model_batch_seconds", "What a batch took", labels=["model"])
        for model in models:
            info.add_metric([model.name, model.version], 1)
            sizes.add_metric([model.name], _buckets(SIZES, model.sizes), model.judged)
            seconds.add_metric([model.name], _buckets(DURATIONS_S, model.durations), model.seconds)
        yield from (info, sizes, seconds)
        for name, says in _MODEL_COUNTERS.items():
            counter = CounterMetricFamily(f"mindproof_model_{name}", says, labels=["model"])
            for model in models:
                counter.add_metric([model.name], getattr(model, name))
            yield counter
        for name, says in _MODEL_GAUGES.items():
            gauge = GaugeMetricFamily(f"mindproof_model_{name.replace('_s', '_seconds')}", says, labels=["model"])
            for model in models:
                gauge.add_metric([model.name], getattr(model, name))
            yield gauge

    def _cascades(self) -> Iterator[Metric]:
        cascades = self._source.escalations()
        for name, says in _CASCADE_COUNTERS.items():
            counter = CounterMetricFamily(f"mindproof_cascade_{name}", says, labels=["cascade"])
            for used in cascades:
                counter.add_metric([used.cascade], getattr(used, name))
            yield counter
        share = GaugeMetricFamily("mindproof_cascade_share", "Texts escalated, 0 to 1", labels=["cascade"])
        waiting = GaugeMetricFamily("mindproof_cascade_waiting", "Texts without an answer yet", labels=["cascade"])
        for used in cascades:
            share.add_metric([used.cascade], used.share)
            waiting.add_metric([used.cascade], used.waiting)
        yield from (share, waiting)

    def _stages(self) -> Metric:
        seconds = GaugeMetricFamily(
            "mindproof_stage_seconds", "Recent duration of a stage", labels=["stage", "quantile"]
        )
        for series in self._source.timings():
            for quantile, value in zip(("0.5", "0.95"), quantiles(series), strict=True):
                seconds.add_metric([series.stage, quantile], value)
        return seconds


def _buckets(bounds: Sequence[float], counts: Sequence[int]) -> list[tuple[str, float]]:
    """Counts by class as Prometheus' cumulative buckets, the last of which has no upper bound."""
    return list(zip([*(f"{bound:g}" for bound in bounds), "+Inf"], accumulate(counts), strict=True))
