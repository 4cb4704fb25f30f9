"""Tables of examples: CSV, JSON lines, Parquet.

CSV and JSON lines are read with the standard library: nothing to install, and an error can name its line. Parquet is
read with pyarrow, the format's reference implementation and the lightest that reads all of it; it comes with the
extra `models` and is imported only for such a file.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from backend.errors import InputError
from backend.extras import how_to_install

FORMATS = ".csv, .tsv, .jsonl or .parquet"
_LARGEST_FIELD = 2**24


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of equal length by name, and the SHA-256 of the file they are from. A missing value is None."""

    path: Path
    columns: Mapping[str, list[Any]]
    sha256: str

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def column(self, name: str, option: str) -> list[Any]:
        """The column `name`, which the command line's `option` asked for.

        Raises:
            InputError: when there is none.
        """
        if name not in self.columns:
            raise InputError(
                f"{self.path.name} has no column {name!r}",
                f"name one of its columns with {option}: {', '.join(self.columns)}",
            )
        return self.columns[name]


def read_table(path: Path) -> Table:
    """The table in `path`, whose ending says what it is.

    Raises:
        InputError: when there is none, it is not what its ending says, or it has no row.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror or error}", f"give a {FORMATS} file") from error
    match path.suffix.lower():
        case ".csv" | ".tsv" as ending:
            columns = _columns(_delimited(path, content, "\t" if ending == ".tsv" else ","))
        case ".jsonl" | ".ndjson":
            columns = _columns(_json_lines(path, content))
        case ".parquet":
            columns = _parquet(path, content)
        case ending:
            raise InputError(f"{path.name} ends in {ending or 'nothing'}, which is no table", f"give a {FORMATS} file")
    if not columns or not next(iter(columns.values())):
        raise InputError(f"{path.name} holds no row", "give a file with a header and at least a few examples")
    return Table(path, columns, hashlib.sha256(content).hexdigest())


def _text(path: Path, content: bytes) -> str:
    """`content` as UTF-8, with or without a byte order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path.name} is not UTF-8: line {line} holds the byte 0x{content[error.start]:02x}",
            f"convert it: iconv -f WINDOWS-1252 -t UTF-8 {path.name}",
        ) from error


def _delimited(path: Path, content: bytes, delimiter: str) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(_LARGEST_FIELD)
    reader = csv.reader(io.StringIO(_text(path, content), newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(reader, [])
        if len(set(header)) < len(header):
            raise InputError(f"{path.name} names a column twice: {', '.join(header)}", "rename one of them")
        for row in reader:
            if not row:
                continue
            if len(row) != len(header):
                raise InputError(
                    f"{path.name}, line {reader.line_num}: {len(row)} fields, but the header has {len(header)}",
                    "quote fields that hold the separator, a quote or a line break",
                )
            yield {name: field if field != "" else None for name, field in zip(header, row, strict=True)}
    except csv.Error as error:
        raise InputError(f"{path.name}, line {reader.line_num}: {error}", "mend that line") from error


def _json_lines(path: Path, content: bytes) -> Iterator[dict[str, Any]]:
    # Only line feeds part lines: a JSON text may hold other line separators as they are.
    for number, line in enumerate(_text(path, content).split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path.name}, line {number} is not JSON: {error}", "write one object a line") from error
        if not isinstance(row, dict):
            raise InputError(f"{path.name}, line {number} is not a JSON object", "write one object a line")
        yield row


def _columns(rows: Iterable[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns; what a row lacks is None."""
    kept = list(rows)
    names = dict.fromkeys(name for row in kept for name in row)
    return {name: [row.get(name) for row in kept] for name in names}


def _parquet(path: Path, content: bytes) -> dict[str, list[Any]]:
    try:
        import pyarrow
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise InputError(
            f"{path.name} needs {error.name}, which is not installed",
            f"{how_to_install('models')}; or give a .csv",
        ) from error
    try:
        table = parquet.read_table(pyarrow.BufferReader(content))
        columns: dict[str, list[Any]] = table.to_pydict()
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise InputError(f"{path.name} is not Parquet: {first}", "write it again, or give a .csv") from error
    return columns
