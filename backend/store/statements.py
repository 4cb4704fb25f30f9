"""Running one statement, with the journal's words for what goes wrong."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, Row
from sqlalchemy.exc import DatabaseError

from backend.errors import StoreError


def rows_of(engine: Engine, statement: Any, what: str, *, write: bool = False) -> list[Row[Any]]:
    """The rows that `statement` gives; committed when this returns, if it is to `write`.

    Args:
        what: what is kept by it, for people.

    Raises:
        StoreError: the database cannot be used.
    """
    try:
        with engine.begin() if write else engine.connect() as connection:
            return list(connection.execute(statement).all())
    except DatabaseError as error:
        shown = engine.url.render_as_string(hide_password=True)
        raise StoreError(
            f"{what} cannot be kept in {shown}: {error.orig}", "check the disk's free space and the file"
        ) from error
