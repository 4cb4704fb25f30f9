"""No picture that a browser may get shows an abusive line, at rest, in a scroll, or on an overloaded machine."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest

from backend.phones.phone import Phone
from backend.phones.virtual import start_virtual_phone
from backend.pipeline.runtime import BackendRuntime
from backend.pipeline.session import PhoneSession
from backend.settings import Settings
from backend.store.journal import Journal
from device_agent import virtual_phone as apps
from interventions.sdk import Box, Line
from tests.pipeline.conftest import until
from tests.pipeline.test_alignment import LIST, SIZE, at_rest, busy

HALF = SIZE[0] // 2
ABUSE = Path(apps.__file__).parent / "apps" / "content" / "abuse.json"
_SWIPES, _MOST_SWIPES = 8, 48
"""So many down the list; then up and down again until a browser has had enough pictures to tell."""
_ENOUGH = 20


@dataclass
class Mirrored:
    """What a browser could have got while the feed scrolled, and how lines look that were abusive or were not."""

    covered: list[np.ndarray] = field(default_factory=list)
    raw: list[np.ndarray] = field(default_factory=list)
    abusive: dict[str, np.ndarray] = field(default_factory=dict)

    def shows(self, pictures: list[np.ndarray]) -> list[tuple[int, str]]:
        """Which pictures show which abusive lines."""
        found = []
        for number, picture in enumerate(pictures):
            for text, look in self.abusive.items():
                if float(cv2.matchTemplate(picture, look, cv2.TM_CCOEFF_NORMED).max()) > 0.8:
                    found.append((number, text))
        return found


@pytest.fixture(scope="module", params=["at ease", "overloaded"])
def mirrored(request, tmp_path_factory) -> Mirrored:
    folder: Path = tmp_path_factory.mktemp("leak")
    settings = Settings(home=folder, port=0, mirror_width=HALF)
    with (
        start_virtual_phone(0, SIZE, accept_first=True) as virtual,
        Phone(virtual.serial, settings.key_folder) as hand,
        Journal.open(f"sqlite:///{folder / 'journal.sqlite3'}") as journal,
    ):
        runtime = BackendRuntime(settings, journal)
        try:
            runtime.start()
            runtime.enable("hate_speech")
            session = runtime.add_phone(virtual.serial)
            hand.shell("am start -W -n org.mindproof.feed/.FeedActivity")
            until(lambda: session.shown is not None and session.shown.app.package == "org.mindproof.feed")
            with busy(3 if request.param == "overloaded" else 0):
                return _scrolled(hand, runtime, session)
        finally:
            runtime.close()


def _scrolled(hand: Phone, runtime: BackendRuntime, session: PhoneSession) -> Mirrored:
    _open_comments(hand, session)
    mirrored, done, looks = Mirrored(), threading.Event(), {}

    def collect(mirror, into: list[np.ndarray]) -> None:
        number = 0
        while not done.is_set():
            picture = mirror.newest(number, 0.2)
            if picture is not None:
                number = picture.number
                into.append(cv2.imdecode(np.frombuffer(picture.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE))

    browsers = [
        threading.Thread(target=collect, args=pair)
        for pair in ((session.mirror, mirrored.covered), (session.raw, mirrored.raw))
    ]
    for browser in browsers:
        browser.start()
    try:
        for at in range(_MOST_SWIPES):
            if at >= _SWIPES and len(mirrored.covered) > _ENOUGH:
                break
            from_y, to_y = (1700, 900) if at // _SWIPES % 2 == 0 else (900, 1700)
            hand.swipe(540, from_y, 540, to_y, 150 if at % 2 else 400)
            looks |= at_rest(hand)
    finally:
        done.set()
        for browser in browsers:
            browser.join()
    abusive = _judged_abusive(runtime, looks)
    mirrored.abusive = {text: _half(look) for text, look in looks.items() if text in abusive and look.std() > 15}
    return mirrored


def _open_comments(hand: Phone, session: PhoneSession) -> None:
    """Go down the feed to a post's comments, open them, and look at them for a moment."""
    for _ in range(12):
        hand.swipe(540, 1700, 540, 1000, 400)
        link = _resting_link(hand)
        if link is not None and link.bottom < LIST[1]:
            hand.tap(*link.centre)
            for _ in range(10):
                at_rest(hand)
                if any(widget.text == "Add a comment" for widget in hand.tree().widgets):
                    until(lambda: _knows_all_it_shows(session, "Add a comment"))
                    return
    pytest.fail("no comments to be opened")


def _resting_link(hand: Phone) -> Box | None:
    """Where comments can be opened, once that does not move any more: a tap on a list that moves only stops it."""
    before: Box | None = None
    for _ in range(40):
        at_rest(hand)
        links = [widget.box for widget in hand.tree().widgets if widget.text.startswith("View all")]
        if not links or links[0] == before:
            break
        before = links[0]
    return links[0] if links else None


def _knows_all_it_shows(session: PhoneSession, text: str) -> bool:
    passed = session._last
    if passed is None or passed.adrift or passed.moved:
        return False
    return any(line.text == text for line in passed.scene.lines)


def _judged_abusive(runtime: BackendRuntime, texts: Iterable[str]) -> set[str]:
    """Those of `texts` that hate_speech hides: what the model judges so is what may not be seen."""
    judge = runtime.judges.host.load("abuse_small")
    known = json.loads(ABUSE.read_text(encoding="utf-8"))["lines"]
    lines = [Line(text, Box(0, 0, 1, 1)) for text in texts if text in known]
    return {line.text for line, score in judge.score(lines, *judge.harmful) if score >= 0.5}


def _half(pixels: np.ndarray) -> np.ndarray:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    return cv2.resize(grey, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)


def test_the_raw_pictures_of_a_fling_show_abusive_lines_so_that_a_leak_would_be_found(mirrored: Mirrored) -> None:
    assert len(mirrored.abusive) >= 2, "the scroll met too little abuse to tell"
    assert len(mirrored.covered) > _ENOUGH
    assert mirrored.shows(mirrored.raw)


def test_no_covered_picture_shows_an_abusive_line(mirrored: Mirrored) -> None:
    assert not mirrored.shows(mirrored.covered)
