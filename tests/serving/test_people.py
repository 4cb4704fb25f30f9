"""A judge that heeds what people say: at once for the very text, soon for its kind, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from backend.errors import ModelError
from backend.serving.host import ModelHost
from backend.serving.people import People, PeopleHandle
from backend.store.corrections import Correction
from interventions.models.card import Card

PHONE, OTHER = "127.0.0.1:5555", "R58M"
KINDS = ("insult", "joke", "weather", "cooking")


class Blunt:
    """A judge that calls everything with an exclamation mark abuse."""

    card = Card(
        family="blunt", version="1", input="text", task="classifier", classes=("abuse", "neither"), harmful=("abuse",),
        intended_use="tests", limits="all", source="here", licence="MIT",
    )  # fmt: skip
    classes_ = card.classes
    version = "1"

    def open_weights(self) -> Blunt:
        return self

    def predict_proba(self, texts: Sequence[str]) -> np.ndarray:
        harm = np.array([0.9 if "!" in text else 0.1 for text in texts])
        return np.stack([harm, 1 - harm], axis=1)


def embed(texts: Sequence[str]) -> np.ndarray:
    """Texts of one kind are near each other."""
    vectors = np.full((len(texts), 8), 0.01)
    for row, text in enumerate(texts):
        vectors[row, next((at for at, kind in enumerate(KINDS) if kind in text), 7)] = 1.0
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@dataclass
class Crowd:
    """What people said, and the judge that hears it."""

    said: list[Correction] = field(default_factory=list)
    told: list[frozenset[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.people = People(self.holding, self.told.append, embed)
        self.host = ModelHost(resolvers=[self.people])
        self.host.swap("blunt", Blunt())

    def holding(self, phone: str) -> list[Correction]:
        return [one for one in self.said if one.phone in ("", phone)]

    def say(self, text: str, harmful: bool, phone: str = "") -> None:
        number = len(self.said) + 1
        self.said.append(
            Correction(id=number, made_s=number, author="x", phone=phone, app="a", text=text, harmful=harmful)
        )
        self.people.heed()

    def judge(self, phone: str = PHONE) -> PeopleHandle:
        judge = self.people.heeding("blunt", phone, self.host)
        assert isinstance(judge, PeopleHandle)
        return judge

    def harm(self, text: str, phone: str = PHONE) -> float:
        return self.judge(phone).probabilities([text])[0][0]


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    crowd = Crowd()
    yield crowd
    crowd.people.close()


def test_until_somebody_speaks_it_is_the_judge_itself(crowd: Crowd) -> None:
    judge = crowd.judge()
    assert (judge.name, judge.version) == ("blunt", "1")
    assert crowd.harm("a joke!") == pytest.approx(0.9)


def test_what_was_fine_is_fine_at_once_and_so_are_its_pieces(crowd: Crowd) -> None:
    crowd.judge()
    crowd.say("What a joke! Come over tonight!", harmful=False)
    assert crowd.harm("What a JOKE!  Come over tonight!") < 0.05
    assert crowd.harm("Come over tonight!") < 0.05
    assert crowd.judge().name == "blunt + people"


def test_its_kind_follows_and_the_rest_stays(crowd: Crowd) -> None:
    crowd.judge()
    crowd.say("one joke!", harmful=False)
    crowd.say("some insult", harmful=True)
    assert crowd.people.settled(20)
    assert crowd.harm("another joke!") < 0.5
    assert crowd.harm("a second insult") > 0.5
    assert crowd.harm("bad weather!") == pytest.approx(0.9, abs=0.03)
    assert crowd.harm("fine cooking") == pytest.approx(0.1, abs=0.03)
    assert frozenset({"blunt"}) in crowd.told


def test_what_a_participant_says_holds_on_their_own_phone(crowd: Crowd) -> None:
    crowd.judge(), crowd.judge(OTHER)
    crowd.say("one joke!", harmful=False, phone=OTHER)
    assert crowd.people.settled(20)
    assert crowd.harm("one joke!", OTHER) < 0.05
    assert crowd.harm("one joke!") == pytest.approx(0.9)
    assert crowd.judge().version == "1" != crowd.judge(OTHER).version


def test_what_is_taken_back_is_forgotten(crowd: Crowd) -> None:
    crowd.judge()
    crowd.say("one joke!", harmful=False)
    assert crowd.people.settled(20)
    crowd.said.clear()
    crowd.people.heed()
    assert crowd.people.settled(20)
    assert crowd.harm("one joke!") == crowd.harm("two jokes!") == pytest.approx(0.9)


def test_the_newest_word_counts(crowd: Crowd) -> None:
    crowd.judge()
    crowd.say("one joke!", harmful=False)
    crowd.say("one joke!", harmful=True)
    assert crowd.harm("one joke!") > 0.95


def test_where_nothing_can_be_learnt_what_was_said_still_holds(caplog: pytest.LogCaptureFixture) -> None:
    def broken(texts: Sequence[str]) -> np.ndarray:
        raise ModelError("there is no encoder", "install it")

    crowd = Crowd()
    crowd.people = People(crowd.holding, crowd.told.append, broken)
    crowd.host = ModelHost(resolvers=[crowd.people])
    crowd.host.swap("blunt", Blunt())
    crowd.judge()
    crowd.say("one joke!", harmful=False)
    assert crowd.people.settled(20)
    assert crowd.harm("one joke!") < 0.05
    assert crowd.harm("two jokes!") == pytest.approx(0.9)
    assert "these very texts alone" in caplog.text
    crowd.people.close()


def test_ten_thousand_corrections_at_once(crowd: Crowd) -> None:
    crowd.judge()
    crowd.said = [
        Correction(id=n, made_s=n, author="x", phone="", app="a", text=f"{KINDS[n % 4]} {n}", harmful=n % 4 == 0)
        for n in range(10_000)
    ]
    crowd.people.heed()
    assert crowd.people.settled(60)
    assert crowd.harm("an insult of another kind") > 0.5 > crowd.harm("weather again")


def test_a_judge_of_pictures_is_left_as_it_is(crowd: Crowd) -> None:
    assert not isinstance(crowd.people.heeding("opennsfw", PHONE, crowd.host), PeopleHandle)
