"""The mirror gives the newest picture, to each reader at its own pace."""

from __future__ import annotations

import io
import json

from flask.testing import FlaskClient
from PIL import Image as Pictures

from backend.web.runtime import Interstitial
from tests.web.fake_runtime import SECRET, SERIAL, FakeRuntime

MIRROR, RAW = f"/mirror/{SERIAL}/frame", f"/raw/{SERIAL}/frame"


def centre_of_secret(jpeg: bytes) -> tuple[int, int, int]:
    picture = Pictures.open(io.BytesIO(jpeg)).convert("RGB")
    scale = picture.width / 1080
    x, y = SECRET.centre
    return picture.getpixel((int(x * scale), int(y * scale)))  # type: ignore[return-value]


def test_a_picture_says_what_it_is(researcher: FlaskClient, runtime: FakeRuntime) -> None:
    answer = researcher.get(MIRROR)
    assert answer.mimetype == "image/jpeg"
    assert answer.headers["X-Frame-Number"] == "1"
    assert answer.headers["X-Frame-Size"] == "1080x2220"
    assert answer.headers["X-Phone-State"] == "live"
    assert json.loads(answer.headers["X-Frame-Over"]) == {"interstitial": None, "notices": []}


def test_what_is_covered_is_in_the_raw_picture_only(researcher: FlaskClient, runtime: FakeRuntime) -> None:
    red, green, _ = centre_of_secret(researcher.get(RAW).data)
    assert red > 200 > green
    red, _, _ = centre_of_secret(researcher.get(MIRROR).data)
    assert red < 100
    runtime.disable("cover")
    red, _, _ = centre_of_secret(researcher.get(MIRROR).data)
    assert red > 200


def test_nothing_newer_is_no_content(researcher: FlaskClient) -> None:
    answer = researcher.get(f"{MIRROR}?after=1")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["X-Phone-State"] == "live"


def test_a_reader_that_missed_pictures_gets_only_the_newest(researcher: FlaskClient, runtime: FakeRuntime) -> None:
    for _ in range(5):
        runtime.compose()
    assert researcher.get(f"{MIRROR}?after=1").headers["X-Frame-Number"] == "6"


def test_an_interstitial_travels_with_the_picture_in_any_language(
    researcher: FlaskClient, runtime: FakeRuntime
) -> None:
    runtime.notices = ("Zwei Bilder verdeckt — weiter geht’s\r\nX-Evil: 1",)
    runtime.open(Interstitial(key="gate", kind="delay", message="先休息一下", seconds=8, remaining_s=7.5))
    answer = researcher.get(f"{MIRROR}?after=1")
    over = json.loads(answer.headers["X-Frame-Over"])
    assert over["interstitial"]["message"] == "先休息一下"
    assert over["interstitial"]["remaining_s"] == 7.5
    assert over["notices"] == list(runtime.notices)
    assert "X-Evil" not in answer.headers


def test_a_paused_phone_gives_out_no_picture(researcher: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.pause(SERIAL, "enough")
    answer = researcher.get(MIRROR)
    assert (answer.status_code, answer.headers["X-Phone-State"]) == (204, "paused")
    assert researcher.get(RAW).status_code == 204


def test_a_number_that_is_none_is_refused(researcher: FlaskClient) -> None:
    assert researcher.get(f"{MIRROR}?after=soon").status_code == 400


def test_an_unknown_phone_is_named(researcher: FlaskClient) -> None:
    answer = researcher.get("/mirror/nosuch/frame")
    assert answer.status_code == 404
    assert "nosuch" in answer.get_json()["error"]


def test_a_phone_that_counts_anew_is_followed(researcher: FlaskClient, runtime: FakeRuntime) -> None:
    runtime.compose()
    runtime.start_over()
    assert researcher.get(f"{MIRROR}?after=2").headers["X-Frame-Number"] == "1"
