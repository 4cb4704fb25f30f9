"""The shell's grammar: text to a tree of commands. A part of POSIX ``sh`` that covers what is typed over ADB.

Understood: quoting, ``$name ${name} $? $(...)``, ``;`` newline ``&&`` ``||`` ``|`` ``!``, ``( )`` and ``{ }``,
redirections (``< > >> 2> 2>&1 >&2 &>``), assignments, comments. Not: loops, ``if``, functions, arithmetic, background
jobs, here documents; they are syntax errors that say so.
"""

from __future__ import annotations

from dataclasses import dataclass, field

BLANK = " \t\r"
OPERATORS = ("&&", "||", ">>", "&>", ">&", "<&", "<<", ";;", ";", "&", "|", "<", ">", "(", ")", "\n")
UNSUPPORTED = frozenset({"if", "for", "while", "until", "case", "function", "select", "[["})


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


def parse(text: str) -> Script:
    """The tree of a script.

    Raises:
        ShellSyntaxError: it is not one.
    """
    try:
        return _script_of(_Lexer(text).tokens())
    except RecursionError:
        raise ShellSyntaxError("syntax error: nested too deeply") from None


Token = str | Word
"""An operator, or a word."""


def _unexpected(token: Token | None) -> ShellSyntaxError:
    if token is None:
        return ShellSyntaxError("syntax error: unexpected end of file")
    shown = token if isinstance(token, str) else "".join(p.text for p in token if isinstance(p, Literal))
    return ShellSyntaxError(f"syntax error: unexpected '{'newline' if shown == chr(10) else shown}'")


class _Lexer:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def tokens(self, until: str | None = None) -> list[Token]:
        """All tokens; with `until`, up to that unquoted character, which is consumed (for ``$(``)."""
        found: list[Token] = []
        depth = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in BLANK:
                self.at += 1
            elif self.text.startswith("\\\n", self.at):
                self.at += 2
            elif char == "#":
                end = self.text.find("\n", self.at)
                self.at = len(self.text) if end < 0 else end
            elif until == char and depth == 0:
                self.at += 1
                return found
            elif (operator := self._operator()) is not None:
                depth += {"(": 1, ")": -1}.get(operator, 0)
                found.append(operator)
            else:
                found.append(self._word())
        if until is not None:
            raise ShellSyntaxError("no closing )")
        return found

    def _operator(self) -> str | None:
        text, at = self.text, self.at
        if text[at].isdigit() and at + 1 < len(text) and text[at + 1] in "<>":
            self.at += 1
            return text[at] + (self._operator() or "")
        for operator in OPERATORS:
            if text.startswith(operator, at):
                self.at += len(operator)
                return operator
        return None

    def _word(self) -> Word:
        parts: list[Part] = []
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in BLANK or char in ";&|<>()\n":
                break
            if char == "'":
                parts.append(Literal(self._until("'"), quoted=True))
            elif char == '"':
                self.at += 1
                parts.extend(self._double_quoted())
            elif char == "\\":
                following = self.text[self.at + 1 : self.at + 2]
                self.at += 2
                if following != "\n":
                    parts.append(Literal(following, quoted=True))
            elif char in "$`":
                parts.append(self._expansion(quoted=False))
            else:
                parts.append(Literal(char, quoted=False))
                self.at += 1
        return tuple(parts)

    def _until(self, quote: str) -> str:
        end = self.text.find(quote, self.at + 1)
        if end < 0:
            raise ShellSyntaxError("no closing quote")
        inside = self.text[self.at + 1 : end]
        self.at = end + 1
        return inside

    def _double_quoted(self) -> list[Part]:
        parts: list[Part] = [Literal("", quoted=True)]
        while True:
            char = self.text[self.at : self.at + 1]
            if char == "":
                raise ShellSyntaxError("no closing quote")
            if char == '"':
                self.at += 1
                return parts
            if char == "\\" and self.text[self.at + 1 : self.at + 2] in ("$", "`", '"', "\\", "\n"):
                if self.text[self.at + 1] != "\n":
                    parts.append(Literal(self.text[self.at + 1], quoted=True))
                self.at += 2
            elif char in "$`":
                parts.append(self._expansion(quoted=True))
            else:
                parts.append(Literal(char, quoted=True))
                self.at += 1

    def _expansion(self, *, quoted: bool) -> Part:
        text = self.text
        if text[self.at] == "`":
            return Substitution(parse(self._until("`")), quoted)
        if text.startswith("$((", self.at):
            raise ShellSyntaxError("arithmetic is not supported by the virtual phone's shell")
        if text.startswith("$(", self.at):
            self.at += 2
            return Substitution(_script_of(self.tokens(until=")")), quoted)
        if text.startswith("${", self.at):
            self.at += 1
            name = self._until("}")
        else:
            end = self.at + 1
            if text[end : end + 1] in tuple("?$#@*!0123456789"):
                end += 1
            else:
                while end < len(text) and (text[end].isalnum() or text[end] == "_"):
                    end += 1
            name = text[self.at + 1 : end]
            self.at = end
        if not name:
            return Literal("$", quoted)
        return Variable(name, quoted)


def _script_of(tokens: list[Token]) -> Script:
    parser = _Parser(tokens)
    script = parser.script()
    if parser.peek() is not None:
        raise _unexpected(parser.peek())
    return script


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.at = 0

    def peek(self) -> Token | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def take(self) -> Token | None:
        token = self.peek()
        self.at += 1
        return token

    def script(self, closing: str = "") -> Script:
        steps: list[tuple[str, Pipeline]] = []
        joint = ";"
        while True:
            while self.peek() == "\n" or (self.peek() == ";" and joint == ";" and steps):
                self.take()
            if self.peek() is None or self._closes(closing):
                if joint != ";":
                    raise _unexpected(self.peek())
                return Script(tuple(steps))
            steps.append((joint, self._pipeline()))
            following = self.peek()
            if following == "&":
                raise ShellSyntaxError("background jobs are not supported by the virtual phone's shell")
            if following in ("&&", "||", ";", "\n"):
                self.take()
                joint = following if following in ("&&", "||") else ";"
            elif following is not None and not self._closes(closing):
                raise _unexpected(following)
            else:
                joint = ";"

    def _closes(self, closing: str) -> bool:
        token = self.peek()
        return bool(closing) and (token == closing or _bare(token) == closing)

    def _pipeline(self) -> Pipeline:
        negated = _bare(self.peek()) == "!"
        if negated:
            self.take()
        commands = [self._command()]
        while self.peek() == "|":
            self.take()
            while self.peek() == "\n":
                self.take()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated)

    def _command(self) -> Simple | Group:
        subshell = self.peek() == "("
        word = _bare(self.peek())
        if word in UNSUPPORTED:
            raise ShellSyntaxError(f"syntax error: '{word}' is not supported by the virtual phone's shell")
        if not subshell and word != "{":
            return self._simple()
        self.take()
        closing = ")" if subshell else "}"
        script = self.script(closing)
        if self.peek() is None:
            raise ShellSyntaxError(f"syntax error: unmatched '{'(' if subshell else '{'}'")
        self.take()
        redirects: list[Redirect] = []
        while (redirect := self._redirect()) is not None:
            redirects += redirect
        return Group(script, subshell, tuple(redirects))

    def _simple(self) -> Simple:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            redirect = self._redirect()
            if redirect is not None:
                redirects += redirect
                continue
            token = self.peek()
            if token is None or isinstance(token, str):
                break
            self.take()
            assignment = _assignment(token) if not words else None
            if assignment is not None:
                assignments.append(assignment)
            else:
                words.append(token)
        if not (assignments or words or redirects):
            raise _unexpected(self.peek())
        return Simple(tuple(assignments), tuple(words), tuple(redirects))

    def _redirect(self) -> list[Redirect] | None:
        token = self.peek()
        if not isinstance(token, str) or token.lstrip("0123456789") not in ("<", ">", ">>", ">&", "&>", "<<"):
            return None
        self.take()
        operator = token.lstrip("0123456789")
        if operator == "<<":
            raise ShellSyntaxError("here documents are not supported by the virtual phone's shell")
        target = self.take()
        if target is None or isinstance(target, str):
            raise _unexpected(target)
        number = token[: len(token) - len(operator)]
        descriptor = int(number) if number else (0 if operator == "<" else 1)
        if operator == "&>":
            return [Redirect(1, ">", target), Redirect(2, ">&", (Literal("1", quoted=True),))]
        return [Redirect(descriptor, operator, target)]


def _bare(token: Token | None) -> str | None:
    """The text of a word that is entirely unquoted; reserved words must be."""
    if token is None or isinstance(token, str):
        return None
    if all(isinstance(part, Literal) and not part.quoted for part in token):
        return "".join(part.text for part in token if isinstance(part, Literal))
    return None


def _assignment(word: Word) -> tuple[str, Word] | None:
    """``name=value`` with an unquoted name, or None."""
    name = ""
    for index, part in enumerate(word):
        if not isinstance(part, Literal) or part.quoted:
            return None
        if part.text == "=":
            return (name, word[index + 1 :]) if name.isidentifier() else None
        name += part.text
    return None
