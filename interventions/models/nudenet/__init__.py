"""NudeNet 320n: body parts, covered or exposed, with boxes."""

from interventions.models.nudenet.detector import NudeNet

__all__ = ["NudeNet"]
