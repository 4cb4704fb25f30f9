"""HateSonar: hate speech and offensive language in English text (bag of words, logistic regression)."""

from interventions.models.hatesonar.classifier import HateSonar

__all__ = ["HateSonar"]
