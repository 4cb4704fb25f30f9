from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from backend.store.journal import Journal
from backend.web.access import Role
from backend.web.app import create_app
from backend.web.server import Server, serve
from tests.web.fake_runtime import SERIAL, FakeRuntime

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

EXPECTED = re.compile(r"^Failed to load resource: (net::ERR_|.* status of 4\d\d)")

Visit = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser; gone after its module, for Playwright keeps an event loop running in this thread while it lasts."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: install it (Debian: apt-get install chromium) to run browser tests")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[FakeRuntime]:
    with Journal.open(str(tmp_path / "journal.sqlite3")) as journal:
        yield FakeRuntime(journal)


@pytest.fixture
def server(runtime: FakeRuntime) -> Iterator[Server]:
    with serve(create_app(runtime)) as running:
        yield running


@pytest.fixture
def visit(chromium: Browser, server: Server) -> Iterator[Visit]:
    """Logs a fresh browser in and waits for the first picture.

    An error in the page's console fails the test, except a request that was refused or found nobody.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def heard(said: ConsoleMessage) -> None:
        if said.type == "error" and not EXPECTED.search(said.text):
            complaints.append(said.text)

    def enter(role: Role = "researcher", width: int = 1440, height: int = 900, scheme: str = "light") -> Page:
        context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", heard)
        page.goto(server.new_login_url(role, SERIAL if role == "participant" else ""))
        page.wait_for_selector("canvas[data-frame]")
        return page

    yield enter
    for context in contexts:
        context.close()
    assert complaints == []
