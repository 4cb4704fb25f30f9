"""OpenNSFW: one score, how likely a whole picture is not safe for work."""

from interventions.models.opennsfw.classifier import OpenNsfw

__all__ = ["OpenNsfw"]
