"""Interventions written to disk by a test, and an engine that knows them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine, EngineEvent
from backend.engine.runner import Limits


class Bench:
    """A folder of interventions and an engine over it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.events: list[EngineEvent] = []
        self._engines: list[Engine] = []

    def write(self, name: str, body: str, entry: str = "intervention:It") -> Path:
        """An intervention ``It`` whose class body is `body`."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "manifest.toml").write_text(f'name = "{name}"\ntitle = "{name}"\nentry = "{entry}"\n')
        code = "import time\nfrom interventions.sdk import *\n\nclass It(Intervention):\n"
        (folder / "intervention.py").write_text(code + textwrap.indent(textwrap.dedent(body), "    "))
        return folder

    def engine(self, soft_deadline_s: float | None = None, **limits: float) -> Engine:
        def no_model(name: str) -> None:
            raise AssertionError(f"no test here needs the model {name}")

        engine = Engine(
            Catalog([self.folder], shipped=self.folder / "nothing"),
            no_model,  # type: ignore[arg-type]
            limits=Limits(**limits),  # type: ignore[arg-type]
            soft_deadline_s=soft_deadline_s,
            on_event=self.events.append,
        )
        self._engines.append(engine)
        return engine

    def kinds(self) -> list[tuple[str, str]]:
        return [(event.kind, event.intervention) for event in self.events]

    def close(self) -> None:
        for engine in self._engines:
            engine.close()


@pytest.fixture
def bench(tmp_path: Path):
    bench = Bench(tmp_path)
    yield bench
    bench.close()


COVER_ALL = """
def on_text(self, lines):
    for line in lines:
        yield Cover(line.box)
"""
