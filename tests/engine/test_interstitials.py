"""Delays and questions: one at a time, dismissed by the participant alone."""

from __future__ import annotations

from backend.engine.decision import Decided
from backend.engine.interstitials import Interstitials
from interventions.sdk import Ask, Delay

GATE = Decided("gate", Delay(5.0, "Wait a moment", key="feed", again_after_s=60))
QUESTION = Decided("scroll", Ask("Go on?", ("yes", "no"), key="q"))


def test_a_delay_is_dismissed_only_after_its_countdown_but_left_at_any_time():
    shown = Interstitials()
    assert shown.offer(GATE, now=0)
    assert shown.answer("gate:feed", "dismiss", now=4.9) is None
    answered = shown.answer("gate:feed", "dismiss", now=5.1)
    assert answered is not None
    assert answered.answer.choice == "dismiss"
    assert shown.current is None
    shown.offer(Decided("gate", Delay(5.0, "Wait", key="chat")), now=10)
    assert shown.answer("gate:chat", "leave", now=10.1) is not None


def test_the_same_is_not_asked_twice_while_open_nor_soon_after():
    shown = Interstitials()
    assert shown.offer(GATE, now=0)
    assert not shown.offer(GATE, now=1)
    shown.answer("gate:feed", "leave", now=2)
    assert not shown.offer(GATE, now=30)
    assert shown.offer(GATE, now=63)


def test_the_second_waits_for_the_first_and_its_countdown_starts_when_it_is_shown():
    shown = Interstitials()
    shown.offer(QUESTION, now=0)
    shown.offer(GATE, now=0)
    assert shown.current.intervention == "scroll"
    assert shown.answer("scroll:q", "maybe", now=1) is None
    assert shown.answer("scroll:q", "no", now=7).answer.choice == "no"
    assert shown.current.wait_s(7) == 5.0


def test_an_intervention_that_is_switched_off_takes_its_question_back():
    shown = Interstitials()
    shown.offer(QUESTION, now=0)
    shown.offer(GATE, now=0)
    shown.withdraw("scroll", now=1)
    assert shown.current.intervention == "gate"
