"""From tokens to the tree of a script: recursive descent, one method a rule."""

from __future__ import annotations

from device_agent.virtual_phone.shell.lexer import Lexer
from device_agent.virtual_phone.shell.syntax import (
    Group,
    Literal,
    Pipeline,
    Redirect,
    Script,
    ShellSyntaxError,
    Simple,
    Token,
    Word,
    unexpected,
)

UNSUPPORTED = frozenset({"if", "for", "while", "until", "case", "function", "select", "[["})


def parse(text: str) -> Script:
    """The tree of a script.

    Raises:
        ShellSyntaxError: it is not one.
    """
    try:
        return _script_of(Lexer(text, _script_of).tokens())
    except RecursionError:
        raise ShellSyntaxError("syntax error: nested too deeply") from None


def _script_of(tokens: list[Token]) -> Script:
    parser = _Parser(tokens)
    script = parser.script()
    if parser.peek() is not None:
        raise unexpected(parser.peek())
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
                    raise unexpected(self.peek())
                return Script(tuple(steps))
            steps.append((joint, self._pipeline()))
            following = self.peek()
            if following == "&":
                raise ShellSyntaxError("background jobs are not supported by the virtual phone's shell")
            if following in ("&&", "||", ";", "\n"):
                self.take()
                joint = following if following in ("&&", "||") else ";"
            elif following is not None and not self._closes(closing):
                raise unexpected(following)
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
            raise unexpected(self.peek())
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
            raise unexpected(target)
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
