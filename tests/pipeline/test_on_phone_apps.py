"""Interventions on the phone's own screen: the real agent in real apps of the virtual phone, decided by the backend."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from backend.benchmarks.leaks import FrameKeeper, count_leaks
from backend.phones.keys import host_key
from backend.phones.virtual import RunningPhone, abusive_lines, start_virtual_phone
from backend.pipeline.on_phone import OnPhone
from backend.pipeline.runtime import BackendRuntime
from backend.pipeline.session import PhoneSession
from backend.settings import Settings
from backend.store.journal import Journal
from tests.pipeline.conftest import until

pytest.importorskip("frida", reason="frida is not installed; pip install 'mindproof[agent]'")

SIZE = (720, 1480)
FEED, CHAT = "org.mindproof.feed", "org.mindproof.chat"


class Deployed:
    """A virtual phone, and a backend that acts on its screen."""

    def __init__(self, phone: RunningPhone, home: Path, journal: Path) -> None:
        self.serial, self.device = phone.serial, phone.device
        self.journal = Journal.open(f"sqlite:///{journal / 'journal.sqlite3'}")
        self.runtime = BackendRuntime(Settings(home=home, port=0, mirror_width=SIZE[0]), self.journal)
        self.session: PhoneSession

    def deploy(self, on: str = "app") -> None:
        self.session = self.runtime.add_phone(self.serial, on)  # type: ignore[arg-type]
        until(lambda: self.on_phone.settled)

    @property
    def on_phone(self) -> OnPhone:
        assert self.session.on_phone is not None
        return self.session.on_phone

    def inside(self, package: str) -> bool:
        return any(one.app.package == package and one.kind == "attached" for one in self.on_phone.state.apps)

    def open(self, app: str, inside: bool = True) -> None:
        """Start an app anew; with an intervention on, wait until the backend sees it by the agent's tree."""
        self.device.force_stop(app)
        self.device.start_activity(app, None)
        if inside and self.session.engine.enabled():
            until(lambda: self.inside(app) and self.session.source.live.on)

    def nodes(self) -> list[dict[str, str]]:
        return [dict(node.attrib) for node in ElementTree.fromstring(self.device.dump_tree()).iter("node")]

    def texts(self) -> list[str]:
        """What the phone's own tree says is on the screen."""
        return [node["text"] for node in self.nodes() if node["text"]]

    def box(self, name: str) -> tuple[int, int, int, int] | None:
        for node in self.nodes():
            if node["resource-id"].endswith(f":id/{name}"):
                return box_of(node)
        return None

    def pixels(self, box: tuple[int, int, int, int] | None = None) -> np.ndarray:
        left, top, right, bottom = box or (0, 0, *SIZE)
        return self.device.screenshot()[top:bottom, left:right, :3]

    def swipe(self, share: float) -> None:
        """Move the content up by `share` of the screen, as a finger does."""
        x, y = SIZE[0] // 2, SIZE[1] // 2
        self.device.swipe(x, int(y + SIZE[1] * share / 2), x, int(y - SIZE[1] * share / 2), 250)

    def rest(self) -> None:
        """Wait until a third of a second passes without a new frame on the phone."""
        frame = self.device.frame_number()
        while (after := self.device.wait_for_frame(frame, 0.35)) != frame:
            frame = after

    def events(self, name: str) -> list[object]:
        self.journal.flush()
        return [record for record in self.journal.search(kind="event") if record.name == name]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by the tests of this module, so that the agent is built once."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def virtual(home: Path) -> Iterator[RunningPhone]:
    with start_virtual_phone(0, SIZE, trusted_keys=host_key(home / "keys").public_path, accept_first=False) as phone:
        yield phone


@pytest.fixture
def deployed(virtual: RunningPhone, home: Path, tmp_path: Path) -> Iterator[Deployed]:
    deployed = Deployed(virtual, home, tmp_path)
    yield deployed
    deployed.runtime.close()


def box_of(node: dict[str, str]) -> tuple[int, int, int, int]:
    left, top, right, bottom = (int(number) for number in re.findall(r"-?\d+", node["bounds"]))
    return left, top, right, bottom


@contextmanager
def keeping(deployed: Deployed) -> Iterator[FrameKeeper]:
    keeper = FrameKeeper(deployed.session.source)
    keeper.start()
    yield keeper
    keeper.stop()


def abusive(texts: list[str]) -> set[str]:
    return set(texts) & set(abusive_lines())


def open_conversation(deployed: Deployed, inside: bool = True) -> None:
    deployed.open(CHAT, inside)
    until(lambda: deployed.box("conversations") is not None)
    deployed.device.tap(SIZE[0] // 2, int(SIZE[1] * 0.815))
    until(lambda: deployed.box("messages") is not None)


def test_an_abusive_line_is_in_no_frame_and_harmless_text_is_shown(deployed: Deployed) -> None:
    deployed.runtime.enable("hate_speech")
    deployed.deploy()
    with keeping(deployed) as keeper:
        open_conversation(deployed)
        for _ in range(2):
            deployed.swipe(-0.5)
            until(lambda: not deployed.on_phone.judge.busy)
    shown = [text for text in deployed.texts() if len(text) > 20]
    assert shown, "harmless text is there to read"
    assert not abusive(deployed.texts())
    assert deployed.on_phone.hidden["hate_speech"] >= 2
    assert len(keeper.kept) >= 5
    assert count_leaks(keeper.kept, abusive_lines()).leaked == 0


def test_switching_off_shows_it_and_leaving_restores_every_view(deployed: Deployed) -> None:
    deployed.deploy()
    open_conversation(deployed)
    until(lambda: len(abusive(deployed.texts())) >= 1)
    deployed.rest()
    before = set(deployed.texts())
    deployed.runtime.enable("hate_speech")
    until(lambda: not abusive(deployed.texts()))
    deployed.runtime.disable("hate_speech")
    until(lambda: before <= set(deployed.texts()))
    deployed.runtime.enable("hate_speech")
    until(lambda: not abusive(deployed.texts()))
    deployed.runtime.remove_phone(deployed.serial)
    until(lambda: before <= set(deployed.texts()))
    assert not any(one.detail for one in deployed.on_phone.state.apps if one.kind == "left")


def test_the_stories_bar_is_gone_in_the_app_and_its_place_takes_no_touch(deployed: Deployed) -> None:
    deployed.deploy()
    deployed.open(FEED)
    until(lambda: deployed.box("stories_bar") is not None)
    bar = deployed.box("stories_bar")
    assert bar is not None
    until(lambda: deployed.pixels(bar).std() > 20)
    deployed.runtime.enable("stories_bar")
    until(lambda: deployed.pixels(bar).std() < 3)
    # The overlay may have had it while the agent came in; then the app itself does.
    until(lambda: any("overlay" not in record.text for record in deployed.events("sink.shown")))  # type: ignore[attr-defined]
    deployed.runtime.disable("stories_bar")
    until(lambda: deployed.pixels(bar).std() > 20)


def test_scrolling_on_and_on_darkens_the_app_itself(deployed: Deployed) -> None:
    deployed.runtime.enable("endless_scroll", {"screens": 0.3, "step": 0.5, "most": 0.6, "question": ""})
    deployed.deploy()
    deployed.open(FEED)
    bright = float(deployed.pixels().mean())

    def darker() -> bool:
        deployed.swipe(0.6)
        return float(deployed.pixels().mean()) < 0.75 * bright

    until(darker)
    deployed.runtime.disable("endless_scroll")
    until(lambda: float(deployed.pixels().mean()) > 0.75 * bright)


def test_a_gate_opens_in_the_app_and_its_answer_comes_back(deployed: Deployed) -> None:
    deployed.runtime.enable("app_gate", {"packages": [FEED], "seconds": 0.0, "message": "Take a breath now"})
    deployed.deploy()
    deployed.open(FEED)
    until(lambda: any("Take a breath now" in text for text in deployed.texts()))
    (button,) = [node for node in deployed.nodes() if node["text"] == "Continue"]
    left, top, right, bottom = box_of(button)
    deployed.device.tap((left + right) // 2, (top + bottom) // 2)
    until(lambda: deployed.session.interstitials.current is None)
    until(lambda: not any("Take a breath now" in text for text in deployed.texts()))
    assert [record.text for record in deployed.events("answer.given")] == ["dismiss"]


def test_what_an_app_showed_before_the_agent_came_is_covered_once_it_is_in(deployed: Deployed) -> None:
    open_conversation(deployed, inside=False)
    until(lambda: bool(abusive(deployed.texts())))
    deployed.runtime.enable("hate_speech", apps=[CHAT])
    deployed.deploy()
    assert deployed.inside(CHAT)
    until(lambda: not abusive(deployed.texts()))


def test_another_app_in_scope_leaves_those_alone_that_the_agent_is_in(deployed: Deployed) -> None:
    deployed.runtime.enable("hate_speech", apps=[CHAT])
    deployed.deploy()
    open_conversation(deployed)
    until(lambda: deployed.on_phone.hidden["hate_speech"] >= 1)
    attached = len(deployed.events("agent.attached"))
    with keeping(deployed) as keeper:
        deployed.runtime.enable("stories_bar", apps=[FEED])
        deployed.device.start_activity(FEED, None)
        until(lambda: deployed.inside(FEED))
        deployed.device.start_activity(CHAT, None)
        until(lambda: not deployed.on_phone.judge.busy)
    new = [record.app for record in deployed.events("agent.attached")[: -attached or None]]  # type: ignore[attr-defined]
    assert new == [FEED]
    assert count_leaks(keeper.kept, abusive_lines()).leaked == 0
    deployed.runtime.disable("stories_bar")
    until(lambda: not deployed.inside(FEED))
    assert deployed.inside(CHAT)


def test_a_paused_phone_shows_everything_until_it_goes_on(deployed: Deployed) -> None:
    deployed.runtime.enable("hate_speech")
    deployed.deploy()
    open_conversation(deployed)
    until(lambda: deployed.on_phone.hidden["hate_speech"] >= 1)
    deployed.runtime.pause(deployed.serial, "stopped by the participant")
    until(lambda: bool(abusive(deployed.texts())))
    deployed.runtime.resume(deployed.serial)
    until(lambda: not abusive(deployed.texts()))


def test_an_overlay_covers_in_an_app_that_nobody_enters_and_follows_what_moves(deployed: Deployed) -> None:
    deployed.runtime.enable("hate_speech")
    deployed.deploy("overlay")
    open_conversation(deployed, inside=False)
    until(lambda: bool(abusive(deployed.texts())))
    assert not deployed.inside(CHAT)
    until(lambda: all(is_plain(deployed.pixels(box)) for box in abusive_boxes(deployed)))
    assert len(deployed.on_phone.drawn) >= 1
    deployed.swipe(-0.3)
    deployed.rest()
    until(lambda: all(is_plain(deployed.pixels(box)) for box in abusive_boxes(deployed)))
    deployed.runtime.disable("hate_speech")
    until(lambda: all(not is_plain(deployed.pixels(box)) for box in abusive_boxes(deployed)))


def test_a_saved_intervention_judges_everything_anew(deployed: Deployed) -> None:
    folder = deployed.runtime.settings.home / "interventions" / "landed"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.toml").write_text('name = "landed"\ntitle = "Landed"\n')
    code = (
        "from interventions.sdk import *\nclass It(Intervention):\n    def on_text(self, lines):\n"
        "        return [Replace(line.box, 'gone') for line in lines if 'landed' in line.text]\n"
    )
    (folder / "intervention.py").write_text(code)
    deployed.runtime.start()
    deployed.runtime.enable("landed")
    deployed.deploy()
    open_conversation(deployed)
    until(lambda: "gone" in deployed.texts())
    (folder / "intervention.py").write_text(code.replace("'gone'", "'away'"))
    until(lambda: "away" in deployed.texts() and "gone" not in deployed.texts())


def abusive_boxes(deployed: Deployed) -> list[tuple[int, int, int, int]]:
    return [box_of(node) for node in deployed.nodes() if abusive([node["text"]])]


def is_plain(pixels: np.ndarray) -> bool:
    return float(pixels[6:-6, 12:-12].std()) < 3
