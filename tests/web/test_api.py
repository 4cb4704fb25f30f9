"""The API passes on what it is asked, refuses what makes no sense, and describes itself truly."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from backend.serving import ModelStats
from backend.serving.cascade import Escalation
from backend.store.entries import ActionEntry, EventEntry
from backend.web.runtime import Interstitial, StageTimings
from interventions.sdk import Box
from tests.web.fake_runtime import SERIAL, FakeRuntime

PHONE = f"/api/phones/{SERIAL}"


def test_the_openapi_document_is_valid_and_complete(program: FlaskClient) -> None:
    document = program.get("/api/openapi.json").get_json()
    validate(document)
    rules = [rule for rule in program.application.url_map.iter_rules() if str(rule).startswith("/api/")]
    served = {
        (str(rule).replace("<", "{").replace(">", "}"), method.lower())
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if str(rule) != "/api/openapi.json"
    }
    described = {(path, method) for path, item in document["paths"].items() for method in item}
    assert described == served
    for path, item in document["paths"].items():
        for method, operation in item.items():
            assert operation["summary"], (path, method)
            assert {"200", "401", "403"} <= set(operation["responses"]), (path, method)
            assert operation["security"] == [{"session": []}, {"bearer": []}]


def test_phones_are_listed(program: FlaskClient) -> None:
    phones = program.get("/api/phones").get_json()["phones"]
    assert [(phone["serial"], phone["state"]) for phone in phones] == [(SERIAL, "live"), ("R58M", "lost")]
    assert phones[0]["size"] == [1080, 2220]


def test_touches_arrive_in_order(program: FlaskClient, runtime: FakeRuntime) -> None:
    events = [
        {"action": "down", "x": 10, "y": 20},
        {"action": "move", "x": 11, "y": 30},
        {"action": "up", "x": 11, "y": 40},
    ]
    assert program.post(f"{PHONE}/touch", json={"events": events}).get_json() == {"accepted": True}
    assert runtime.asked == [
        ("touch", SERIAL, "down", 10, 20),
        ("touch", SERIAL, "move", 11, 30),
        ("touch", SERIAL, "up", 11, 40),
    ]


def test_a_touch_under_an_interstitial_is_not_accepted(program: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.open(Interstitial(key="k", kind="ask", message="?", answers=("yes",)))
    events = [{"action": "down", "x": 1, "y": 1}]
    assert program.post(f"{PHONE}/touch", json={"events": events}).get_json() == {"accepted": False}


def test_swipes_keys_and_text_are_passed_on(program: FlaskClient, runtime: FakeRuntime) -> None:
    program.post(f"{PHONE}/swipe", json={"start": [1, 2], "end": [3, 4], "duration_s": 0.5})
    program.post(f"{PHONE}/key", json={"key": "back"})
    program.post(f"{PHONE}/text", json={"text": "héllo\n"})
    program.post(f"{PHONE}/resume")
    assert runtime.asked == [
        ("swipe", SERIAL, (1, 2), (3, 4), 0.5),
        ("key", SERIAL, "back"),
        ("text", SERIAL, "héllo\n"),
        ("resume", SERIAL),
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("touch", {"events": []}),
        ("touch", {"events": [{"action": "poke", "x": 1, "y": 1}]}),
        ("touch", {"events": [{"action": "down", "x": 1e9, "y": 1}]}),
        ("touch", {"events": [{"action": "down", "x": "NaN", "y": 1}]}),
        ("touch", {"events": [{"action": "down", "x": 1, "y": 1}] * 201}),
        ("touch", None),
        ("swipe", {"start": [1], "end": [3, 4]}),
        ("swipe", {"start": [1, 2], "end": [3, 4], "duration_s": 0}),
        ("key", {"key": "self_destruct"}),
        ("text", {"text": ""}),
        ("text", {"text": "x" * 2001}),
        ("key", {"key": "back", "and": "more"}),
    ],
)
def test_what_makes_no_sense_is_refused_and_not_passed_on(
    program: FlaskClient, runtime: FakeRuntime, path: str, body: Any
) -> None:
    answer = program.post(f"{PHONE}/{path}", json=body)
    assert answer.status_code == 422
    assert set(answer.get_json()) == {"error", "remedy"}
    assert runtime.asked == []


def test_broken_json_is_refused(program: FlaskClient) -> None:
    answer = program.post(f"{PHONE}/key", data="{", content_type="application/json")
    assert answer.status_code == 422


def test_an_unknown_phone_is_named(program: FlaskClient) -> None:
    answer = program.post("/api/phones/nosuch/key", json={"key": "back"})
    assert answer.status_code == 404
    assert "nosuch" in answer.get_json()["error"]
    assert SERIAL in answer.get_json()["remedy"]


def test_an_interstitial_is_answered(program: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.open(Interstitial(key="gate", kind="delay", message="Wait", seconds=5))
    late = {"key": "older", "choice": "dismiss"}
    assert program.post(f"{PHONE}/answer", json=late).get_json() == {"accepted": False}
    assert program.post(f"{PHONE}/answer", json={"key": "gate", "choice": "leave"}).get_json() == {"accepted": True}
    assert runtime.interstitial is None


def test_interventions_come_with_their_forms(program: FlaskClient) -> None:
    given = program.get("/api/interventions").get_json()
    cover, broken = given["interventions"]
    threshold = next(parameter for parameter in cover["parameters"] if parameter["name"] == "threshold")
    assert (threshold["kind"], threshold["ge"], threshold["le"], threshold["default"]) == ("number", 0, 1, 0.5)
    assert cover["values"]["classes"] == ["hate_speech"]
    assert "ZeroDivisionError" in broken["traceback"]
    assert "hatesonar" in given["models"]


def test_an_intervention_is_changed(program: FlaskClient, runtime: FakeRuntime) -> None:
    change = {"enabled": False, "values": {"threshold": 0.9, "classes": ["offensive_language"]}}
    answer = program.patch("/api/interventions/cover", json=change).get_json()
    assert (answer["enabled"], answer["values"]["threshold"]) == (False, 0.9)
    assert runtime.shown["cover"].values["classes"] == ("offensive_language",)


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"threshold": 2}, 422),
        ({"threshold": "high"}, 422),
        ({"threshold": 0.1, "style": "loud"}, 422),
        ({"nosuch": 1}, 404),
    ],
)
def test_a_wrong_value_changes_nothing(program: FlaskClient, runtime: FakeRuntime, values: Any, status: int) -> None:
    before = dict(runtime.shown["cover"].values)
    answer = program.patch("/api/interventions/cover", json={"values": values, "enabled": False})
    assert answer.status_code == status
    assert next(iter(values)) in answer.get_json()["error"] or "style" in answer.get_json()["error"]
    assert runtime.shown["cover"].values == before
    assert runtime.shown["cover"].enabled


def test_an_unknown_intervention_is_named(program: FlaskClient) -> None:
    answer = program.patch("/api/interventions/nosuch", json={"enabled": True})
    assert answer.status_code == 404
    assert "cover" in answer.get_json()["remedy"]


def test_the_journal_is_searched_and_paged(program: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.journal.append(
        ActionEntry(phone=SERIAL, frame=i, intervention="cover", action="Cover", box=Box(0, i, 9, 20), why=f"line {i}")
        for i in range(30)
    )
    assert runtime.journal.flush()
    first = program.get("/api/journal?kind=action&limit=20").get_json()["records"]
    assert [record["frame"] for record in first] == list(range(29, 9, -1))
    assert first[0]["box"] == {"left": 0, "top": 29, "right": 9, "bottom": 20}
    rest = program.get(f"/api/journal?kind=action&limit=20&before_id={first[-1]['id']}").get_json()["records"]
    assert [record["frame"] for record in rest] == list(range(9, -1, -1))
    assert [r["frame"] for r in program.get("/api/journal?query=LINE+17").get_json()["records"]] == [17]


@pytest.mark.parametrize("query", ["kind=nonsense", "limit=0", "limit=many", "nosuch=1"])
def test_a_search_that_makes_no_sense_is_refused(program: FlaskClient, query: str) -> None:
    assert program.get(f"/api/journal?{query}").status_code == 422


def test_events_give_what_is_new(program: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.journal.append([EventEntry(event="phone.lost"), EventEntry(event="phone.back")])
    assert runtime.journal.flush()
    first, second = program.get("/api/events?after=0").get_json()["records"]
    assert [first["name"], second["name"]] == ["phone.lost", "phone.back"]
    assert program.get(f"/api/events?after={first['id']}").get_json()["records"] == [second]
    assert program.get(f"/api/events?after={second['id']}&timeout_s=0.05").get_json()["records"] == []


def test_the_summary_is_given(program: FlaskClient, runtime: FakeRuntime) -> None:
    summary = program.get("/api/journal/summary").get_json()
    assert (summary["session"], summary["frames"]) == (runtime.journal.session, 0)
    missing = program.get("/api/journal/summary?session=99")
    assert "no session 99" in missing.get_json()["error"]


def test_timings_are_given_as_numbers_and_as_a_plot(program: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.stages = [StageTimings(stage="ocr", points=tuple((float(i), i / 1000) for i in range(101)))]
    (stage,) = program.get("/api/timings").get_json()["stages"]
    assert stage == {"stage": "ocr", "count": 101, "p50_s": 0.05, "p95_s": 0.095}
    for theme in ("light", "dark"):
        plot = program.get(f"/timings.svg?theme={theme}")
        assert plot.mimetype == "image/svg+xml"
        assert b".js" not in plot.data
        assert "default-src 'none'" in plot.headers["Content-Security-Policy"]
    assert program.get("/timings.svg?theme=pink").status_code == 400


def test_metrics_are_prometheus_text(program: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.stages = [StageTimings(stage="ocr", points=((1.0, 0.25),))]
    text = program.get("/metrics").get_data(as_text=True)
    assert f'mindproof_phone_live{{phone="{SERIAL}"}} 1.0' in text
    assert 'mindproof_phone_live{phone="R58M"} 0.0' in text
    assert 'mindproof_intervention_count_total{counter="findings",intervention="cover"} 41.0' in text
    assert 'mindproof_intervention_failed{intervention="broken"} 1.0' in text
    assert 'mindproof_stage_seconds{quantile="0.5",stage="ocr"} 0.25' in text
    assert "mindproof_journal_healthy 1.0" in text


def test_cascades_are_told_beside_the_interventions_and_in_the_metrics(
    program: FlaskClient, runtime: FakeRuntime
) -> None:
    runtime.cascades = [Escalation("a > b", judged=40, escalated=4, answered=3, overturned=1, waiting=1, seconds=2.0)]
    (given,) = program.get("/api/interventions").get_json()["cascades"]
    assert (given["cascade"], given["share"], given["overturned"], given["seconds"]) == ("a > b", 0.1, 1, 2.0)
    text = program.get("/metrics").get_data(as_text=True)
    assert 'mindproof_cascade_escalated_total{cascade="a > b"} 4.0' in text
    assert 'mindproof_cascade_overturned_total{cascade="a > b"} 1.0' in text
    assert 'mindproof_cascade_share{cascade="a > b"} 0.1' in text


def test_metrics_tell_of_every_loaded_model(program: FlaskClient, runtime: FakeRuntime) -> None:
    stats = ModelStats("hatesonar", "1+abc", items=9, queued=3, late=2, shed=1, swaps=1, fixed_s=0.25, largest=64)
    stats.took(1, 0.0005)
    stats.took(5, 0.2)
    runtime.loaded = [stats]
    text = program.get("/metrics").get_data(as_text=True)
    for line in (
        'mindproof_model{model="hatesonar",version="1+abc"} 1.0',
        'mindproof_model_items_total{model="hatesonar"} 9.0',
        'mindproof_model_late_total{model="hatesonar"} 2.0',
        'mindproof_model_shed_total{model="hatesonar"} 1.0',
        'mindproof_model_swaps_total{model="hatesonar"} 1.0',
        'mindproof_model_queued{model="hatesonar"} 3.0',
        'mindproof_model_fixed_seconds{model="hatesonar"} 0.25',
        'mindproof_model_batch_items_bucket{le="1",model="hatesonar"} 1.0',
        'mindproof_model_batch_items_bucket{le="+Inf",model="hatesonar"} 2.0',
        'mindproof_model_batch_items_sum{model="hatesonar"} 6.0',
        'mindproof_model_batch_seconds_bucket{le="0.1",model="hatesonar"} 1.0',
        'mindproof_model_batch_seconds_count{model="hatesonar"} 2.0',
    ):
        assert line in text


def test_an_error_is_json_for_programs_and_a_page_for_people(program: FlaskClient) -> None:
    assert set(program.get("/nosuch").get_json()) == {"error", "remedy"}
    page = program.get("/nosuch", headers={"Accept": "text/html"})
    assert page.mimetype == "text/html"
    assert "Mindproof" in page.get_data(as_text=True)
