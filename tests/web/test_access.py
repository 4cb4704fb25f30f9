"""One-time links let the right browser in, once; sessions do what their role may; nothing else gets in."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.web.access import TRIES, Access, Grant, TooManyTries
from backend.web.context import EXTENSION
from tests.web.fake_runtime import SERIAL, FakeRuntime


def csrf(client: FlaskClient) -> dict[str, str]:
    page = client.get("/").get_data(as_text=True)
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    return {"X-CSRFToken": found[1]}


def token_of(app: Flask, grant: Grant | None = None) -> str:
    token: str = app.extensions[EXTENSION].access.new_token(grant or Grant("researcher"))
    return token


def test_a_stranger_sees_how_to_log_in_and_nothing_else(app: Flask) -> None:
    client = app.test_client()
    answer = client.get("/")
    assert answer.status_code == 401
    assert "login link" in answer.get_data(as_text=True)
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint not in ("static", "pages.home", "pages.login")]
    assert len(rules) > 20
    for rule in rules:
        url = str(rule).replace("<serial>", SERIAL).replace("<name>", "cover")
        method = next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        refused = client.open(url, method=method)
        assert refused.status_code in (400, 401), f"{method} {url} answered {refused.status_code}"


def test_a_link_works_once(app: Flask) -> None:
    link = f"/login?token={token_of(app)}"
    first, second = app.test_client(), app.test_client()
    assert first.head(link).status_code == 200
    assert first.get(link).status_code == 303
    assert first.get("/api/phones").status_code == 200
    assert second.get(link).status_code == 403
    assert second.get("/api/phones").status_code == 401


def test_a_wrong_token_is_refused(app: Flask) -> None:
    client = app.test_client()
    for wrong in ("", "x", token_of(app)[:-1], "é"):
        assert client.get("/login", query_string={"token": wrong}).status_code == 403


def test_guessing_is_slowed_down(app: Flask) -> None:
    client, good = app.test_client(), token_of(app)
    for _ in range(TRIES):
        assert client.get("/login?token=guess").status_code == 403
    refused = client.get("/login?token=guess")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert client.get(f"/login?token={good}").status_code == 429


def test_a_link_lapses() -> None:
    access = Access("api", session_s=60, link_s=60)
    assert access.redeem(access.new_token(Grant("researcher"), lasts_s=-1)) is None
    assert access.redeem(access.new_token(Grant("researcher"))) is not None


def test_a_session_ends_by_itself() -> None:
    access = Access("api", session_s=-1, link_s=60)
    opened = access.redeem(access.new_token(Grant("researcher")))
    assert opened is not None
    assert access.of_session(opened[0]) is None


def test_too_many_tries_say_how_long_to_wait() -> None:
    access = Access("api", session_s=60, link_s=60)
    for _ in range(TRIES):
        access.redeem("guess")
    with pytest.raises(TooManyTries) as caught:
        access.redeem("guess")
    assert 0 < caught.value.wait_s <= 60


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask) -> None:
    cookie = app.test_client().get(f"/login?token={token_of(app)}").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie


def test_a_forged_cookie_is_nobody(app: Flask) -> None:
    client = app.test_client()
    client.set_cookie("mindproof", "eyJpZCI6IngifQ.ZZZ.forged")
    assert client.get("/api/phones").status_code == 401


def test_logging_out_ends_the_session_on_the_server(app: Flask, researcher: FlaskClient) -> None:
    kept = researcher.get_cookie("mindproof")
    assert kept is not None
    assert researcher.post("/logout", headers=csrf(researcher)).status_code == 303
    thief = app.test_client()
    thief.set_cookie("mindproof", kept.value)
    assert thief.get("/api/phones").status_code == 401


def test_a_participant_sees_the_covered_mirror_of_one_phone_only(participant: FlaskClient) -> None:
    assert participant.get(f"/mirror/{SERIAL}/frame").status_code == 200
    assert participant.get(f"/api/phones/{SERIAL}").status_code == 200
    forbidden = [
        f"/raw/{SERIAL}/frame",
        "/mirror/R58M/frame",
        "/api/phones/R58M",
        "/api/phones",
        "/api/interventions",
        "/api/journal",
        "/api/events",
        "/api/timings",
        "/timings.svg",
        "/metrics",
    ]
    assert {url: participant.get(url).status_code for url in forbidden} == dict.fromkeys(forbidden, 403)
    page = participant.get("/").get_data(as_text=True)
    assert "Pause" in page
    assert "Raw" not in page


def test_a_participant_may_stop(participant: FlaskClient, runtime: FakeRuntime) -> None:
    said = {"reason": "enough"}
    paused = participant.post(f"/api/phones/{SERIAL}/pause", json=said, headers=csrf(participant))
    assert paused.status_code == 200
    assert ("pause", SERIAL, "enough") in runtime.asked
    assert participant.get(f"/api/phones/{SERIAL}").get_json()["state"] == "paused"


def test_a_participant_makes_no_links_and_switches_nothing(participant: FlaskClient) -> None:
    headers = csrf(participant)
    assert participant.post("/api/login-links", json={}, headers=headers).status_code == 403
    assert participant.patch("/api/interventions/cover", json={"enabled": False}, headers=headers).status_code == 403


def test_a_researcher_invites_a_participant(app: Flask, researcher: FlaskClient) -> None:
    made = researcher.post("/api/login-links", json={"phone": SERIAL}, headers=csrf(researcher)).get_json()
    guest = app.test_client()
    assert guest.get(made["url"]).status_code == 303
    assert guest.get("/api/session").get_json() == {"role": "participant", "phone": SERIAL}


def test_a_participants_link_needs_a_phone_that_is_there(researcher: FlaskClient) -> None:
    headers = csrf(researcher)
    assert researcher.post("/api/login-links", json={}, headers=headers).status_code == 422
    assert researcher.post("/api/login-links", json={"phone": "nosuch"}, headers=headers).status_code == 404


def test_a_program_comes_in_with_the_api_token(app: Flask, program: FlaskClient) -> None:
    assert program.get("/api/phones").status_code == 200
    assert program.post("/api/login-links", json={"role": "researcher"}).status_code == 200
    wrong = app.test_client()
    assert wrong.get("/api/phones", headers={"Authorization": "Bearer the-tokem"}).status_code == 401
    assert wrong.get("/api/phones", headers={"Authorization": "Basic the-token"}).status_code == 401
