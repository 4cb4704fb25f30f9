"""A runtime with pictures but no phone: all that the page needs, and a record of what the page asked for."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image as Pictures
from PIL import ImageDraw

from backend.annotations.correcting import Correcting
from backend.annotations.teaching import Covered, Teaching
from backend.annotations.teaching import Screen as AnnotatedScreen
from backend.errors import InterventionError
from backend.serving import ModelStats
from backend.serving.cascade import Escalation
from backend.store.entries import EventEntry
from backend.store.journal import Journal
from backend.web.runtime import (
    Image,
    Interstitial,
    InterventionView,
    Key,
    PhoneView,
    StageTimings,
    Touch,
)
from interventions.sdk import Box, Line, Parameter
from tests.annotations.screens import feed

SERIAL = "127.0.0.1:5555"
SIZE = (1080, 2220)
SECRET = Box(120, 900, 960, 1100)
"""Where the fake screen shows what the fake intervention covers: pure red, found nowhere else."""

PARAMETERS = (
    Parameter("judge", "model", "hatesonar", "classifier that judges a line"),
    Parameter("threshold", "number", 0.5, "cover from this score on", 0, 1),
    Parameter("rows", "integer", 3, "rows covered at most", 1, None),
    Parameter("style", "choice", "solid", "how it is covered", choices=("solid", "blur", "inpaint")),
    Parameter("whole_paragraph", "flag", True, "cover the lines that read on"),
    Parameter("classes", "list", ("hate_speech",), "", choices=("hate_speech", "offensive_language")),
    Parameter("exempt", "list", (), "accounts that are never covered, one a line"),
    Parameter("note", "text", "", "written on the cover"),
)


def drawn_screen() -> Pictures.Image:
    """A screen of nothing in particular, with something red on it."""
    picture = Pictures.new("RGB", SIZE, "#f2f2f2")
    draw = ImageDraw.Draw(picture)
    for row in range(8):
        draw.rectangle((60, 140 + row * 250, 1020, 340 + row * 250), fill="#ffffff", outline="#d0d0d0")
    draw.rectangle((SECRET.left, SECRET.top, SECRET.right - 1, SECRET.bottom - 1), fill="#ff0000")
    return picture


class FakePictures:
    """A source whose newest picture is set by the test."""

    def __init__(self) -> None:
        self._newest: Image | None = None
        self._changed = threading.Condition()

    def put(self, image: Image) -> None:
        with self._changed:
            self._newest = image
            self._changed.notify_all()

    def newest(self, after: int, timeout_s: float) -> Image | None:
        with self._changed:
            self._changed.wait_for(lambda: self._newest is not None and self._newest.number > after, timeout_s)
            return self._newest if self._newest is not None and self._newest.number > after else None


class FakeRuntime:
    """Composes like the real one: while `cover` is on, the mirror holds no red."""

    def __init__(self, journal: Journal, screen: Pictures.Image | None = None, cover: Box = SECRET) -> None:
        self._journal, self._screen, self._cover = journal, screen or drawn_screen(), cover
        self._guard = threading.RLock()
        self._number = 0
        self._mirror, self._raw = FakePictures(), FakePictures()
        self.asked: list[tuple[Any, ...]] = []
        self.interstitial: Interstitial | None = None
        self.notices: tuple[str, ...] = ()
        self.listed = [
            PhoneView(serial=SERIAL, name="Virtual phone", state="live", app="org.mindproof.feed", size=SIZE, fps=9.5),
            PhoneView(serial="R58M", name="Pixel 6", state="lost", reason="unplugged; looking for it every 5 s"),
        ]
        self.shown = {
            "cover": InterventionView(
                name="cover",
                doc="Cover abusive lines in any app.",
                apps=("*",),
                enabled=True,
                parameters=PARAMETERS,
                values={parameter.name: parameter.default for parameter in PARAMETERS},
                counters={"findings": 41, "actions": 37, "late": 1},
            ),
            "broken": InterventionView(
                name="broken",
                doc="Fails on purpose.",
                apps=("org.example.*",),
                enabled=False,
                error="broken failed in on_text: ZeroDivisionError: division by zero",
                traceback='Traceback (most recent call last):\n  File "broken/intervention.py", line 9, in on_text\n'
                "    1 / 0\nZeroDivisionError: division by zero",
            ),
        }
        self._keys = TemporaryDirectory(prefix="keys-")
        self.key_folder = Path(self._keys.name)
        self.teaching = Teaching(
            journal.annotations,
            self._shown,
            lambda lessons, new: self.asked.append(("lessons", *lessons)),
            lambda event, serial, message: None,
        )
        self.correcting = Correcting(
            journal.corrections,
            self.teaching,
            lambda name: name == "cover",
            lambda harmful: self.asked.append(("heed", harmful)),
            lambda event, serial, message: None,
        )
        self.stages: list[StageTimings] = []
        self.loaded: list[ModelStats] = []
        self.cascades: list[Escalation] = []
        self.compose()

    def _shown(self, serial: str) -> AnnotatedScreen:
        """A feed with its texts, and the cover over a line of text beside it."""
        scene = feed()
        lines = [Line(widget.text, widget.box, widget=widget.index) for widget in scene.widgets if widget.text]
        lines.append(Line("what nobody should read", self._cover))
        covers = (Covered(self._cover, "cover"),) if self.shown["cover"].enabled else ()
        return AnnotatedScreen(replace(scene, lines=tuple(lines), pixels=np.asarray(self._screen)), covers)

    # -- what tests turn

    def compose(self) -> None:
        """Take a new picture."""
        with self._guard:
            self._number += 1
            self._raw.put(self._image(self._screen))
            covered = self._screen.copy()
            if self.shown["cover"].enabled:
                box = self._cover
                ImageDraw.Draw(covered).rectangle((box.left, box.top, box.right - 1, box.bottom - 1), fill="#20302a")
            self._mirror.put(self._image(covered))

    def start_over(self) -> None:
        """What a phone does that was taken up anew: its pictures are counted from the beginning."""
        with self._guard:
            self._number = 0
            self._mirror, self._raw = FakePictures(), FakePictures()
            self.compose()

    def open(self, interstitial: Interstitial | None) -> None:
        with self._guard:
            self.interstitial = interstitial
            self.compose()

    # -- Runtime

    @property
    def journal(self) -> Journal:
        return self._journal

    def phones(self) -> Sequence[PhoneView]:
        return list(self.listed)

    def mirror(self, serial: str) -> FakePictures:
        return self._mirror if serial == SERIAL else FakePictures()

    def raw(self, serial: str) -> FakePictures:
        return self._raw if serial == SERIAL else FakePictures()

    def touch(self, serial: str, action: Touch, x: int, y: int) -> bool:
        self._note("touch", serial, action, x, y)
        return self.interstitial is None

    def swipe(self, serial: str, start: tuple[int, int], end: tuple[int, int], duration_s: float) -> bool:
        self._note("swipe", serial, start, end, duration_s)
        return self.interstitial is None

    def key(self, serial: str, name: Key) -> None:
        self._note("key", serial, name)

    def text(self, serial: str, text: str) -> None:
        self._note("text", serial, text)

    def answer(self, serial: str, key: str, choice: str) -> bool:
        self._note("answer", serial, key, choice)
        if self.interstitial is None or self.interstitial.key != key:
            return False
        self.journal.append([EventEntry(event="answer.given", message=f"{key}: {choice}", phone=serial)])
        self.open(None)
        return True

    def pause(self, serial: str, reason: str) -> None:
        self._note("pause", serial, reason)
        self._set_state(serial, "paused", reason)

    def resume(self, serial: str) -> None:
        self._note("resume", serial)
        self._set_state(serial, "live", "")

    def interventions(self) -> Sequence[InterventionView]:
        return list(self.shown.values())

    def enable(self, name: str) -> None:
        self._switch(name, True)

    def disable(self, name: str) -> None:
        self._switch(name, False)

    def set_values(self, name: str, values: Mapping[str, Any]) -> None:
        view = self.shown[name]
        declared = {parameter.name: parameter for parameter in view.parameters}
        for given in values:
            if given not in declared:
                raise InterventionError(f"{name} has no parameter {given!r}", "it takes: " + ", ".join(declared))
        checked = {given: declared[given].check(value) for given, value in values.items()}
        self.shown[name] = replace(view, values={**view.values, **checked})
        self._note("set_values", name, checked)

    def models(self) -> Sequence[str]:
        return ("hatesonar", "opennsfw", "nudenet")

    def model_stats(self) -> Sequence[ModelStats]:
        return self.loaded

    def escalations(self) -> Sequence[Escalation]:
        return self.cascades

    def timings(self) -> Sequence[StageTimings]:
        return self.stages

    def _note(self, *asked: Any) -> None:
        with self._guard:
            self.asked.append(asked)

    def _switch(self, name: str, enabled: bool) -> None:
        self._note("switch", name, enabled)
        self.shown[name] = replace(self.shown[name], enabled=enabled)
        word = "enabled" if enabled else "disabled"
        self.journal.append([EventEntry(event=f"intervention.{word}", intervention=name, message=f"{name} was {word}")])
        self.compose()

    def _set_state(self, serial: str, state: Any, reason: str) -> None:
        self.listed = [
            replace(view, state=state, reason=reason) if view.serial == serial else view for view in self.listed
        ]

    def _image(self, picture: Pictures.Image) -> Image:
        small, jpeg = picture.resize((540, 540 * picture.height // picture.width)), io.BytesIO()
        small.save(jpeg, "JPEG", quality=85)
        return Image(
            number=self._number,
            jpeg=jpeg.getvalue(),
            width=picture.width,
            height=picture.height,
            time_s=time.monotonic(),
            interstitial=self.interstitial,
            notices=self.notices,
        )
