"""The journal gives back what was put in, found by any of its facts."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL

from backend.errors import StoreError
from backend.store.entries import ActionEntry, EventEntry, FrameEntry, VerdictEntry
from backend.store.journal import Journal
from interventions.sdk import Box


def cover(frame: int = 1, **changed: object) -> ActionEntry:
    facts = {"phone": "p1", "frame": frame, "intervention": "hate_speech", "action": "Cover", "app": "org.feed"}
    return ActionEntry(**(facts | changed))  # type: ignore[arg-type]


def test_an_action_is_read_back_as_it_was_written(journal: Journal) -> None:
    journal.append(
        [cover(7, box=Box(1, 2, 30, 40), label="offensive", score=0.75, why="hatesonar 0.75", late=True, time_s=5.0)]
    )
    assert journal.flush()
    (record,) = journal.search()
    assert (record.kind, record.name, record.frame, record.box) == ("action", "Cover", 7, Box(1, 2, 30, 40))
    assert (record.label, record.score, record.text, record.late) == ("offensive", 0.75, "hatesonar 0.75", True)
    assert (record.phone, record.app, record.intervention, record.time_s) == ("p1", "org.feed", "hate_speech", 5.0)
    assert record.session == journal.session


def test_an_event_keeps_its_traceback(journal: Journal) -> None:
    journal.append(
        [EventEntry(event="intervention.failed", message="it failed", detail={"traceback": "line 1\nline 2"})]
    )
    assert journal.flush()
    assert journal.search()[0].detail == {"traceback": "line 1\nline 2"}


def test_search_finds_all_words_in_any_order_and_case(journal: Journal) -> None:
    journal.append([cover(1, why="Grüße aus KÖLN"), cover(2, why="grüße aus Bonn"), cover(3, why="100% sure_thing")])
    assert journal.flush()
    assert [record.frame for record in journal.search(query="köln GRÜSSE")] == [1]
    assert [record.frame for record in journal.search(query="grüße")] == [2, 1]
    assert [record.frame for record in journal.search(query="100%")] == [3]
    assert [record.frame for record in journal.search(query="%")] == [3]
    assert journal.search(query="grüße hamburg") == []


@pytest.mark.parametrize(
    ("wanted", "frames"),
    [
        ({"kind": "finding"}, [4]),
        ({"kind": "action", "intervention": "stories_bar"}, [2]),
        ({"app": "org.chat"}, [3]),
        ({"phone": "p2"}, [5]),
        ({"name": "Dim"}, [6]),
        ({"since": 3.0, "until": 5.0}, [4, 3]),
        ({"limit": 2}, [6, 5]),
    ],
)
def test_search_narrows_by_each_field(journal: Journal, wanted: dict[str, object], frames: list[int]) -> None:
    differing = [
        {},
        {"intervention": "stories_bar"},
        {"app": "org.chat"},
        {"kind": "finding"},
        {"phone": "p2"},
        {"action": "Dim"},
    ]
    journal.append(cover(i, time_s=float(i), **changed) for i, changed in enumerate(differing, 1))
    assert journal.flush()
    assert [record.frame for record in journal.search(**wanted)] == frames  # type: ignore[arg-type]


def test_paging_by_the_last_id_gives_every_record_once(journal: Journal) -> None:
    journal.append(cover(i) for i in range(25))
    assert journal.flush()
    seen, before = [], None
    while page := journal.search(limit=10, before_id=before):
        seen += [record.frame for record in page]
        before = page[-1].id
        journal.append([cover(99)])  # what comes meanwhile does not shift the pages
        assert journal.flush()
    assert seen == list(reversed(range(25)))


def test_tail_gives_what_is_new_and_waits_for_it(journal: Journal) -> None:
    journal.append([cover(1)])
    assert journal.flush()
    last = journal.newest_id()
    assert journal.tail(last) == []
    got: list[int | None] = []
    reader = threading.Thread(target=lambda: got.extend(record.frame for record in journal.tail(last, timeout_s=30)))
    reader.start()
    journal.append([cover(2)])
    reader.join(timeout=30)
    assert got == [2]


def test_closing_ends_a_waiting_tail(path: Path) -> None:
    journal = Journal.open(str(path))
    reader = threading.Thread(target=lambda: journal.tail(0, timeout_s=60))
    reader.start()
    journal.close()
    reader.join(timeout=10)
    assert not reader.is_alive()


def test_the_summary_counts_and_takes_quantiles(journal: Journal) -> None:
    journal.append(FrameEntry(phone="p1", number=i, stages={"capture": i / 1000, "ocr": 0.5}) for i in range(1, 101))
    journal.append([cover(1), cover(2, late=True), cover(3, kind="finding"), cover(4, intervention="stories_bar")])
    journal.append([VerdictEntry(model="hatesonar", version="1", asked=10, cached=7) for _ in range(2)])
    assert journal.flush()
    summary = journal.summary()
    assert summary.frames == 100
    counted = {one.intervention: (one.findings, one.actions, one.late) for one in summary.interventions}
    assert counted == {"hate_speech": (1, 2, 1), "stories_bar": (0, 1, 0)}
    spread = {one.stage: (one.count, one.p50_s, one.p95_s) for one in summary.stages}
    assert spread == {"capture": (100, 0.050, 0.095), "ocr": (100, 0.5, 0.5)}
    assert summary.verdicts == {"hatesonar 1": (20, 14)}


def test_the_summary_of_an_unknown_session_is_an_error(journal: Journal) -> None:
    with pytest.raises(StoreError, match="no session 77"):
        journal.summary(77)


def test_sessions_are_kept_apart(path: Path) -> None:
    with Journal.open(str(path)) as first:
        first.append([cover(1), FrameEntry(phone="p1", number=1)])
    with Journal.open(str(path)) as second:
        second.append([cover(2)])
        assert second.flush()
        assert second.summary().frames == 0
        assert second.summary(first.session).frames == 1
        assert second.summary(first.session).ended_s is not None
        assert [record.frame for record in second.search(session=first.session)] == [1]


def test_what_is_written_cannot_be_changed(journal: Journal, path: Path) -> None:
    journal.append([cover(1)])
    assert journal.flush()
    outsider = sqlite3.connect(path)
    try:
        for change in ("UPDATE entries SET text = ''", "DELETE FROM entries"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                outsider.execute(change)
    finally:
        outsider.close()


def test_an_entry_that_cannot_be_stored_takes_no_other_with_it(journal: Journal) -> None:
    unstorable = EventEntry(event="odd", detail={"what": object()})  # type: ignore[dict-item]
    journal.append([cover(1), unstorable, cover(2)])
    assert journal.flush()
    assert [record.frame for record in journal.search()] == [2, 1]
    assert (journal.dropped, journal.trouble) == (1, "")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(codec=None), max_size=40), score=st.none() | st.floats())
def test_any_text_and_any_score_can_be_stored(journal: Journal, text: str, score: float | None) -> None:
    before = journal.newest_id()
    journal.append([cover(1, why=text, label=text, score=score)])
    assert journal.flush()
    (record,) = journal.tail(before)
    assert journal.dropped == 0
    kept = text.encode("utf-8", "replace").decode().replace("\0", "�")
    assert record.text == kept


@pytest.mark.parametrize("url", ["nosuch://host/name", "sqlite://", "sqlite:///:memory:", "http://"])
def test_what_is_no_database_is_refused_with_a_remedy(url: str) -> None:
    with pytest.raises(StoreError) as caught:
        Journal.open(url)
    assert caught.value.remedy


def test_a_file_that_is_no_database_is_refused_and_left_alone(path: Path) -> None:
    path.write_bytes(b"these are my holiday notes, not a database" * 100)
    with pytest.raises(StoreError, match="not a database"):
        Journal.open(str(path))
    assert path.read_bytes().startswith(b"these are my holiday notes")


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be made"):
        Journal.open(str(tmp_path / "file" / "journal.sqlite3"))


def test_a_path_with_odd_characters_works(tmp_path: Path) -> None:
    odd = tmp_path / "odd % name?#" / "jour nal.sqlite3"
    with Journal.open(str(odd)) as journal:
        journal.append([cover(1)])
        assert journal.flush()
    assert odd.exists()


def test_a_postgresql_url_asks_for_its_driver_or_its_server() -> None:
    url = URL.create("postgresql+psycopg", "me", "secret-word", "127.0.0.1", 1, "x")
    with pytest.raises(StoreError) as caught:
        Journal.open(url.render_as_string(hide_password=False))
    assert "secret-word" not in str(caught.value)
