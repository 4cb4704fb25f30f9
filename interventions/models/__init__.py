"""Model families, each an estimator with scikit-learn's interface.

Registered under the entry point group ``mindproof.models``; a third-party package adds its own the same way.
"""

from interventions.models.card import Card, Metric, ReliabilityBin
from interventions.models.detection import Detection
from interventions.models.errors import (
    ArtifactTooNew,
    ModelFault,
    NotFitted,
    NotSaved,
    NotTrainable,
    WeightsBroken,
    WeightsMissing,
    WrongInput,
)
from interventions.models.fitted import FittedClassifier
from interventions.models.progress import Progress, Watch

__all__ = [
    "ArtifactTooNew",
    "Card",
    "Detection",
    "FittedClassifier",
    "Metric",
    "ModelFault",
    "NotFitted",
    "NotSaved",
    "NotTrainable",
    "Progress",
    "ReliabilityBin",
    "Watch",
    "WeightsBroken",
    "WeightsMissing",
    "WrongInput",
]
