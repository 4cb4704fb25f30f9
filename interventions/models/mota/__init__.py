"""Learning from one person after another without forgetting: MOTA (arXiv 2209.14996), and what it is compared with."""

from interventions.models.mota.classifier import ContinualBaseline, MotaClassifier

__all__ = ["ContinualBaseline", "MotaClassifier"]
