"""Whatever a file holds, it is read or refused in words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backend.errors import InputError
from backend.modelling.examples import Columns, Examples, examples, split, without_repeats
from backend.modelling.parcels import export, unpack
from backend.modelling.tables import Table, read_table
from interventions.models import artifact
from tests.models.nearest_word import NearestWord

quickly = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def tried(read: Callable[[], Any]) -> tuple[Any, InputError | None]:
    """What `read` gives, or how it refuses; anything else it raises is a bug."""
    try:
        return read(), None
    except InputError as error:
        return None, error


@pytest.fixture(scope="module")
def parcel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("parcel")
    model = NearestWord().fit(["good day", "bad day"], ["kind", "rude"])
    return export(artifact.read(model.save(folder / "saved")), folder / "model.zip")


@quickly
@given(st.data())
def test_a_damaged_archive_is_refused_or_gives_the_very_same_model(parcel: Path, data: st.DataObject) -> None:
    content = bytearray(parcel.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    damaged = parcel.with_name("damaged.zip")
    damaged.write_bytes(content)
    got, error = tried(lambda: unpack(damaged))
    if error is not None:
        assert "damaged.zip" in error.message
    else:
        card, files = got
        # Only what the format does not use was hit, or the card's own words, which no digest in the archive covers.
        assert files == unpack(parcel)[1]
        assert card.files == unpack(parcel)[0].files


@quickly
@given(st.sampled_from([".csv", ".tsv", ".jsonl", ".parquet"]), st.binary(max_size=200))
@example(".csv", b'text,label\n"a\nb",x\n')
@example(".jsonl", b'{"text": "\xe2\x80\xa8", "label": 1}\r\n\n')
@example(".jsonl", b"[" * 100_000)
def test_any_bytes_are_a_table_or_refused(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"table{ending}"
    path.write_bytes(content)
    table, error = tried(lambda: read_table(path))
    if error is not None:
        assert path.name in error.message
        assert error.remedy
    else:
        assert len({len(column) for column in table.columns.values()}) == 1


labels = st.one_of(st.none(), st.booleans(), st.integers(-2, 2), st.floats(), st.text(max_size=3))


@quickly
@given(st.lists(st.tuples(st.one_of(st.none(), st.text(max_size=4), st.integers()), labels), min_size=1, max_size=20))
def test_any_table_is_split_or_refused(rows: list[tuple[object, object]]) -> None:
    table = Table(Path("t.jsonl"), {"text": [text for text, _ in rows], "label": [label for _, label in rows]}, "")
    got, error = tried(lambda: without_repeats(examples(table, "text", Columns())))
    parts, error = (None, error) if error else tried(lambda: split(got[0], 0.3, 0))
    if error is not None:
        assert error.remedy
        return
    (given_, repeats, _), (learning, held) = got, parts
    assert len(learning) + len(held) + repeats == len(rows)
    assert set(learning.labels) == set(held.labels) == set(given_.labels)
    assert not set(learning.items) & set(held.items)


def test_a_split_keeps_the_shares_of_the_classes() -> None:
    given_ = Examples([str(n) for n in range(1000)], ["rare" if n % 10 == 0 else "common" for n in range(1000)])
    learning, held = split(given_, 0.2, seed=3)
    assert (held.labels.count("rare"), held.labels.count("common")) == (20, 180)
    assert split(given_, 0.2, seed=3)[1].items == held.items
    assert split(given_, 0.2, seed=4)[1].items != held.items
    assert sorted([*learning.items, *held.items], key=int) == given_.items
