"""Other sites cannot use a researcher's session, and every answer is locked down."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.fake_runtime import SERIAL, FakeRuntime
from tests.web.test_access import csrf

CHANGE = "/api/interventions/cover"


def test_a_change_needs_the_csrf_token(researcher: FlaskClient, runtime: FakeRuntime) -> None:
    refused = researcher.patch(CHANGE, json={"enabled": False})
    assert refused.status_code == 400
    assert "CSRF" in refused.get_json()["error"]
    assert researcher.patch(CHANGE, json={"enabled": False}, headers={"X-CSRFToken": "x"}).status_code == 400
    assert runtime.shown["cover"].enabled
    assert researcher.patch(CHANGE, json={"enabled": False}, headers=csrf(researcher)).status_code == 200
    assert not runtime.shown["cover"].enabled


def test_one_sessions_csrf_token_is_of_no_use_to_another(researcher: FlaskClient, participant: FlaskClient) -> None:
    stolen = csrf(participant)
    assert researcher.patch(CHANGE, json={"enabled": False}, headers=stolen).status_code == 400


@pytest.mark.parametrize("origin", ["http://evil.example", "http://localhost:3000", "null"])
def test_a_change_from_another_origin_is_refused(researcher: FlaskClient, origin: str) -> None:
    headers = csrf(researcher) | {"Origin": origin}
    assert researcher.patch(CHANGE, json={"enabled": False}, headers=headers).status_code == 403


def test_a_change_from_our_own_origin_is_taken(researcher: FlaskClient) -> None:
    headers = csrf(researcher) | {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert researcher.patch(CHANGE, json={"enabled": False}, headers=headers).status_code == 200


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_another_site_can_link_to_the_page_but_embed_nothing(researcher: FlaskClient, site: str) -> None:
    embedded = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
    assert researcher.get(f"/mirror/{SERIAL}/frame", headers=embedded).status_code == 403
    assert researcher.get("/", headers={"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate"}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "10.0.0.1", "[::1]"])
@pytest.mark.parametrize("accept", ["application/json", "text/html"])
def test_a_name_that_was_rebound_to_us_is_refused(researcher: FlaskClient, host: str, accept: str) -> None:
    answer = researcher.get("/api/phones", headers={"Host": host, "Accept": accept})
    assert answer.status_code == 400


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:9"])
def test_loopback_names_are_served(program: FlaskClient, host: str) -> None:
    assert program.get("/api/phones", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "url", ["/", "/login", "/api/phones", f"/mirror/{SERIAL}/frame", "/static/base.css", "/nosuch"]
)
def test_every_answer_carries_the_security_headers(researcher: FlaskClient, url: str) -> None:
    headers = researcher.get(url).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_frames_are_never_cached(researcher: FlaskClient) -> None:
    assert researcher.get(f"/mirror/{SERIAL}/frame").headers["Cache-Control"] == "no-store"


def test_a_view_that_names_no_role_is_closed(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    program = app.test_client()
    answer = program.get("/forgotten", headers={"Authorization": "Bearer the-token"})
    assert answer.status_code == 403
    assert program.get("/forgotten").status_code == 401


def test_a_bug_shows_no_traceback(app: Flask, program: FlaskClient, runtime: FakeRuntime) -> None:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    runtime.phones = None  # type: ignore[assignment, method-assign]
    answer = program.get("/api/phones")
    assert answer.status_code == 500
    assert set(answer.get_json()) == {"error", "remedy"}
    assert "Traceback" not in answer.get_data(as_text=True)
