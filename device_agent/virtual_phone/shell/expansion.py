"""From a word as typed to the words a command gets: variables, command output, fields, file name patterns."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable

from device_agent.virtual_phone.shell.registry import Session
from device_agent.virtual_phone.shell.syntax import Literal, Part, Script, ShellSyntaxError, Variable, Word

_NAME = re.compile(r"(?P<hash>#?)(?P<name>\w+|[?$#@*!])(?:(?P<op>:?[-+])(?P<word>.*))?$", re.DOTALL)
_WILD = re.compile(r"[*?\[]")
_ESCAPED = {ord(c): f"[{c}]" for c in "*?["}

Substitute = Callable[[Script], str]


def expand_word(word: Word, session: Session, substitute: Substitute) -> list[str]:
    """The fields of one word: none for an empty unquoted variable, several for a pattern or for output with blanks.

    Args:
        substitute: runs a script and returns what it printed.
    """
    fields: list[tuple[str, str]] = []  # as text, and as a pattern in which quoted characters are literal
    text, pattern, started = "", "", False
    for part in word:
        value = _value(part, session, substitute)
        if part.quoted:
            text, pattern, started = text + value, pattern + value.translate(_ESCAPED), True
        elif isinstance(part, Literal):
            text, pattern, started = text + value, pattern + value, True
        else:
            pieces = value.split()
            for index, piece in enumerate(pieces):
                if (index or value[0].isspace()) and started:
                    fields.append((text, pattern))
                    text, pattern = "", ""
                text, pattern, started = text + piece, pattern + piece, True
            if pieces and value[-1].isspace():
                fields.append((text, pattern))
                text, pattern, started = "", "", False
    if started:
        fields.append((text, pattern))
    return [name for text, pattern in fields for name in _matches(text, pattern, session)]


def expand_text(word: Word, session: Session, substitute: Substitute) -> str:
    """A word as one string, neither split nor matched, as in an assignment."""
    return "".join(_value(part, session, substitute) for part in word)


def _value(part: Part, session: Session, substitute: Substitute) -> str:
    if isinstance(part, Literal):
        return part.text
    if isinstance(part, Variable):
        return _variable(part.name, session)
    return substitute(part.script).rstrip("\n")


def _variable(name: str, session: Session) -> str:
    match = _NAME.match(name)
    if match is None:
        raise ShellSyntaxError(f"${{{name}}}: bad substitution")
    name, operator, word = match["name"], match["op"] or "", match["word"] or ""
    value = str(session.status) if name == "?" else session.variables.get(name)
    if match["hash"]:
        return str(len(value or ""))
    there = value is not None and (bool(value) or not operator.startswith(":"))
    if operator.endswith("-"):
        return (value or "") if there else word
    if operator.endswith("+"):
        return word if there else ""
    return value or ""


def _matches(text: str, pattern: str, session: Session) -> list[str]:
    """The files that a pattern matches (in its last component), or the text itself when there is none."""
    folder, slash, last = pattern.rpartition("/")
    if not _WILD.search(re.sub(r"\[[*?\[]\]", "", last)) or (folder and _WILD.search(folder)):
        return [text]
    try:
        entries = [name for name, _ in session.files.entries(folder + slash or ".", session.cwd)]
    except OSError:
        return [text]  # as in any sh, a pattern that matches nothing is itself
    found = [
        folder + slash + name
        for name in entries
        if fnmatch.fnmatchcase(name, last) and (not name.startswith(".") or last.startswith("."))
    ]
    return found or [text]
