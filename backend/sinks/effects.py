"""How a view carries out what an intervention asks for."""

from __future__ import annotations

from backend.phones.agent.messages import Effect
from interventions.sdk import Action, Cover, Replace

SHOW = Effect(kind="show")


def effect_of(action: Action, picture: bool) -> Effect:
    """The effect of a Cover or a Replace on a view that shows a picture, or text and whatever else.

    ``inpaint`` continues the surroundings: without its own content a view shows those of its parent, and a picture
    becomes a neutral one.
    """
    match action:
        case Replace(text=text):
            return Effect(kind="cover" if picture else "replace", text=text)
        case Cover(style="blur"):
            return Effect(kind="blur")
        case Cover(style="inpaint"):
            return Effect(kind="placeholder" if picture else "hide")
        case Cover(style="text", text=text):
            return Effect(kind="cover", text=text)
    return Effect(kind="cover")


def hides(effect: Effect | None) -> bool:
    """Whether nothing of the content is left to see."""
    return effect is not None and effect.kind not in ("show", "block")
