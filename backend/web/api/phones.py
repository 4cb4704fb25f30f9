"""Phones, and what is passed on to them."""

from __future__ import annotations

from flask import Response

from backend.web.api.blueprint import answer, blueprint
from backend.web.api.schemas import (
    AnswerGiven,
    Done,
    KeyPress,
    Pause,
    Phone,
    PhonePath,
    Phones,
    Swipe,
    Touches,
    Typed,
)
from backend.web.context import phone, runtime
from backend.web.guard import allow

api = blueprint("phones", "Phones, and what is passed on to them. Coordinates are the phone's own pixels.")


@api.get("/phones", responses={200: Phones})
@allow("researcher")
def list_phones() -> Response:
    """All phones."""
    return answer(Phones(phones=[Phone.model_validate(view) for view in runtime().phones()]))


@api.get("/phones/<serial>", responses={200: Phone})
@allow("researcher", "participant")
def one_phone(path: PhonePath) -> Response:
    """One phone."""
    return answer(Phone.model_validate(phone(path.serial)))


@api.post("/phones/<serial>/touch", responses={200: Done})
@allow("researcher", "participant")
def touch(path: PhonePath, body: Touches) -> Response:
    """Pass touch events on, in order."""
    serial = phone(path.serial).serial
    passed = [runtime().touch(serial, event.action, event.x, event.y) for event in body.events]
    return answer(Done(accepted=all(passed)))


@api.post("/phones/<serial>/swipe", responses={200: Done})
@allow("researcher", "participant")
def swipe(path: PhonePath, body: Swipe) -> Response:
    """Pass a whole swipe on."""
    return answer(Done(accepted=runtime().swipe(phone(path.serial).serial, body.start, body.end, body.duration_s)))


@api.post("/phones/<serial>/key", responses={200: Done})
@allow("researcher", "participant")
def key(path: PhonePath, body: KeyPress) -> Response:
    """Press a key."""
    runtime().key(phone(path.serial).serial, body.key)
    return answer(Done(accepted=True))


@api.post("/phones/<serial>/text", responses={200: Done})
@allow("researcher", "participant")
def text(path: PhonePath, body: Typed) -> Response:
    """Type into the focused field."""
    runtime().text(phone(path.serial).serial, body.text)
    return answer(Done(accepted=True))


@api.post("/phones/<serial>/answer", responses={200: Done})
@allow("researcher", "participant")
def give_answer(path: PhonePath, body: AnswerGiven) -> Response:
    """Answer an interstitial: `dismiss` or `leave` for a delay, one of its answers for a question."""
    return answer(Done(accepted=runtime().answer(phone(path.serial).serial, body.key, body.choice)))


@api.post("/phones/<serial>/pause", responses={200: Done})
@allow("researcher", "participant")
def pause(path: PhonePath, body: Pause) -> Response:
    """Stop seeing and changing this phone until it is resumed."""
    runtime().pause(phone(path.serial).serial, body.reason)
    return answer(Done(accepted=True))


@api.post("/phones/<serial>/resume", responses={200: Done})
@allow("researcher", "participant")
def resume(path: PhonePath) -> Response:
    """Go on after a pause."""
    runtime().resume(phone(path.serial).serial)
    return answer(Done(accepted=True))
