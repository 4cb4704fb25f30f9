"""Packs: what was taught here as a file, and what somebody else's file would hide here."""

from __future__ import annotations

from flask import Response, request

from backend.annotations.packs import MOST_BYTES, Pack, open_pack, own_key, trust, trusted
from backend.annotations.sharing import contents, exported
from backend.errors import PackError
from backend.web.api.blueprint import answer, blueprint
from backend.web.api.schemas import (
    AnnotationGiven,
    Annotations,
    ApiError,
    PackContents,
    PackEntryGiven,
    PackQuery,
    PhonePath,
    TakeIn,
)
from backend.web.context import phone, runtime
from backend.web.guard import allow

api = blueprint("packs", "Packs of what was taught: signed files that can be handed on.")


@api.get("/phones/<serial>/pack", responses={200: {"content": {"application/json": {}}}})
@allow("researcher")
def own(path: PhonePath, query: PackQuery) -> Response:
    """What holds on this phone, as a signed pack."""
    serial = phone(path.serial).serial
    data = exported(runtime().journal.annotations, query.name, own_key(runtime().key_folder), serial)
    told = Response(data, mimetype="application/json")
    told.headers["Content-Disposition"] = 'attachment; filename="taught.pack.json"'
    return told


@api.post("/phones/<serial>/pack/preview", responses={200: PackContents, 400: ApiError})
@allow("researcher")
def preview(path: PhonePath) -> Response:
    """What the pack in the request's body would hide, and on how many of the phone's last screens. Nothing changes."""
    serial = phone(path.serial).serial
    pack = _pack()
    screens = runtime().teaching.screens(serial)
    given = [
        PackEntryGiven(
            app=one.entry.app, name=one.entry.name, rule=one.entry.rule, known=one.known, also_on=one.screens
        )
        for one in contents(runtime().journal.annotations, pack, screens)
    ]
    known_author = pack.author in trusted(runtime().key_folder)
    return answer(
        PackContents(name=pack.name, author=pack.author, known_author=known_author, screens=len(screens), entries=given)
    )


@api.post("/phones/<serial>/pack", responses={200: Annotations, 400: ApiError})
@allow("researcher")
def take_in(path: PhonePath, query: TakeIn) -> Response:
    """Have the pack in the request's body hold, on this phone or on every one."""
    serial = phone(path.serial).serial
    pack = _pack()
    if pack.author not in trusted(runtime().key_folder):
        if not query.trust:
            raise PackError(
                f"nobody here knows {pack.author}, who signed this pack",
                "ask its author whether that is their key, then say that you trust it",
            )
        trust(runtime().key_folder, pack.author)
    added = runtime().teaching.take_in(pack, "" if query.everywhere else serial)
    return answer(Annotations(annotations=[AnnotationGiven.model_validate(one) for one in added]))


def _pack() -> Pack:
    request.max_content_length = MOST_BYTES
    return open_pack(request.get_data())
