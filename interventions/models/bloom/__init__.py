"""Classifying by prompt: BLOOM, and any other causal language model, with no training."""
