"""Learning from a handful of labels, beside a judge that is already there."""

from interventions.models.few_shot.kernel import KernelHead

__all__ = ["KernelHead"]
