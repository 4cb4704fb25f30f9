"""A session's report: one HTML file that stands alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from backend.errors import StoreError
from backend.store.entries import Summary


def write_report(summary: Summary, path: Path) -> Path:
    """Write `summary` as HTML to `path`. Raises StoreError when it cannot be written."""
    templates = Environment(
        loader=PackageLoader("backend.store", "."), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    html = templates.get_template("report.html").render(
        summary=summary,
        started=datetime.fromtimestamp(summary.started_s, UTC).astimezone(),
        slowest=max((stage.p95_s for stage in summary.stages), default=1.0) or 1.0,
    )
    try:
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise StoreError(f"the report {path} cannot be written: {error.strerror}", "free some disk space") from error
    return path
