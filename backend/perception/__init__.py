"""Frame to scene: ``Perception(settings).see(frame)`` gives what one phone shows."""

from backend.perception.ocr import Counters
from backend.perception.perception import STAGES, Perception, Seen
from backend.perception.settings import PerceptionSettings, Template, Wants

__all__ = ["STAGES", "Counters", "Perception", "PerceptionSettings", "Seen", "Template", "Wants"]
