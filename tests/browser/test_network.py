"""Chromium through the proxy, on a page over real TLS: what is abusive or explicit never reaches the browser."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import os
import shutil
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from playwright.sync_api import Page, sync_playwright

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.errors import NetworkError
from backend.network.environment import Environment
from backend.network.judge import FLOW_HANDLERS, FlowJudge
from backend.network.supervisor import NetworkProxy
from backend.serving.host import ModelHost
from backend.settings import Settings
from device_agent.virtual_phone.content_server import certificates
from device_agent.virtual_phone.window.pictures import Pictures
from tests.browser.conftest import FLAGS

pytestmark = pytest.mark.browser

HOST = "plaza.test"
KIND = "What a lovely morning at the lake"
ABUSE = "you stupid bitch, i hate you"
DIFFERENCE = """async (name) => {
  const pixels = async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return [image.naturalWidth, image.naturalHeight, context.getImageData(0, 0, canvas.width, canvas.height).data];
  };
  const [width, height, shown] = await pixels(document.querySelector(`img[src="/${name}.png"]`).src);
  const [, , meant] = await pixels(document.body.dataset[name]);
  let sum = 0;
  for (let i = 0; i < shown.length; i++) sum += Math.abs(shown[i] - meant[i]);
  return [width, height, sum / shown.length];
}"""
"""Size of a picture that the page shows, and by how much it differs on average from the one that was meant."""


def _png(name: str) -> bytes:
    out = io.BytesIO()
    Pictures(1).draw(name).convert("RGB").save(out, "PNG")
    return out.getvalue()


class Plaza:
    """The test's own HTTPS server: a page with two comments and two pictures."""

    def __init__(self, folder: Path) -> None:
        root = certificates.authority("The plaza's authority")
        identity = certificates.host(root, HOST)
        self.roots, pair = folder / "plaza-ca.pem", folder / "plaza.pem"
        self.roots.write_bytes(root.certificate_pem)
        pair.write_bytes(identity.key_pem + identity.certificate_pem)
        pictures = {"figure": _png("figure/2"), "photo": _png("photo/7")}
        comments = f"<p id=kind>{KIND}</p><p id=abuse>{ABUSE}</p>"
        shown = "".join(f'<img src="/{name}.png">' for name in pictures)
        page = f"<!doctype html><meta charset=utf-8><title>Plaza</title><body>{comments}{shown}</body>".encode()
        files = {"/": ("text/html", page)} | {f"/{name}.png": ("image/png", data) for name, data in pictures.items()}
        self.pictures = pictures

        class Answers(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body = files.get(self.path, ("text/plain", b""))
                self.send_response(200 if self.path in files else 404)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *words: object) -> None:
                """Quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pair)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)


@pytest.fixture
def plaza(tmp_path: Path) -> Iterator[Plaza]:
    server = Plaza(tmp_path)
    yield server
    server.close()


@pytest.fixture
def proxy(tmp_path: Path, plaza: Plaza, pytestconfig: pytest.Config) -> Iterator[NetworkProxy]:
    """mitmproxy for real, judged by the shipped interventions."""
    assert pytestconfig.cache is not None
    given = os.environ.get("MINDPROOF_NETWORK_ENV")
    folder = Path(given) if given else Path(pytestconfig.cache.mkdir("mindproof-network-env"))
    try:
        Environment(folder).ready(lambda text: None)
    except NetworkError as error:
        pytest.skip(f"mitmproxy's environment cannot be made here: {error.message}")
    engine = Engine(Catalog(), ModelHost().load, soft_deadline_s=None, handlers=FLOW_HANDLERS)
    for name in ("hate_speech", "explicit_images"):
        engine.enable(name)
    judge = FlowJudge(engine, lambda entries: None)
    settings = Settings(home=tmp_path / "home", network_env=folder)
    running = NetworkProxy(settings, judge.judge, upstream_ca=plaza.roots)
    running.configure(hosts=(HOST,), types=judge.types(), deadline_ms=60_000, addresses={HOST: plaza.address})
    running.start()
    yield running
    running.stop()
    engine.close()


@pytest.fixture
def page(proxy: NetworkProxy) -> Iterator[Page]:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium on this machine: install it (Debian: apt-get install chromium) to run browser tests")
    routed = [f"--proxy-server=http://127.0.0.1:{proxy.port}", f"--ignore-certificate-errors-spki-list={_spki(proxy)}"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *routed])
        page = browser.new_page()
        page.set_default_timeout(60_000)
        yield page
        browser.close()


def _spki(proxy: NetworkProxy) -> str:
    """SHA-256 of our authority's public key: what Chromium is told to take for good."""
    key = x509.load_pem_x509_certificate(proxy.ca_certificate.read_bytes()).public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return base64.b64encode(hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).digest()).decode()


def test_the_abusive_comment_is_replaced_and_the_explicit_picture_covered(page: Page, plaza: Plaza) -> None:
    page.goto(f"https://{HOST}/", wait_until="load")
    assert page.inner_text("#kind") == KIND
    assert page.inner_text("#abuse").strip() == "[hidden]"
    assert "hate you" not in page.content()
    for name, data in plaza.pictures.items():
        source = "data:image/png;base64," + base64.b64encode(data).decode()
        page.evaluate("([name, source]) => { document.body.dataset[name] = source }", [name, source])
    width, height, difference = page.evaluate(DIFFERENCE, "figure")
    assert (width, height) == (540, 446)
    assert difference > 4
    assert page.evaluate(DIFFERENCE, "photo") == [540, 446, 0]
