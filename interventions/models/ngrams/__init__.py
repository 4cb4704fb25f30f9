"""Hashed n-grams of words, characters and concepts, and a logistic regression: numpy alone."""

from interventions.models.ngrams.classifier import Ngrams

__all__ = ["Ngrams"]
