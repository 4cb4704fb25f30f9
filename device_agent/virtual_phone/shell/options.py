"""Options of commands, in the style of toybox."""

from __future__ import annotations

from device_agent.virtual_phone.shell.registry import Call


class UsageError(Exception):
    """The command was called wrongly; the interpreter prints the message and gives `status`."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


def take_flags(call: Call, flags: str, valued: str = "") -> tuple[dict[str, str], list[str]]:
    """Split arguments into options and operands, as ``getopt`` with operands anywhere.

    Args:
        flags: letters of options without a value.
        valued: letters of options with one, joined or as the next argument.

    Returns:
        Options by letter (an empty text for a flag), and the operands.

    Raises:
        UsageError: an unknown option, or a missing value.
    """
    found: dict[str, str] = {}
    operands: list[str] = []
    waiting = list(call.args)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return found, operands + waiting
        if not word.startswith("-") or word == "-":
            operands.append(word)
            continue
        for at, letter in enumerate(word[1:], 2):
            if letter in flags:
                found[letter] = ""
            elif letter in valued:
                if not word[at:] and not waiting:
                    raise UsageError(f"Missing argument to -{letter}")
                found[letter] = word[at:] or waiting.pop(0)
                break
            else:
                raise UsageError(f'Unknown option {letter!r} (see "{call.name} --help")')
    return found, operands


def number(call: Call, text: str, what: str = "integer") -> int:
    """A decimal or ``0x`` number.

    Raises:
        UsageError: it is none.
    """
    try:
        return int(text, 0) if text.lower().startswith(("0x", "-0x")) else int(text)
    except ValueError:
        raise UsageError(f"not {what}: {text}") from None
