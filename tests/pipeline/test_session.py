"""From a phone behind the real ADB protocol to the picture a browser receives, and back."""

from __future__ import annotations

import pytest

from backend.engine.scaffold import scaffold
from backend.errors import InterventionError, PhoneError
from tests.pipeline.conftest import INSULT, KIND, screen, until


def events(watched, name):
    watched.journal.flush()
    return [record for record in watched.journal.search(kind="event") if record.name == name]


def test_an_abusive_line_is_covered_its_neighbour_is_not_and_switching_off_uncovers_it(watched):
    watched.runtime.enable("hate_speech")
    watched.watch()
    until(lambda: watched.ink(1) < 60 < watched.ink(0))
    watched.runtime.disable("hate_speech")
    until(lambda: watched.ink(1) > 150)
    watched.runtime.enable("hate_speech")
    until(lambda: watched.ink(1) < 60 < watched.ink(0))


def test_what_appears_is_covered_from_its_first_picture_on(watched):
    watched.runtime.enable("hate_speech")
    watched.watch()
    until(lambda: watched.ink(1) < 60)
    watched.device.show(*screen(KIND, KIND, INSULT))
    seen = []
    until(lambda: bool(seen.append(watched.ink(2)) or watched.ink(1) > 150))
    assert max(seen) < 60


def test_findings_reach_the_journal_without_the_text(watched):
    watched.runtime.enable("hate_speech")
    watched.watch()
    until(lambda: watched.ink(1) < 60)
    watched.journal.flush()
    found = watched.journal.search(kind="finding", intervention="hate_speech")
    assert len(found) == 1
    assert 0.5 <= found[0].score <= 1
    assert "worthless" not in repr(watched.journal.search())


def test_a_broken_intervention_shows_its_traceback_and_comes_back_when_mended(watched):
    folder = watched.folder / "interventions" / "broken"
    folder.mkdir()
    (folder / "manifest.toml").write_text('name = "broken"\ntitle = "Broken"\n')
    code = "from interventions.sdk import *\nclass It(Intervention):\n    def on_text(self, lines):\n        "
    (folder / "intervention.py").write_text(code + "1 / 0\n")
    watched.runtime.enable("hate_speech")
    watched.runtime.enable("broken")
    watched.watch()
    until(lambda: watched.ink(1) < 60)
    (view,) = [view for view in watched.runtime.interventions() if view.name == "broken"]
    assert "ZeroDivisionError" in view.error
    assert "intervention.py" in view.traceback
    (folder / "intervention.py").write_text(code + "return [Cover(line.box) for line in lines]\n")
    until(lambda: watched.ink(0) < 60)
    assert events(watched, "intervention.failed")


def test_an_intervention_made_by_new_runs_live_and_follows_every_save(watched):
    folder = scaffold("loud", watched.folder / "interventions")
    watched.device.show(*screen("GOOD MORNING EVERYBODY", KIND))
    watched.runtime.enable("loud")
    watched.watch()
    until(lambda: watched.ink(0) < 60 < watched.ink(1))
    code = (folder / "intervention.py").read_text()
    (folder / "intervention.py").write_text(code.replace("line.text.isupper()", "line.text.islower()"))
    until(lambda: watched.ink(1) < 60 < watched.ink(0))
    (folder / "intervention.py").write_text(code.replace("line.text.isupper()", "line.text.isupper("))
    until(lambda: any("line" in view.error for view in watched.runtime.interventions() if view.name == "loud"))
    assert watched.ink(1) < 60, "code that does not compile leaves the old one running"


def test_touches_reach_the_phone_unless_an_interstitial_is_open(watched):
    watched.runtime.enable("app_gate", {"packages": ["org.mindproof.still"], "seconds": 0.5})
    watched.watch()
    until(lambda: watched.runtime.session(watched.serial).interstitials.current is not None)
    image = watched.runtime.mirror(watched.serial).newest(0, 20.0)
    assert image.interstitial.kind == "delay"
    assert not watched.runtime.touch(watched.serial, "down", 100, 100)
    assert watched.device.touches == []
    until(lambda: watched.runtime.answer(watched.serial, image.interstitial.key, "dismiss"))
    assert watched.runtime.touch(watched.serial, "down", 100, 100)
    assert watched.runtime.touch(watched.serial, "up", 100, 100)
    until(lambda: len(watched.device.touches) == 2)
    assert events(watched, "answer.given")


def test_a_participant_can_stop_and_go_on(watched):
    watched.runtime.enable("hate_speech")
    watched.watch()
    until(lambda: watched.ink(0) > 100)
    watched.runtime.pause(watched.serial, "stopped by the participant")
    until(lambda: watched.ink(0) == 0)
    assert not watched.runtime.touch(watched.serial, "down", 10, 10)
    assert watched.runtime.phones()[0].state == "paused"
    watched.runtime.resume(watched.serial)
    until(lambda: watched.ink(0) > 100 and watched.ink(1) < 60)


def test_what_is_asked_on_a_still_screen_is_opened(watched):
    folder = watched.folder / "interventions" / "patient"
    folder.mkdir()
    (folder / "manifest.toml").write_text('name = "patient"\ntitle = "Patient"\n')
    (folder / "intervention.py").write_text(
        "from interventions.sdk import *\nclass It(Intervention):\n    ticks = 0\n"
        "    def on_tick(self, now):\n"
        "        self.ticks += 1\n"
        "        if self.ticks == 2:\n            yield Ask('Still there?', ('yes',), key='q')\n"
    )
    watched.runtime.enable("patient")
    watched.watch()
    until(lambda: watched.runtime.session(watched.serial).interstitials.current is not None)
    assert watched.runtime.answer(watched.serial, "patient:q", "yes")


def test_names_that_are_not_there_are_told_with_those_that_are(watched):
    watched.watch()
    with pytest.raises(PhoneError, match=f"watched are: {watched.serial}"):
        watched.runtime.mirror("emulator-1")
    with pytest.raises(InterventionError, match="known are: "):
        watched.runtime.enable("no_such_thing")
    with pytest.raises(PhoneError, match="is watched already"):
        watched.watch()
