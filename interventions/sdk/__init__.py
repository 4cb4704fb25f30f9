"""All that an intervention imports: ``from interventions.sdk import Intervention, Cover, param``."""

from interventions.sdk.actions import (
    STANDING,
    Action,
    Answer,
    Ask,
    Block,
    Cover,
    Delay,
    Dim,
    Greyscale,
    Notify,
    Press,
    Replace,
)
from interventions.sdk.geometry import Box, bounding
from interventions.sdk.intervention import HANDLERS, Intervention, Mask, Reaction
from interventions.sdk.models import Detector, ImageJudge, Judge, TextJudge
from interventions.sdk.params import Parameter, ParameterError, param
from interventions.sdk.scene import App, Finding, Line, Match, Pixels, Region, Scene, Scroll, Widget

__all__ = [
    "HANDLERS",
    "STANDING",
    "Action",
    "Answer",
    "App",
    "Ask",
    "Block",
    "Box",
    "Cover",
    "Delay",
    "Detector",
    "Dim",
    "Finding",
    "Greyscale",
    "ImageJudge",
    "Intervention",
    "Judge",
    "Line",
    "Mask",
    "Match",
    "Notify",
    "Parameter",
    "ParameterError",
    "Pixels",
    "Press",
    "Reaction",
    "Region",
    "Replace",
    "Scene",
    "Scroll",
    "TextJudge",
    "Widget",
    "bounding",
    "param",
]
