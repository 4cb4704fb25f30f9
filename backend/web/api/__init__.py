"""The JSON API under ``/api``; its OpenAPI document is ``/api/openapi.json``."""

from backend.web.api.annotations import api as annotations
from backend.web.api.corrections import api as corrections
from backend.web.api.interventions import api as interventions
from backend.web.api.journal import api as journal
from backend.web.api.models import api as models
from backend.web.api.packs import api as packs
from backend.web.api.phones import api as phones
from backend.web.api.schemas import ApiError
from backend.web.api.session import api as session

blueprints = (session, phones, annotations, corrections, packs, interventions, models, journal)

__all__ = ["ApiError", "blueprints"]
