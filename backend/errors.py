"""One hierarchy for everything that can go wrong.

Every message says what happened, to which phone or file, and what to do next. The command line prints
``error: <message>`` and ``try: <remedy>`` and exits with `MindproofError.exit_code`; the page shows the same two lines.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal


class MindproofError(Exception):
    """Base of every error that Mindproof raises on purpose.

    Attributes:
        message: what happened, and to what.
        remedy: what the reader can do about it; may be empty.
    """

    exit_code = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} ({self.remedy})" if self.remedy else self.message


class PhoneError(MindproofError):
    """A phone could not be reached, or did not answer as a phone does."""

    def __init__(self, serial: str, message: str, remedy: str = "") -> None:
        super().__init__(f"phone {serial}: {message}", remedy)
        self.serial = serial


class PhoneGone(PhoneError):
    """The link to the phone broke; it may come back."""


class PhoneUnauthorised(PhoneError):
    """The phone refused our key, or nobody has accepted it yet."""


class AgentError(PhoneError):
    """The agent cannot get into an app of the phone, or was thrown out of it."""


class CaptureError(PhoneError):
    """A frame or a UI tree arrived broken."""


class NetworkError(MindproofError):
    """The proxy, its environment, or a phone's way to it cannot be set up."""


class InterventionError(MindproofError):
    """An intervention could not be loaded, or was given a parameter it does not take."""


class ModelError(MindproofError):
    """A model is missing, broken, or refused its input."""


class Shed(ModelError):
    """A model was not asked in time. Nothing is broken: whoever wants the verdict asks again.

    Attributes:
        why: ``"late"``, the caller's deadline had passed; ``"full"``, too much waited, and this was the stalest.
        items: how many were dropped.
        reached: the verdicts reached before that, by the item's position in the call.
    """

    def __init__(
        self, model: str, why: Literal["late", "full"], items: int, reached: Mapping[int, Any] | None = None
    ) -> None:
        what = "by the deadline" if why == "late" else "because too much waits for it"
        super().__init__(
            f"model {model} was not asked about {items} items {what}",
            "it is asked again; if this goes on, use a cheaper model or fewer phones",
        )
        self.model, self.why, self.items = model, why, items
        self.reached = dict(reached or {})

    def __reduce__(self) -> tuple[Any, ...]:
        return Shed, (self.model, self.why, self.items, self.reached)


class StoreError(MindproofError):
    """The journal's database cannot be used."""


class SettingsError(MindproofError):
    """A setting is wrong, or a resource it names (a port, a folder) is taken."""


class AnnotationError(MindproofError):
    """What was pointed at has gone, or cannot be found again."""


class PackError(MindproofError):
    """A pack of what was taught cannot be read, written or trusted."""


class InputError(MindproofError):
    """A file that somebody named is missing, or is not what it should be."""


class RecordingError(MindproofError):
    """A recorded session cannot be written or read."""


class PluginError(MindproofError):
    """A command that another package registers cannot be used."""
