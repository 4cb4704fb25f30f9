"""A list of bad words: the baseline that a judge of texts must beat."""

from interventions.models.profanity.classifier import Profanity

__all__ = ["Profanity"]
