"""All that the page needs of the running backend, as a Protocol: the backend implements it, tests fake it.

Every method may be called from any thread and must return quickly, except `PictureSource.newest`, which waits as it is
told. A method that names a phone or an intervention that is not there raises `PhoneError` or `InterventionError`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from backend.annotations.correcting import Correcting
from backend.annotations.teaching import Teaching
from backend.serving import ModelStats
from backend.serving.cascade import Escalation
from backend.store.journal import Journal
from interventions.sdk import Parameter

PhoneState = Literal["connecting", "live", "lost", "paused", "unauthorised", "failed"]
Touch = Literal["down", "move", "up", "cancel"]
Key = Literal["back", "home", "recents", "enter", "delete", "up", "down", "left", "right", "tab", "escape", "power"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneView:
    """One phone as the page lists it. `reason` says in a line why it is not live; `size` is the screen in pixels."""

    serial: str
    name: str
    state: PhoneState
    reason: str = ""
    app: str = ""
    size: tuple[int, int] = (0, 0)
    fps: float = 0.0
    frames: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Interstitial:
    """An open Delay or Ask. It covers the phone until it is answered.

    A delay is answered with ``dismiss`` (refused while time remains) or ``leave``, a question with one of `answers`.
    `remaining_s` is what is left of `seconds` at the moment the picture is handed out, not when it was composed.
    """

    key: str
    kind: Literal["delay", "ask"]
    message: str
    intervention: str = ""
    seconds: float = 0.0
    remaining_s: float = 0.0
    dismiss: str = "Continue"
    leave: str = "Leave the app"
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One composed picture of a phone's screen.

    `number` grows with every composition, also when only `interstitial` or `notices` changed. `width` and `height` are
    the screen's pixels, in which touches are given; the JPEG may be smaller. `time_s` is the frame's, monotonic.
    """

    number: int
    jpeg: bytes = field(repr=False)
    width: int
    height: int
    time_s: float
    interstitial: Interstitial | None = None
    notices: tuple[str, ...] = ()


class PictureSource(Protocol):
    """The newest picture of one phone; there is no queue, whoever is slow misses pictures."""

    def newest(self, after: int, timeout_s: float) -> Image | None:
        """The newest picture if its number is above `after`; waits up to `timeout_s` for one, then None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InterventionView:
    """One intervention as the page lists it.

    `error` is one line (empty when all is well) and `traceback` what goes with it. `counters` are shown in their order,
    for example findings, actions, late.
    """

    name: str
    doc: str
    apps: tuple[str, ...]
    enabled: bool
    parameters: tuple[Parameter, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    counters: Mapping[str, int] = field(default_factory=dict)
    error: str = ""
    traceback: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTimings:
    """Recent durations of one stage, oldest first: pairs of (``time.monotonic`` at its end, seconds it took)."""

    stage: str
    points: tuple[tuple[float, float], ...]


class Runtime(Protocol):
    """The running backend, as the page sees it."""

    @property
    def journal(self) -> Journal: ...

    @property
    def key_folder(self) -> Path:
        """Where this installation's keys are kept."""
        ...

    @property
    def correcting(self) -> Correcting:
        """What people say of a judge's verdicts."""
        ...

    @property
    def teaching(self) -> Teaching:
        """What people may point at, and what they taught."""
        ...

    def phones(self) -> Sequence[PhoneView]:
        """All phones, in an order that does not change while they stay."""
        ...

    def mirror(self, serial: str) -> PictureSource:
        """The covered picture: nothing that an enabled intervention hides is in it."""
        ...

    def raw(self, serial: str) -> PictureSource:
        """The picture as captured. Only ever shown to a researcher."""
        ...

    def touch(self, serial: str, action: Touch, x: int, y: int) -> bool:
        """Pass one touch event on, in screen pixels. False when an intervention or interstitial blocks that place."""
        ...

    def swipe(self, serial: str, start: tuple[int, int], end: tuple[int, int], duration_s: float) -> bool:
        """Pass a whole swipe on; False when it is blocked where it starts."""
        ...

    def key(self, serial: str, name: Key) -> None: ...

    def text(self, serial: str, text: str) -> None:
        """Type `text` into the focused field."""
        ...

    def answer(self, serial: str, key: str, choice: str) -> bool:
        """Answer the interstitial `key`; False when it is no longer open, or may not be dismissed yet."""
        ...

    def pause(self, serial: str, reason: str) -> None:
        """Stop seeing and changing this phone: no frames are taken, no touch is passed on, until `resume`."""
        ...

    def resume(self, serial: str) -> None: ...

    def interventions(self) -> Sequence[InterventionView]: ...

    def enable(self, name: str) -> None: ...

    def disable(self, name: str) -> None: ...

    def set_values(self, name: str, values: Mapping[str, Any]) -> None:
        """Set parameters, all of them or none. Raises ParameterError or InterventionError."""
        ...

    def models(self) -> Sequence[str]:
        """Names of the models that a parameter of kind "model" may name."""
        ...

    def model_stats(self) -> Sequence[ModelStats]:
        """A copy of the counters of each model that is loaded, by name."""
        ...

    def escalations(self) -> Sequence[Escalation]:
        """How each cascade of two models was used, by name."""
        ...

    def timings(self) -> Sequence[StageTimings]:
        """About the last minute, stages in the order of the frame's way."""
        ...
