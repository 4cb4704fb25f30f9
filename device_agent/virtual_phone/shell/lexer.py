"""From text to tokens: operators, and words with their quoting and expansions resolved into parts."""

from __future__ import annotations

from collections.abc import Callable

from device_agent.virtual_phone.shell.syntax import (
    Literal,
    Part,
    Script,
    ShellSyntaxError,
    Substitution,
    Token,
    Variable,
    Word,
)

BLANK = " \t\r"
OPERATORS = ("&&", "||", ">>", "&>", ">&", "<&", "<<", ";;", ";", "&", "|", "<", ">", "(", ")", "\n")


class Lexer:
    """One pass over a text.

    Args:
        script_of: makes the tree of the tokens inside a ``$(...)``.
    """

    def __init__(self, text: str, script_of: Callable[[list[Token]], Script]) -> None:
        self.text = text
        self._script_of = script_of
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
            return Substitution(self._script_of(Lexer(self._until("`"), self._script_of).tokens()), quoted)
        if text.startswith("$((", self.at):
            raise ShellSyntaxError("arithmetic is not supported by the virtual phone's shell")
        if text.startswith("$(", self.at):
            self.at += 2
            return Substitution(self._script_of(self.tokens(until=")")), quoted)
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
