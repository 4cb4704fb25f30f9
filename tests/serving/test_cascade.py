"""A cascade: what the cheap judge is unsure of goes to the expensive one, which nobody waits for in a live backend."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import ModelError
from backend.modelling.examples import Columns
from backend.modelling.fitting import evaluate_model
from backend.serving import ModelHost
from backend.serving.cascade import CascadeHandle, Cascades, Plan, Second, parse
from backend.serving.cascade_estimator import CascadeEstimator, open_judge
from backend.serving.second_opinion import SecondOpinions
from interventions.sdk.testing import scene
from tests.serving.stub import Stub

CHEAP = {"surely bad": 0.95, "maybe bad": 0.6, "maybe fine": 0.4, "fine": 0.02}


def stub(judge: Callable[[str], float], *, harmful: tuple[str, ...] = ("bad",), **given) -> Stub:
    made = Stub(judge, **given)
    made.card = made.card.changed(harmful=harmful)
    return made


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.005)


class Heard:
    """What a live cascade told."""

    def __init__(self) -> None:
        self.seconds: list[Second] = []

    def __call__(self, cascade: str, seconds: Sequence[Second]) -> None:
        self.seconds += seconds


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def live(heard) -> Iterator[Cascades]:
    cascades = Cascades(heard)
    yield cascades
    cascades.close()


def host_of(cheap: Stub, expensive: Stub, cascades: Cascades | None = None) -> ModelHost:
    host = ModelHost(resolvers=[cascades] if cascades else None)
    host.swap("cheap", cheap)
    host.swap("dear", expensive)
    return host


# -- the name --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("a > b", Plan("a", "b", 0.3, 0.7)),
        ("abuse_small>bloom @0.15", Plan("abuse_small", "bloom", 0.35, 0.65)),
        ("a > b@0.55-0.85", Plan("a", "b", 0.55, 0.85)),
        ("./one folder > /models/b @ .5", Plan("./one folder", "/models/b", 0.0, 1.0)),
        ("hatesonar", None),
    ],
)
def test_a_name_says_which_two_and_when_the_first_is_unsure(name, plan):
    assert parse(name) == plan


@pytest.mark.parametrize("name", ["a >", "> b", "a > b > c", "a > b @0.6", "a > b @0.8-0.2", "a > b @", "a > b @1-2"])
def test_a_name_that_is_none_says_how_to_write_it(name):
    with pytest.raises(ModelError) as caught:
        parse(name)
    assert "CHEAP > EXPENSIVE" in caught.value.remedy


@given(st.text(max_size=30))
def test_any_text_is_a_plan_no_cascade_or_one_clear_error(text):
    try:
        plan = parse(text)
    except ModelError as error:
        assert (">" in text, bool(error.remedy)) == (True, True)  # noqa: PT017 - either is right
    else:
        assert (plan is None) == (">" not in text)


def test_a_part_that_is_missing_or_judges_no_texts_is_named(live):
    host = host_of(stub(CHEAP.get), stub(CHEAP.get), live)
    with pytest.raises(ModelError, match="no model 'nobody'"):
        host.load("cheap > nobody")
    with pytest.raises(ModelError, match="nudenet is no judge of texts"):
        host.load("cheap > nudenet")
    host.swap("silent", stub(CHEAP.get, harmful=()))
    with pytest.raises(ModelError, match="card of silent does not say which of its classes are harmful"):
        host.load("cheap > silent")


# -- who is asked ----------------------------------------------------------------------------------


def test_only_what_the_first_is_unsure_of_is_asked_and_the_second_then_counts():
    dear = stub(lambda text: 0.9 if text == "maybe fine" else 0.1)
    judge = host_of(stub(CHEAP.get), dear).load("cheap > dear")
    scores = [score for _, score in judge.score(scene(*CHEAP).lines, "bad")]
    assert scores == pytest.approx([0.95, 0.1, 0.9, 0.02])
    assert dear.batches == [2]
    used = judge.escalation
    assert (used.judged, used.escalated, used.answered, used.overturned) == (4, 2, 2, 2)
    assert used.share == 0.5


def test_a_text_counts_once_however_often_it_is_seen():
    judge = host_of(stub(CHEAP.get), stub(lambda text: 0.9)).load("cheap > dear")
    for _ in range(3):
        judge.probabilities(list(CHEAP))
    used = judge.escalation
    assert (used.judged, used.escalated, used.answered, used.overturned) == (4, 2, 2, 1)


def test_other_class_names_are_taken_by_the_harm_that_the_cards_name():
    cheap = stub(lambda text: 0.5, classes=("hate", "rude", "fine"), harmful=("hate", "rude"))
    dear = stub(lambda text: 0.8, classes=("neither", "abuse"), harmful=("abuse",))
    judge = host_of(cheap, dear).load("cheap > dear @0.5")
    assert judge.classes == ("hate", "rude", "fine")
    assert judge.harmful == ("hate", "rude")
    (row,) = judge.probabilities(["a text"])
    assert row[0] + row[1] == pytest.approx(0.8)
    assert sum(row) == pytest.approx(1.0)


@given(
    st.lists(st.floats(0.01, 1.0), min_size=3, max_size=3),
    st.floats(0.0, 1.0),
)
def test_a_merged_verdict_is_one_and_has_the_seconds_harm(weights, harm):
    row = tuple(weight / sum(weights) for weight in weights)
    cheap = stub(lambda text: 0.5, classes=("hate", "rude", "fine"), harmful=("hate", "rude"))
    dear = stub(lambda text: 0.5, classes=("neither", "abuse"), harmful=("abuse",))
    judge = host_of(cheap, dear).load("cheap > dear")
    assert isinstance(judge, CascadeHandle)
    merged = judge._merged(row, (1 - harm, harm))
    assert sum(merged) == pytest.approx(1.0)
    assert merged[0] + merged[1] == pytest.approx(harm)


def test_the_version_names_both_and_the_margin():
    host = host_of(stub(CHEAP.get, version="1"), stub(CHEAP.get, version="2"))
    assert host.load("cheap > dear").version != host.load("cheap > dear @0.1").version
    assert host.load("cheap > dear").version.startswith("1>2@")


def test_whoever_measures_models_by_name_can_measure_a_cascade(tmp_path):
    host = host_of(stub(CHEAP.get), stub(lambda text: 0.9))
    handle = host.load("cheap > dear")
    model = CascadeEstimator(handle)
    table = tmp_path / "texts.csv"
    table.write_text("text,label\nsurely bad,bad\nmaybe bad,bad\nmaybe fine,good\nfine,good\n")
    found, rows = evaluate_model("cheap > dear", model, table, Columns())
    assert rows == 4
    assert {metric.name: metric.value for metric in found.metrics}["accuracy"] == 0.75, "the second takes one wrongly"
    assert handle.escalation.escalated == 2
    assert open_judge("hatesonar").card.family == "hatesonar"
    with pytest.raises(ModelError, match="is no cascade"):
        open_judge("cheap >")


# -- live ------------------------------------------------------------------------------------------


def test_nobody_waits_for_the_second_and_it_counts_once_it_has_come(live, heard):
    gate = threading.Event()
    dear = stub(lambda text: 0.9, gate=gate)
    judge = host_of(stub(CHEAP.get), dear, live).load("cheap > dear")
    assert [row[1] for row in judge.probabilities(list(CHEAP))] == pytest.approx(list(CHEAP.values()))
    assert judge.escalation.waiting == 2
    gate.set()
    until(lambda: judge.escalation.answered == 2)
    assert [row[1] for row in judge.probabilities(list(CHEAP))] == pytest.approx([0.95, 0.9, 0.9, 0.02])
    assert dear.batches == [2], "what is known is not asked again"
    assert sorted(second.overturned for second in heard.seconds) == [False, True]
    used = judge.escalation
    assert (used.judged, used.escalated, used.overturned, used.waiting) == (4, 2, 1, 0)


def test_a_second_that_fails_leaves_the_first_verdict_and_is_asked_again(live):
    broken = [True]

    def judge_(text: str) -> float:
        if broken[0]:
            raise RuntimeError("out of memory")
        return 0.9

    judge = host_of(stub(CHEAP.get), stub(judge_), live).load("cheap > dear")
    judge.probabilities(["maybe bad"])
    until(lambda: judge.escalation.failures == 1)
    assert judge.probabilities(["maybe bad"])[0][1] == pytest.approx(0.6)
    broken[0] = False
    until(lambda: judge.probabilities(["maybe bad"])[0][1] == pytest.approx(0.9))


def test_where_it_is_waited_for_a_second_that_fails_is_an_error():
    def fails(text: str) -> float:
        raise RuntimeError("out of memory")

    judge = host_of(stub(CHEAP.get), stub(fails)).load("cheap > dear")
    with pytest.raises(ModelError, match="out of memory"):
        judge.probabilities(["maybe bad"])


# -- the queue -------------------------------------------------------------------------------------


def test_too_many_questions_shed_the_stalest_and_the_newest_come_first():
    gate, begun = threading.Event(), threading.Event()
    asked: list[list[str]] = []

    def judge(texts: list[str]) -> list[tuple[float, ...]]:
        asked.append(texts)
        begun.set()
        assert gate.wait(10)
        return [(0.5, 0.5)] * len(texts)

    opinions = SecondOpinions(judge, lambda come: None, capacity=3, at_once=2)
    opinions.ask({0: "first"})
    assert begun.wait(10)
    for number in range(1, 6):
        opinions.ask({number: f"text {number}"})
    opinions.ask({3: "text 3"})  # on the screen still
    assert (opinions.shed, opinions.waiting) == (2, 4)
    gate.set()
    until(lambda: opinions.waiting == 0)
    assert asked == [["first"], ["text 3", "text 5"], ["text 4"]]
    assert set(opinions.ask(dict.fromkeys(range(6), ""))) == {0, 3, 4, 5}
    opinions.close()


def test_one_text_that_cannot_be_judged_takes_no_other_with_it():
    def judge(texts: list[str]) -> list[tuple[float, ...]]:
        if "poison" in texts:
            raise ModelError("it choked")
        return [(0.2, 0.8)] * len(texts)

    opinions = SecondOpinions(judge, lambda come: None)
    opinions.ask({1: "one", 2: "poison", 3: "three"})
    until(lambda: opinions.waiting == 0)
    assert set(opinions.ask({1: "one", 3: "three"})) == {1, 3}
    assert opinions.failures == 1
    opinions.close()


def test_who_cannot_take_an_answer_does_not_end_the_answers(caplog):
    def choke(come):
        raise RuntimeError("disk full")

    opinions = SecondOpinions(lambda texts: [(0.2, 0.8)] * len(texts), choke)
    for number in range(2):
        opinions.ask({number: f"text {number}"})
        until(lambda: opinions.waiting == 0)
    assert set(opinions.ask({0: "", 1: ""})) == {0, 1}
    opinions.close()
    assert caplog.text.count("could not be told") == 2
