"""On disk: what is loaded is what was saved, and everything else is one clear error."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from interventions.models.artifact import read
from interventions.models.card import FORMAT, check_file_name
from interventions.models.conformance.subject import Subject, checks, refused
from interventions.models.errors import ArtifactTooNew, WeightsBroken, WeightsMissing


def what_is_loaded_is_what_was_saved(subject: Subject) -> None:
    again = subject.family.load(subject.saved)
    assert again.version == subject.model.version
    assert tuple(again.classes_) == tuple(subject.model.classes_)
    np.testing.assert_array_equal(
        subject.probabilities(again, subject.items), subject.probabilities(subject.model, subject.items)
    )


def saving_again_gives_the_same_address(subject: Subject) -> None:
    again = subject.family.load(subject.saved)
    with _copy(subject) as folder:
        assert read(again.save(folder)).digest == read(subject.saved).digest


def only_plain_files_are_saved(subject: Subject) -> None:
    artifact = read(subject.saved)
    for name in artifact.files:
        check_file_name(name)
    assert {path.name for path in subject.saved.iterdir()} == {"model.json", *artifact.files}


def a_missing_file_is_named(subject: Subject) -> None:
    for name in ("model.json", *read(subject.saved).files):
        with _copy(subject) as folder:
            (folder / name).unlink()
            with refused(WeightsMissing, what=f"a folder without {name}"):
                subject.family.load(folder)


def a_damaged_file_is_named(subject: Subject) -> None:
    for name in ("model.json", *read(subject.saved).files):
        with _copy(subject) as folder:
            content = (folder / name).read_bytes()
            (folder / name).write_bytes(content[: len(content) // 2])
            with refused(WeightsBroken, what=f"half of {name}"):
                subject.family.load(folder)


def another_familys_model_is_refused(subject: Subject) -> None:
    with _copy(subject, family="another") as folder, refused(WeightsBroken, what="another family's model"):
        subject.family.load(folder)


def a_newer_model_is_refused(subject: Subject) -> None:
    with _copy(subject, format=FORMAT + 1) as folder, refused(ArtifactTooNew, what="a newer format"):
        subject.family.load(folder)


def parameters_it_does_not_know_are_refused(subject: Subject) -> None:
    with _copy(subject, parameters={"of_the_future": 1}) as folder, refused(WeightsBroken, what="a parameter"):
        subject.family.load(folder)


@contextmanager
def _copy(subject: Subject, **card: Any) -> Iterator[Path]:
    """The saved model again, for as long as it is needed, with fields of its card changed."""
    with tempfile.TemporaryDirectory(dir=subject.folder) as beside:
        folder = Path(shutil.copytree(subject.saved, Path(beside) / "copy"))
        if card:
            described = json.loads((folder / "model.json").read_text(encoding="utf-8"))
            (folder / "model.json").write_text(json.dumps(described | card), encoding="utf-8")
        yield folder


CHECKS = checks(
    what_is_loaded_is_what_was_saved,
    saving_again_gives_the_same_address,
    only_plain_files_are_saved,
    a_missing_file_is_named,
    a_damaged_file_is_named,
    another_familys_model_is_refused,
    a_newer_model_is_refused,
    parameters_it_does_not_know_are_refused,
)
