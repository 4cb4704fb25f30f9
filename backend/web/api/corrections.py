"""What people say of a judge's verdicts: a text is harmful, or what was hidden was fine."""

from __future__ import annotations

from flask import Response

from backend.store.corrections import Correction
from backend.web.api.blueprint import answer, blueprint
from backend.web.api.schemas import (
    AnnotationPath,
    ApiError,
    Correct,
    CorrectionGiven,
    Corrections,
    PhonePath,
    ScreenPath,
)
from backend.web.context import phone, runtime
from backend.web.guard import allow, grant, own_phone, role_for

api = blueprint("corrections", "What people say of a judge's verdicts, and what follows from it.")


@api.post("/phones/<serial>/things/<number>/correct", responses={200: Corrections, 409: ApiError})
@allow("researcher", "participant")
def correct(path: ScreenPath, body: Correct) -> Response:
    """Say that a text is harmful, or that what is hidden was fine. It holds at once; its kind follows in seconds."""
    role = role_for(body.everywhere)
    serial = phone(path.serial).serial
    made = runtime().correcting.correct(serial, path.number, body.thing, body.harmful, role, body.everywhere)
    return answer(Corrections(corrections=[_given(one) for one in made]))


@api.get("/phones/<serial>/corrections", responses={200: Corrections})
@allow("researcher", "participant")
def holding(path: PhonePath) -> Response:
    """What was said and holds on this phone."""
    made = runtime().correcting.holding(phone(path.serial).serial)
    return answer(Corrections(corrections=[_given(one) for one in made]))


@api.post("/phones/<serial>/corrections/<number>/undo", responses={200: CorrectionGiven, 409: ApiError})
@allow("researcher", "participant")
def undo(path: AnnotationPath) -> Response:
    """Take it back. A participant takes back what holds on their own phone alone."""
    serial = phone(path.serial).serial
    undone = runtime().correcting.undo(path.number, grant().role, only_phone=own_phone(serial))
    return answer(_given(undone))


def _given(made: Correction) -> CorrectionGiven:
    """A participant is told no text: what was called harmful is hidden from them, and may be from another screen."""
    given = CorrectionGiven.model_validate(made)
    return given if grant().role == "researcher" else given.model_copy(update={"text": ""})
