"""Model families, each an estimator with scikit-learn's interface.

Registered under the entry point group ``mindproof.models``; a third-party package adds its own the same way.
"""

from interventions.models.card import Card
from interventions.models.detection import Detection
from interventions.models.errors import ModelFault, NotTrainable, WeightsBroken, WeightsMissing, WrongInput

__all__ = ["Card", "Detection", "ModelFault", "NotTrainable", "WeightsBroken", "WeightsMissing", "WrongInput"]
