"""Texts on which people corrected a judge, kept in the journal's database. Undoing keeps the history."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, Row, insert, select, update

from backend.store.statements import rows_of
from backend.store.tables import corrections as table


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What somebody said of a text: that it is `harmful`, or that it was fine. Times are seconds since 1970.

    `phone` is where it holds; empty for every phone.
    """

    id: int
    made_s: float
    author: str
    phone: str
    app: str
    text: str = field(repr=False)
    harmful: bool
    undone_s: float | None = None
    undone_by: str = ""


class Corrections:
    """The table of one database. Any thread may call any method; each raises StoreError when it cannot be used."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, *, author: str, phone: str, app: str, text: str, harmful: bool) -> Correction:
        """Write one down; it is on the disk when this returns."""
        made_s = time.time()
        row = {"author": author, "phone": phone, "app": app, "text": text, "harmful": harmful}
        (number,) = self._run(insert(table).values(made_s=made_s, **row).returning(table.c.id), write=True)[0]
        return Correction(id=number, made_s=made_s, author=author, phone=phone, app=app, text=text, harmful=harmful)

    def undo(self, number: int, by: str, phone: str = "") -> Correction | None:
        """Take one back, of `phone` alone if one is named; None when there is none of that number that holds."""
        undone = update(table).where(table.c.id == number, table.c.undone_s.is_(None))
        if phone:
            undone = undone.where(table.c.phone == phone)
        rows = self._run(undone.values(undone_s=time.time(), undone_by=by).returning(table), write=True)
        return _correction(rows[0]) if rows else None

    def holding(self, phone: str | None = None) -> list[Correction]:
        """Those that hold, oldest first; of one phone, those for every phone included."""
        asked = select(table).where(table.c.undone_s.is_(None)).order_by(table.c.id)
        if phone is not None:
            asked = asked.where(table.c.phone.in_(("", phone)))
        return [_correction(row) for row in self._run(asked)]

    def _run(self, statement: Any, write: bool = False) -> list[Row[Any]]:
        return rows_of(self._engine, statement, "corrections", write=write)


def _correction(row: Row[Any]) -> Correction:
    return Correction(**row._mapping)
