"""Packs over the API."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from backend.annotations.packs import Entry, open_pack, write
from tests.web.fake_runtime import SERIAL, FakeRuntime

PACK = f"/api/phones/{SERIAL}/pack"
APP = "org.example.feed"
STORIES = Entry(app=APP, name="stories", breadth="this", rule=f"{APP}##viewId={APP}:id/stories")
POSTS = Entry(app=APP, name="posts", breadth="this", rule=f"{APP}##viewId={APP}:id/posts")
STRANGER = Ed25519PrivateKey.from_private_bytes(bytes(32))
JSON = {"Content-Type": "application/json"}


def test_a_strangers_pack_is_shown_and_taken_in_only_when_trusted(program: FlaskClient, runtime: FakeRuntime) -> None:
    data = write("theirs", [STORIES, POSTS], STRANGER)
    shown = program.post(f"{PACK}/preview", data=data, headers=JSON).get_json()
    assert (shown["name"], shown["known_author"], shown["screens"]) == ("theirs", False, 1)
    assert [(one["name"], one["known"], one["also_on"]) for one in shown["entries"]] == [
        ("stories", False, 1),
        ("posts", False, 1),
    ]
    refused = program.post(PACK, data=data, headers=JSON)
    assert (refused.status_code, runtime.asked) == (400, [])
    assert shown["author"] in refused.get_json()["error"]
    added = program.post(f"{PACK}?trust=true", data=data, headers=JSON).get_json()["annotations"]
    assert {one["author"] for one in added} == {f"pack {shown['author']}"}
    assert runtime.asked[-1] == ("lessons", f"{SERIAL} {STORIES.rule}", f"{SERIAL} {POSTS.rule}")
    again = program.post(PACK, data=data, headers=JSON)
    assert again.get_json()["annotations"] == []


def test_what_holds_here_is_handed_on(program: FlaskClient, runtime: FakeRuntime) -> None:
    program.post(f"{PACK}?trust=true&everywhere=true", data=write("", [STORIES], STRANGER), headers=JSON)
    given = program.get(f"{PACK}?name=for%20you")
    assert "attachment" in given.headers["Content-Disposition"]
    pack = open_pack(given.data)
    assert (pack.name, pack.entries) == ("for you", (STORIES,))
    assert program.post(f"{PACK}/preview", data=given.data, headers=JSON).get_json()["known_author"]


def test_a_corrupted_pack_and_a_participants_are_refused(
    program: FlaskClient, participant: FlaskClient, runtime: FakeRuntime
) -> None:
    data = write("theirs", [STORIES], STRANGER).replace(b"stories", b"posts", 1)
    refused = program.post(f"{PACK}?trust=true", data=data, headers=JSON)
    assert refused.status_code == 400
    assert "changed after it was signed" in refused.get_json()["error"]
    assert program.post(PACK, data=b" " * (9 << 20), headers=JSON).status_code in (400, 413)
    assert participant.get(PACK).status_code == 403
    assert runtime.asked == []
