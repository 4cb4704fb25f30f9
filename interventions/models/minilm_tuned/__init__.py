"""MiniLM, fine-tuned by low-rank deltas."""

from interventions.models.minilm_tuned.classifier import MiniLmTuned

__all__ = ["MiniLmTuned"]
