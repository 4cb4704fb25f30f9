"""The page of models, in a real browser."""

from __future__ import annotations

import re
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.serving import ModelStats, registry
from interventions.models import Metric, ReliabilityBin
from tests.browser.conftest import Visit
from tests.models.nearest_word import NearestWord
from tests.web.fake_runtime import FakeRuntime

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "home"))
    guest = EntryPoint("nearest_word", "tests.models.nearest_word:NearestWord", registry.GROUP)
    packaged = {name: point for name, point in registry.installed().items() if name in ("hatesonar", "nudenet")}
    monkeypatch.setattr(registry, "installed", lambda: packaged | {"nearest_word": guest})
    model = NearestWord().fit(["good day", "bad day"], ["neither", "abuse"])
    model.describe(
        metrics=(Metric(name="area under the curve", on="posts", value=0.81, low=0.78, high=0.84, n=300),),
        reliability=tuple(
            ReliabilityBin(on="posts", predicted=x / 10, observed=x / 10, low=x / 11, high=x / 9, count=9)
            for x in range(1, 9)
        ),
    )
    registry.own_models().keep("my_filter", model.save)


def there(visit: Visit, width: int = 1440, scheme: str = "light") -> Page:
    page = visit(width=width, scheme=scheme)
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_role("heading", name="Models", exact=True)).to_be_visible()
    return page


def test_a_researcher_finds_what_a_judge_is_worth(visit: Visit) -> None:
    page = there(visit)
    card = page.get_by_role("article", name="my_filter")
    expect(card.get_by_text("Where it fails")).to_be_visible()
    expect(card.get_by_role("row", name=re.compile("area under the curve"))).to_contain_text("0.780 to 0.840")
    diagram = card.get_by_role("img", name=re.compile("Reliability diagram"))
    diagram.scroll_into_view_if_needed()
    page.wait_for_function("image => image.complete && image.naturalWidth > 0", arg=diagram.element_handle())
    card.get_by_text("The numbers").click()
    expect(card.get_by_role("cell", name="0.80").first).to_be_visible()
    page.get_by_role("link", name="Back to the desk").click()
    expect(page.locator("#covered canvas")).to_be_visible()


def test_live_figures_follow_the_host(visit: Visit, runtime: FakeRuntime) -> None:
    runtime.loaded = ()
    page = there(visit)
    expect(page.get_by_text("No model has been loaded yet")).to_be_visible()
    runtime.loaded = (ModelStats("my_filter", "1+x", items=200, hits=150, judged=50, batches=10, seconds=0.1),)
    row = page.get_by_role("row", name=re.compile("my_filter"))
    expect(row).to_contain_text("75 %")
    expect(row).to_contain_text("5.0")
    runtime.loaded = (ModelStats("my_filter", "2+y", items=400, hits=300, judged=100, batches=20, shed=7),)
    expect(row).to_contain_text("2+y")
    expect(row.get_by_role("cell", name="7", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 820, 1440])
def test_nothing_is_wider_than_the_screen(visit: Visit, width: int, scheme: str) -> None:
    page = there(visit, width, scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    outside = page.evaluate(
        "width => [...document.querySelectorAll('.card *')].filter(e => e.getBoundingClientRect().right > width)",
        width,
    )
    assert outside == []
