"""An intervention that throws, hangs or floods is isolated, reported with its traceback, and the rest carry on."""

from __future__ import annotations

import pytest

from backend.errors import InterventionError
from interventions.sdk.testing import scene

COVER_ALL = """
def on_text(self, lines):
    for line in lines:
        yield Cover(line.box)
"""


def names(decision):
    return [decided.intervention for decided in decision.standing]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("def on_text(self, lines):\n    return 1 / 0\n", "ZeroDivisionError"),
        ("def on_text(self, lines):\n    yield 'cover it'\n", "which is no action"),
        (
            "def on_text(self, lines):\n    while True:\n        yield Cover(lines[0].box)\n",
            "more than 50 actions",
        ),
        ("def on_text(self, lines):\n    while True:\n        pass\n", "on_text"),
        ("def on_text(self, lines):\n    time.sleep(30)\n", "time.sleep(30)"),
    ],
    ids=["throws", "yields nonsense", "floods", "hangs in a loop", "hangs in a call"],
)
def test_a_broken_intervention_is_suspended_and_its_neighbour_goes_on(bench, body, said):
    bench.write("broken", body)
    bench.write("sound", COVER_ALL)
    engine = bench.engine(max_actions=50, hard_deadline_s=0.5)
    engine.enable("broken")
    engine.enable("sound")
    decision = engine.decide(scene("one line", number=1))
    assert names(decision).count("sound") == 1
    assert [failure.intervention for failure in decision.failures] == ["broken"]
    assert said in decision.failures[0].traceback
    assert engine.enabled() == ["sound"]
    assert ("failed", "broken") in bench.kinds()
    assert engine.decide(scene("another", number=2)).failures == ()
    status = {status.name: status for status in engine.status()}
    assert said in status["broken"].error
    assert not status["broken"].enabled


def test_the_traceback_begins_in_the_authors_code(bench):
    bench.write("broken", "def on_text(self, lines):\n    return 1 / 0\n")
    engine = bench.engine()
    engine.enable("broken")
    traceback = engine.decide(scene("text")).failures[0].traceback
    assert "intervention.py" in traceback
    assert "runner.py" not in traceback


def test_a_suspended_intervention_can_be_switched_on_again(bench):
    bench.write(
        "moody",
        "def on_text(self, lines):\n    if self.scene.number == 1:\n        1 / 0\n    yield Cover(lines[0].box)\n",
    )
    engine = bench.engine()
    engine.enable("moody")
    assert engine.decide(scene("text", number=1)).failures
    engine.enable("moody")
    assert names(engine.decide(scene("text", number=2))) == ["moody"]


def test_a_syntax_error_names_file_and_line_and_leaves_the_old_code_running(bench):
    folder = bench.write("edited", COVER_ALL)
    engine = bench.engine()
    engine.enable("edited")
    (folder / "intervention.py").write_text("from interventions.sdk import *\nclass It(Intervention)\n    pass\n")
    assert not engine.reload("edited")
    assert bench.events[-1].kind == "refused"
    assert "intervention.py, line 2" in bench.events[-1].text
    assert names(engine.decide(scene("text"))) == ["edited"]


def test_an_intervention_that_does_not_load_is_refused_with_its_reason(bench):
    bench.write("absent", COVER_ALL, entry="nowhere:It")
    bench.write("importless", COVER_ALL)
    (bench.folder / "importless" / "intervention.py").write_text("import no_such_module\n")
    engine = bench.engine()
    with pytest.raises(InterventionError, match=r"nowhere\.py is missing"):
        engine.enable("absent")
    with pytest.raises(InterventionError, match="no_such_module"):
        engine.enable("importless")
    with pytest.raises(InterventionError, match="known are: absent, importless"):
        engine.enable("unheard_of")
