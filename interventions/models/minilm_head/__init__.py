"""Frozen MiniLM embeddings with a trained head."""

from interventions.models.minilm_head.classifier import MiniLmHead

__all__ = ["MiniLmHead"]
