"""What the engine decided for one scene."""

from __future__ import annotations

from dataclasses import dataclass

from interventions.sdk import Action, Scene


@dataclass(frozen=True, slots=True)
class Decided:
    """One action and who asked for it. `late`: it was decided for an earlier scene and moved along.

    `scene` is the number of the scene that a passing action was yielded for.
    """

    intervention: str
    action: Action
    priority: int = 0
    late: bool = False
    scene: int = 0


@dataclass(frozen=True, slots=True)
class Failure:
    """An intervention that threw, hung or flooded, and is suspended until it is switched on again or reloaded."""

    intervention: str
    traceback: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Standing actions hold for this scene; passing ones are to be carried out once; `seconds` by intervention."""

    scene: Scene
    standing: tuple[Decided, ...] = ()
    passing: tuple[Decided, ...] = ()
    failures: tuple[Failure, ...] = ()
    late: tuple[str, ...] = ()
    seconds: dict[str, float] | None = None
