"""What an intervention may ask for. A sink carries it out; an intervention does not know which. What may become of a
network flow is in `interventions.sdk.flow`.

Two kinds. A *standing* action (Cover, Replace, Dim, Greyscale, Block) holds for the scene it was yielded for and
lapses when the next scene does not yield it again. A *passing* action (Press, Notify, Delay, Ask) happens once; Delay
and Ask carry a `key`, and while one with the same key is open, or was dismissed within `again_after_s`, it is not
opened a second time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from interventions.sdk.geometry import Box

CoverStyle = Literal["solid", "blur", "inpaint", "text"]
Key = Literal["back", "home", "recents"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """Base of all actions. `why` is shown to researchers and journalled; it must not quote private text."""

    why: str = ""
    label: str = ""
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Cover(Action):
    """Hide `box`. Nothing under it reaches a viewer.

    Styles: ``solid`` one colour; ``blur`` a mosaic coarse enough that text and faces are lost; ``inpaint`` the
    surroundings continued; ``text`` solid with `text` written on it.
    """

    box: Box
    style: CoverStyle = "solid"
    text: str = ""


@dataclass(frozen=True, slots=True)
class Replace(Action):
    """Show `text` in place of what `box` says, in the colours found there."""

    box: Box
    text: str


@dataclass(frozen=True, slots=True)
class Dim(Action):
    """Darken `box` (the whole screen when None) by `amount`, 0 (not at all) to 1 (black)."""

    amount: float
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Greyscale(Action):
    """Take the colour out of `box` (the whole screen when None) by `amount`, 0 to 1."""

    amount: float = 1.0
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Block(Action):
    """Let no touch reach `box` (the whole screen when None). It stays visible; add a Cover to hide it too."""

    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Press(Action):
    """Press a key of the phone, or tap the centre of `box`."""

    key: Key | None = None
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Notify(Action):
    """Tell the participant something, without stopping them."""

    message: str


@dataclass(frozen=True, slots=True)
class Delay(Action):
    """An interstitial over the whole screen: `message`, a countdown of `seconds`, then a button that dismisses it.

    The participant decides when it closes; `leave` (a second button) presses home.
    """

    seconds: float
    message: str
    key: str
    dismiss: str = "Continue"
    leave: str = "Leave the app"
    again_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Ask(Action):
    """A question over the whole screen. The answer reaches the intervention's ``on_answer``."""

    question: str
    answers: tuple[str, ...]
    key: str
    again_after_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a participant answered to an Ask, or that they dismissed (``choice`` "dismiss") or left (``"leave"``) a
    Delay.
    """

    key: str
    choice: str
    after_s: float = 0.0


STANDING: tuple[type[Action], ...] = (Cover, Replace, Dim, Greyscale, Block)
