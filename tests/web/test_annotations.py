"""Pointing at the screen, over the API."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.fake_runtime import SERIAL, FakeRuntime

PHONE = f"/api/phones/{SERIAL}"
LESSON = "org.example.feed##viewId=org.example.feed:id/stories"


def pointed(client: FlaskClient, name: str = "stories (list)") -> tuple[str, dict[str, Any]]:
    """The address of the screen, and what is meant on it."""
    offer = client.get(f"{PHONE}/things").get_json()
    at = next(at for at, thing in enumerate(offer["things"]) if thing["name"] == name)
    return f"{PHONE}/things/{offer['number']}", {"thing": at}


def test_a_thing_is_previewed_hidden_listed_and_shown_again(program: FlaskClient, runtime: FakeRuntime) -> None:
    screen, meant = pointed(program)
    (preview,) = program.post(f"{screen}/preview", json=meant).get_json()["previews"]
    assert (preview["breadth"], preview["by"], preview["boxes"][0]["top"]) == ("this", "id", 100)
    made = program.post(f"{screen}/hide", json={**meant, "breadth": "this"}).get_json()
    assert (made["name"], made["author"], made["phone"]) == ("stories", "researcher", SERIAL)
    assert runtime.asked[-1] == ("lessons", f"{SERIAL} {LESSON}")
    assert [one["id"] for one in program.get(f"{PHONE}/annotations").get_json()["annotations"]] == [made["id"]]
    undone = program.post(f"{PHONE}/annotations/{made['id']}/undo").get_json()
    assert undone["undone_by"] == "researcher"
    assert runtime.asked[-1] == ("lessons",)


def test_a_researcher_hides_on_every_phone(program: FlaskClient, runtime: FakeRuntime) -> None:
    screen, meant = pointed(program)
    program.post(f"{screen}/hide", json={**meant, "everywhere": True})
    assert runtime.asked[-1] == ("lessons", f"* {LESSON}")


def test_a_participant_points_at_their_own_phone_alone(
    participant: FlaskClient, program: FlaskClient, runtime: FakeRuntime
) -> None:
    page = participant.get("/").get_data(as_text=True)
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    headers = {"X-CSRFToken": token}
    screen, meant = pointed(participant)
    everywhere = {**meant, "everywhere": True}
    assert participant.post(f"{screen}/hide", json=everywhere, headers=headers).status_code == 403
    assert participant.get("/api/phones/R58M/things").status_code == 403
    made = participant.post(f"{screen}/hide", json=meant, headers=headers).get_json()
    assert made["author"] == "participant"
    others = program.post(f"{screen}/hide", json=everywhere).get_json()
    assert participant.post(f"{PHONE}/annotations/{others['id']}/undo", headers=headers).status_code == 409
    assert participant.post(f"{PHONE}/annotations/{made['id']}/undo", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("things/999/hide", {"thing": 0}, 409),
        ("things/{number}/hide", {"thing": 999}, 409),
        ("things/{number}/hide", {"thing": 0, "breadth": "everything"}, 422),
        ("things/{number}/hide", {"thing": 0, "rule": "*"}, 422),
        ("things/{number}/hide", {}, 422),
        ("things/{number}/hide", {"thing": 0, "piece": {"left": 0, "top": 0, "right": 9, "bottom": 9}}, 422),
        ("things/{number}/hide", {"piece": {"left": 0, "top": 0, "right": 9, "bottom": 9}}, 409),
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


def test_no_text_is_told_to_a_participant(participant: FlaskClient, program: FlaskClient) -> None:
    """Neither what was called harmful, nor what a rule goes by."""
    offer = program.get(f"{PHONE}/things").get_json()
    at = next(at for at, thing in enumerate(offer["things"]) if thing["name"] == "text (text)")
    screen = f"{PHONE}/things/{offer['number']}"
    program.post(f"{screen}/hide", json={"thing": at})
    said = program.post(f"{screen}/correct", json={"thing": at, "harmful": True, "everywhere": True})
    assert "What person" in said.get_data(as_text=True)
    for what in ("annotations", "corrections"):
        assert "What person" in program.get(f"{PHONE}/{what}").get_data(as_text=True)
        told = participant.get(f"{PHONE}/{what}")
        assert told.status_code == 200
        assert "What person" not in told.get_data(as_text=True)
