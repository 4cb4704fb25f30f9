"""What people taught, kept in the journal's database. Nothing is deleted by undoing: the history stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from backend.store.opening import close_database, open_database
from backend.store.statements import rows_of
from backend.store.tables import taught


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One thing that somebody had hidden. Times are seconds since 1970.

    Attributes:
        author: who pointed at it: "researcher", "participant", or "pack" and the fingerprint of who signed the pack.
        phone: where it holds; empty for every phone.
        name: what was pointed at, in a few words, never what it says.
        breadth: "this" alone, or all that are "like" it.
        rule: of a filter list, or the name of a crop, as `interventions.library.taught` reads it.
        undone_s: when it was taken back; None while it holds.
    """

    id: int
    made_s: float
    author: str
    phone: str
    app: str
    name: str
    breadth: str
    rule: str
    undone_s: float | None = None
    undone_by: str = ""


_TOLD = [column for column in taught.c if column.name != "crop"]


class Annotations:
    """The table of one database. Any thread may call any method; each raises StoreError when it cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    @contextmanager
    def opened(cls, url: str) -> Iterator[Annotations]:
        """Those of a database that no backend is using, for the length of the block.

        Raises:
            StoreError: it cannot be opened, or a backend is using it.
        """
        engine, lock = open_database(url)
        try:
            yield cls(engine)
        finally:
            close_database(engine, lock)

    def add(
        self, *, author: str, phone: str, app: str, name: str, breadth: str, rule: str, crop: bytes = b""
    ) -> Annotation:
        """Write one down; it is on the disk when this returns. `crop` is the PNG that its rule names, if any."""
        made_s = time.time()
        row = {"author": author, "phone": phone, "app": app, "name": name, "breadth": breadth, "rule": rule}
        written = insert(taught).values(made_s=made_s, crop=crop or None, **row)
        (number,) = self._run(written.returning(taught.c.id), write=True)[0]
        return Annotation(
            id=number, made_s=made_s, author=author, phone=phone, app=app, name=name, breadth=breadth, rule=rule
        )

    def undo(self, number: int, by: str) -> Annotation | None:
        """Take one back; None when there is none of that number, or it was taken back already."""
        holds = taught.c.undone_s.is_(None)
        undone = update(taught).where(taught.c.id == number, holds)
        rows = self._run(undone.values(undone_s=time.time(), undone_by=by).returning(*_TOLD), write=True)
        return _annotation(rows[0]) if rows else None

    def of(self, number: int) -> Annotation | None:
        rows = self._run(select(*_TOLD).where(taught.c.id == number))
        return _annotation(rows[0]) if rows else None

    def history(self, phone: str | None = None) -> list[Annotation]:
        """All, newest first, those taken back included; of one phone, those for every phone included."""
        asked = select(*_TOLD).order_by(taught.c.id.desc())
        if phone is not None:
            asked = asked.where(taught.c.phone.in_(("", phone)))
        return [_annotation(row) for row in self._run(asked)]

    def holding(self) -> list[Annotation]:
        """Those that hold, oldest first."""
        asked = select(*_TOLD).where(taught.c.undone_s.is_(None)).order_by(taught.c.id)
        return [_annotation(row) for row in self._run(asked)]

    def crops(self) -> dict[str, bytes]:
        """The PNG of each rule that holds and goes by one, by rule."""
        asked = select(taught.c.rule, taught.c.crop).where(taught.c.undone_s.is_(None), taught.c.crop.is_not(None))
        return {row.rule: row.crop for row in self._run(asked)}

    def _run(self, statement: Any, write: bool = False) -> list[Row[Any]]:
        return rows_of(self._engine, statement, "what was taught", write=write)


def _annotation(row: Row[Any]) -> Annotation:
    return Annotation(**row._mapping)
