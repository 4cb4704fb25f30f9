"""What every registered model keeps to, whoever wrote it: the families, and the models that are shipped."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from interventions.models import artifact
from interventions.models.conformance import CHECKS, Check, Subject
from tests.models.nearest_point import NearestPoint
from tests.models.nearest_word import NearestWord

FAMILIES = {point.name: point for point in entry_points(group="mindproof.models")}
SHIPPED = {path.parent.name: path.parent for path in Path(artifact.__file__).parent.glob("shipped/*/model.json")}
GUESTS = {"a guest that reads": NearestWord, "a guest that counts": NearestPoint}


@pytest.fixture(scope="module", params=[*sorted(FAMILIES), *sorted(SHIPPED), *GUESTS])
def subject(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    folder = tmp_path_factory.mktemp("conformance")
    if request.param in SHIPPED:
        shipped = artifact.read(SHIPPED[request.param])
        yield Subject(FAMILIES[shipped.card.family].load(), folder, shipped.folder)
        return
    family = GUESTS.get(request.param) or FAMILIES[request.param].load()
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "bloom":  # its checks are of the classifier, so a checkpoint that takes no time will do
            from tests.models.bloom_reference import save_bloom

            checkpoint = save_bloom(tmp_path_factory.mktemp("bloom"), context=2048)
            patch.setattr(family, "quick", {**family.quick, "model": str(checkpoint)})
        yield Subject(family, folder)


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
