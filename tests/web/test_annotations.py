"""Pointing at the screen, over the API."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.web.fake_runtime import SERIAL, FakeRuntime

PHONE = f"/api/phones/{SERIAL}"
LESSON = "org.example.feed##viewId=org.example.feed:id/stories"


def pointed(client: FlaskClient, name: str = "stories (list)") -> str:
    """The address of a thing on the screen."""
    offer = client.get(f"{PHONE}/things").get_json()
    at = next(at for at, thing in enumerate(offer["things"]) if thing["name"] == name)
    return f"{PHONE}/things/{offer['number']}/{at}"


def test_a_thing_is_previewed_hidden_listed_and_shown_again(program: FlaskClient, runtime: FakeRuntime) -> None:
    thing = pointed(program)
    (preview,) = program.get(thing).get_json()["previews"]
    assert (preview["breadth"], preview["by"], preview["boxes"][0]["top"]) == ("this", "id", 100)
    made = program.post(f"{thing}/hide", json={"breadth": "this"}).get_json()
    assert (made["name"], made["author"], made["phone"]) == ("stories", "researcher", SERIAL)
    assert runtime.asked[-1] == ("lessons", f"{SERIAL} {LESSON}")
    assert [one["id"] for one in program.get(f"{PHONE}/annotations").get_json()["annotations"]] == [made["id"]]
    undone = program.post(f"{PHONE}/annotations/{made['id']}/undo").get_json()
    assert undone["undone_by"] == "researcher"
    assert runtime.asked[-1] == ("lessons",)


def test_a_researcher_hides_on_every_phone(program: FlaskClient, runtime: FakeRuntime) -> None:
    program.post(f"{pointed(program)}/hide", json={"everywhere": True})
    assert runtime.asked[-1] == ("lessons", f"* {LESSON}")


def test_a_participant_points_at_their_own_phone_alone(
    participant: FlaskClient, program: FlaskClient, runtime: FakeRuntime
) -> None:
    page = participant.get("/").get_data(as_text=True)
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    headers = {"X-CSRFToken": token}
    thing = pointed(participant)
    assert participant.post(f"{thing}/hide", json={"everywhere": True}, headers=headers).status_code == 403
    assert participant.get("/api/phones/R58M/things").status_code == 403
    made = participant.post(f"{thing}/hide", json={}, headers=headers).get_json()
    assert made["author"] == "participant"
    others = program.post(f"{pointed(program)}/hide", json={"everywhere": True}).get_json()
    assert participant.post(f"{PHONE}/annotations/{others['id']}/undo", headers=headers).status_code == 409
    assert participant.post(f"{PHONE}/annotations/{made['id']}/undo", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("things/999/0/hide", {}, 409),
        ("things/{number}/999/hide", {}, 409),
        ("things/{number}/0/hide", {"breadth": "everything"}, 422),
        ("things/{number}/0/hide", {"rule": "*"}, 422),
        ("annotations/999/undo", None, 409),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    program: FlaskClient, runtime: FakeRuntime, path: str, body: object, status: int
) -> None:
    number = program.get(f"{PHONE}/things").get_json()["number"]
    refused = program.post(f"{PHONE}/{path.format(number=number)}", json=body)
    assert refused.status_code == status
    assert refused.get_json()["error"]
    assert runtime.asked == []
