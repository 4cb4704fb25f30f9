"""The page of models and its API: everything a card says is said, and a broken model hides no other."""

from __future__ import annotations

import dataclasses
from importlib.metadata import EntryPoint
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.modelling.evaluation import wilson
from backend.serving import ModelStats, registry
from backend.web.reliability_plot import draw_reliability
from interventions.models import Metric, ReliabilityBin
from tests.models.nearest_word import NearestWord
from tests.web.fake_runtime import FakeRuntime


def reliability_bin(predicted: float, observed: float, count: int = 50, on: str = "posts") -> ReliabilityBin:
    low, high = wilson(observed, count)
    return ReliabilityBin(on=on, predicted=predicted, observed=observed, low=low, high=high, count=count)


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one fitted model whose card tries to break out of the page; returns its folder."""
    monkeypatch.setenv("MINDPROOF_HOME", str(tmp_path / "home"))
    guest = EntryPoint("nearest_word", "tests.models.nearest_word:NearestWord", registry.GROUP)
    packaged = {name: point for name, point in registry.installed().items() if name == "hatesonar"}
    monkeypatch.setattr(registry, "installed", lambda: packaged | {"nearest_word": guest})
    monkeypatch.setattr(registry, "SHIPPED", tmp_path / "shipped")
    model = NearestWord().fit(["good day", "bad day"], ["neither", "abuse"])
    model.describe(
        harmful=("abuse",),
        limits="<script>alert(1)</script> Misses irony.",
        metrics=(
            Metric(name="area under the curve", on="posts", value=0.81, low=0.78, high=0.84, n=300),
            *(Metric(name=f"misses {n}", on=f"group {n}", value=0.3) for n in range(30)),
        ),
        reliability=(reliability_bin(0.9, 0.7), reliability_bin(0.1, 0.2), reliability_bin(0.5, 0.5, on="forum")),
    )
    return registry.own_models().keep("mine", model.save).folder


def test_a_card_is_shown_whole_and_escaped(researcher: FlaskClient) -> None:
    page = researcher.get("/models").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Misses irony." in page
    for part in ("0.810", "0.780 to 0.840", "misses 29", "On 19 more sets of data", "your own", "packaged"):
        assert part in page
    assert page.count("/models/mine/reliability.svg?of=") == 4
    assert "mindproof models fit nearest_word" in page


def test_the_researchers_page_leads_there(researcher: FlaskClient) -> None:
    assert 'href="/models"' in researcher.get("/").get_data(as_text=True)


@pytest.mark.parametrize("path", ["/models", "/models/mine/reliability.svg", "/api/models", "/api/serving"])
def test_a_participant_sees_none_of_it(participant: FlaskClient, path: str) -> None:
    assert participant.get(path).status_code == 403


def test_programs_get_the_same_cards(program: FlaskClient) -> None:
    models = {model["name"]: model for model in program.get("/api/models").get_json()["models"]}
    assert list(models) == ["mine", "hatesonar", "nearest_word"]
    assert models["mine"]["origin"] == "own"
    assert models["mine"]["card"]["harmful"] == ["abuse"]
    assert models["mine"]["card"]["metrics"][0]["low"] == 0.78
    assert models["nearest_word"]["card"] is None
    assert models["nearest_word"]["about"]["intended_use"] == "Tests."
    assert program.get("/api/models/mine").get_json() == models["mine"]


def test_what_is_not_there_is_404(program: FlaskClient) -> None:
    for path in ("/api/models/none", "/models/none/reliability.svg", "/models/mine/reliability.svg?of=2"):
        answer = program.get(path)
        assert answer.status_code == 404, path
        assert answer.get_json()["error"]
    assert program.get("/models/mine/reliability.svg?theme=pink").status_code == 400


@pytest.mark.parametrize("of", [0, 1])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_data_set_has_its_diagram(program: FlaskClient, of: int, theme: str) -> None:
    answer = program.get(f"/models/mine/reliability.svg?of={of}&theme={theme}")
    assert answer.mimetype == "image/svg+xml"
    assert "script" not in answer.headers["Content-Security-Policy"].replace("default-src 'none'", "")
    assert answer.get_data(as_text=True).count('class="dot') in (1, 2, 3, 4)
    ElementTree.fromstring(answer.get_data())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(1, 10**6)), max_size=10))
def test_any_bins_give_a_well_formed_picture(bins: list[tuple[float, float, int]]) -> None:
    ElementTree.fromstring(draw_reliability([reliability_bin(*one) for one in bins], "light"))


def test_a_broken_model_shows_its_trouble_and_hides_no_other(researcher: FlaskClient, own: Path) -> None:
    (own / "model.json").write_text("{")
    page = researcher.get("/models").get_data(as_text=True)
    assert "It cannot be used" in page
    assert "hatesonar" in page
    models = {model["name"]: model for model in researcher.get("/api/models").get_json()["models"]}
    assert "not JSON" in models["mine"]["trouble"]
    assert models["hatesonar"]["trouble"] == ""


def test_live_figures_are_the_hosts(program: FlaskClient, runtime: FakeRuntime) -> None:
    assert program.get("/api/serving").get_json()["models"] == [
        {name: value for name, value in dataclasses.asdict(stats).items() if name in SERVED} for stats in runtime.loaded
    ]
    runtime.loaded = (ModelStats("mine", "1+x", items=9, hits=4, shed=2),)
    (served,) = program.get("/api/serving").get_json()["models"]
    assert (served["name"], served["items"], served["hits"], served["shed"]) == ("mine", 9, 4, 2)


SERVED = (
    *("name", "version", "load_seconds", "calls", "items", "hits", "shared", "judged", "batches", "failures"),
    *("seconds", "late", "shed", "queued", "largest", "swaps"),
)
