"""The model host: finds models by name, loads each once, and never judges the same content twice."""

from backend.serving.host import ModelHost
from backend.serving.stats import ModelStats

__all__ = ["ModelHost", "ModelStats"]
