"""What a page's texts are, a browser decides: ours are those that Chromium shows."""

from __future__ import annotations

import html
import random
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from backend.network.views.html_tokens import tokens

sync_api = pytest.importorskip("playwright.sync_api")

CHROMIUM = shutil.which("chromium") or ""
PIECES = [
    *("<p>", "</p>", "<b>", "</b>", "<div class='a'>", "</div>", "one ", "two&amp;", "<", "three", '"', "'", ">"),
    *("<!-- x -->", "<!-->", "<!--->", "<!-- a --!>", "<?pi ?>", "<!doctype html>", "</ p>", "<br/>", "</br>"),
    *("<script>var a='<p>x</p>';</script>", "<SCRIPT >x</scriPt >", "<style>p{}</style>", "<textarea>ta</textarea>"),
    *("<title>ti</title>", "<title/>", "<svg>", "</svg>", "<math>", "</math>", "<iframe>if</iframe>", " &lt;b&gt; "),
    *('<a title=foo"bar>', "<a href='x>y'>", '<img alt=a src="b">', "<p a=b/>", "<p =x>", "<p a='", "<p a= >"),
    *("<a\nhref\n=\n'q'\n>", "<p a=\"1\"b='2'>"),
]
NOT_READ = ["iframe", "script", "style", "textarea", "title"]
SHOWN = """([pages, notRead]) => pages.map(page => {
  const made = new DOMParser().parseFromString(page, "text/html")
  const walker = made.createTreeWalker(made, NodeFilter.SHOW_TEXT)
  let text = ""
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (parent.namespaceURI.endsWith("xhtml") && notRead.includes(parent.localName)) continue
    text += walker.currentNode.data
  }
  return text
})"""


def ours(page: str) -> str:
    read = (token for token in tokens(page) if token.kind == "text" and token.name not in NOT_READ)
    return "".join(html.unescape(page[token.start : token.end]) for token in read)


def shown_by_chromium(pages: list[str]) -> list[str]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        shown: list[str] = browser.new_page().evaluate(SHOWN, [pages, NOT_READ])
        browser.close()
    return shown


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM, reason="no chromium on this machine")
def test_odd_pages_have_the_texts_that_chromium_shows() -> None:
    chance = random.Random(5)
    pages = ["".join(chance.choices(PIECES, k=chance.randint(2, 9))) for _ in range(2000)]
    with ThreadPoolExecutor(1) as apart:  # other tests may hold a playwright of their own in this thread
        shown = apart.submit(shown_by_chromium, pages).result()
    wrong = [
        (page, ours(page), text)
        for page, text in zip(pages, shown, strict=True)
        if "".join(ours(page).split()) != "".join(text.split())
    ]
    assert wrong == []
