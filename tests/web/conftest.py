from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from backend.store.journal import Journal
from backend.web.access import Grant, Role
from backend.web.app import create_app
from backend.web.context import EXTENSION
from backend.web.settings import WebSettings
from tests.web.fake_runtime import SERIAL, FakeRuntime

Login = Callable[[Role], FlaskClient]


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[FakeRuntime]:
    with Journal.open(str(tmp_path / "journal.sqlite3")) as journal:
        yield FakeRuntime(journal)


@pytest.fixture
def app(runtime: FakeRuntime) -> Flask:
    return create_app(runtime, WebSettings(api_token="the-token", poll_timeout_s=0.05))


@pytest.fixture
def login(app: Flask) -> Login:
    """Opens a browser's worth of session for a role."""

    def enter(role: Role) -> FlaskClient:
        client = app.test_client()
        token = app.extensions[EXTENSION].access.new_token(Grant(role, SERIAL if role == "participant" else ""))
        assert client.get(f"/login?token={token}").status_code == 303
        return client

    return enter


@pytest.fixture
def researcher(login: Login) -> FlaskClient:
    return login("researcher")


@pytest.fixture
def participant(login: Login) -> FlaskClient:
    return login("participant")


@pytest.fixture
def program(app: Flask) -> FlaskClient:
    """A client with the API token and no cookie."""
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = "Bearer the-token"
    return client
