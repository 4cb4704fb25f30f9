"""Pointing at the screen: what can be meant, what hiding it would hide, hiding it, and taking that back."""

from __future__ import annotations

from flask import Response

from backend.store.annotations import Annotation
from backend.web.api.blueprint import answer, blueprint
from backend.web.api.schemas import (
    AnnotationGiven,
    AnnotationPath,
    Annotations,
    ApiError,
    BoxGiven,
    Hide,
    Meant,
    PhonePath,
    PreviewGiven,
    Previews,
    ScreenPath,
    ThingGiven,
    Things,
)
from backend.web.context import phone, runtime
from backend.web.guard import allow, grant, own_phone, role_for
from interventions.sdk import Box

api = blueprint("annotations", "Pointing at the screen: what is hidden because somebody said so.")


@api.get("/phones/<serial>/things", responses={200: Things, 409: ApiError})
@allow("researcher", "participant")
def things(path: PhonePath) -> Response:
    """What can be pointed at on the screen now. Of what the mirror covers nothing is told."""
    offer = runtime().teaching.offer(phone(path.serial).serial)
    given = [
        ThingGiven(kind=thing.kind, name=thing.name, box=BoxGiven.model_validate(thing.box), text=thing.text)
        for thing in offer.things
    ]
    return answer(Things(number=offer.number, size=offer.size, things=given))


@api.post("/phones/<serial>/things/<number>/preview", responses={200: Previews, 409: ApiError})
@allow("researcher", "participant")
def previews(path: ScreenPath, body: Meant) -> Response:
    """What hiding it, and hiding all its like, would hide. Nothing changes."""
    found = runtime().teaching.previews(phone(path.serial).serial, path.number, _meant(body))
    return answer(Previews(previews=[PreviewGiven.model_validate(one) for one in found]))


@api.post("/phones/<serial>/things/<number>/hide", responses={200: AnnotationGiven, 409: ApiError})
@allow("researcher", "participant")
def hide(path: ScreenPath, body: Hide) -> Response:
    """Hide it from now on."""
    role = role_for(body.everywhere)
    serial = phone(path.serial).serial
    made = runtime().teaching.hide(serial, path.number, _meant(body), body.breadth, role, body.everywhere)
    return answer(_given(made))


@api.get("/phones/<serial>/annotations", responses={200: Annotations})
@allow("researcher", "participant")
def history(path: PhonePath) -> Response:
    """What was taught for this phone, those taken back included."""
    made = runtime().teaching.history(phone(path.serial).serial)
    return answer(Annotations(annotations=[_given(one) for one in made]))


@api.post("/phones/<serial>/annotations/<number>/undo", responses={200: AnnotationGiven, 409: ApiError})
@allow("researcher", "participant")
def undo(path: AnnotationPath) -> Response:
    """Show again what was hidden. A participant takes back what holds on their own phone alone."""
    serial = phone(path.serial).serial
    undone = runtime().teaching.undo(path.number, grant().role, only_phone=own_phone(serial))
    return answer(_given(undone))


def _given(made: Annotation) -> AnnotationGiven:
    """A participant is not told the rule: it may quote a text, from somebody else's screen."""
    given = AnnotationGiven.model_validate(made)
    return given if grant().role == "researcher" else given.model_copy(update={"rule": ""})


def _meant(body: Meant) -> int | Box:
    if body.piece is None:
        assert body.thing is not None
        return body.thing
    return Box(body.piece.left, body.piece.top, body.piece.right, body.piece.bottom)
