"""The shell's grammar: text to a tree of commands. A part of POSIX ``sh`` that covers what is typed over ADB.

Understood: quoting, ``$name ${name} $? $(...)``, ``;`` newline ``&&`` ``||`` ``|`` ``!``, ``( )`` and ``{ }``,
redirections (``< > >> 2> 2>&1 >&2 &>``), assignments, comments. Not: loops, ``if``, functions, arithmetic, background
jobs, here documents; they are syntax errors that say so.
"""

from __future__ import annotations

from dataclasses import dataclass, field


class ShellSyntaxError(Exception):
    """The message is what the shell prints after its own name."""


@dataclass(frozen=True, slots=True)
class Literal:
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Variable:
    """``$name``; quoted ones are not split into fields."""

    name: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Substitution:
    """``$(script)``."""

    script: Script
    quoted: bool


Part = Literal | Variable | Substitution
Word = tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Redirect:
    """`operator` is one of ``< > >>``; or ``>&`` with a descriptor's number as its target."""

    descriptor: int
    operator: str
    target: Word


@dataclass(frozen=True, slots=True)
class Simple:
    assignments: tuple[tuple[str, Word], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """``( script )``, which cannot change the shell around it, or ``{ script; }``."""

    script: Script
    subshell: bool
    redirects: tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Pipeline:
    commands: tuple[Simple | Group, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Script:
    """Pipelines in order, each with what must hold of the one before: ``;`` nothing, ``&&`` success, ``||`` failure."""

    steps: tuple[tuple[str, Pipeline], ...] = field(default=())


Token = str | Word
"""An operator, or a word."""


def unexpected(token: Token | None) -> ShellSyntaxError:
    if token is None:
        return ShellSyntaxError("syntax error: unexpected end of file")
    shown = token if isinstance(token, str) else "".join(p.text for p in token if isinstance(p, Literal))
    return ShellSyntaxError(f"syntax error: unexpected '{'newline' if shown == chr(10) else shown}'")
