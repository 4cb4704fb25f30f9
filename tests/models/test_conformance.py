"""What every registered model keeps to, whoever wrote it: families, and the models that are shipped."""

from __future__ import annotations

from importlib.metadata import entry_points

import pytest

from interventions.models.conformance import CHECKS, Check, Subject
from tests.models.nearest_point import NearestPoint
from tests.models.nearest_word import NearestWord

FAMILIES = {point.name: point for point in entry_points(group="mindproof.models")}

GUESTS = {"a guest that reads": NearestWord, "a guest that counts": NearestPoint}


@pytest.fixture(scope="module", params=[*sorted(FAMILIES), *GUESTS])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Subject:
    family = GUESTS.get(request.param) or FAMILIES[request.param].load()
    return Subject(family, tmp_path_factory.mktemp("conformance"))


def test_the_packaged_families_are_registered() -> None:
    assert set(FAMILIES) >= {"hatesonar", "nudenet", "opennsfw"}


def test_a_family_is_registered_under_the_name_in_its_card(subject: Subject) -> None:
    if subject.family not in GUESTS.values():
        assert FAMILIES[subject.model.card.family].load() is subject.family


@pytest.mark.parametrize("check", CHECKS, ids=str)
def test_it_conforms(check: Check, subject: Subject) -> None:
    if reason := check.not_for(subject):
        pytest.skip(reason)
    check(subject)
