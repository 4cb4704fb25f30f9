"""Pictures are judged by a small copy before they are shown, and put back as they were."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

HOLD = {"hold": True, "deadline_ms": 60_000, "afterwards": "hide"}
GREY = (0x8A, 0x8D, 0x91)
THUMB_PX = 200


def photo(agent: Any) -> dict[str, Any]:
    """The report of the first post's photo."""
    return agent.wait_for("image", lambda image: image["view_id"].endswith(":id/post_photo"))


def judge(agent: Any, seq: int, key: str, kind: str, **more: object) -> None:
    agent.post("verdicts", seq=seq, items=[{"key": key, "effect": {"kind": kind, **more}}])
    agent.wait_for("applied", lambda applied: applied["seq"] == seq)


def middle(pixels: np.ndarray) -> np.ndarray:
    """The inner part of a picture, away from rounded corners and neighbours."""
    height, width = pixels.shape[:2]
    return pixels[height // 4 : -height // 4, width // 4 : -width // 4]


def colours(pixels: np.ndarray) -> int:
    return len(np.unique(pixels.reshape(-1, 3), axis=0))


@pytest.fixture
def with_photo(app_phone: Any) -> Callable[[], tuple[int, int, int, int]]:
    """Scrolls until a photo is whole on the screen; its box."""

    def find() -> tuple[int, int, int, int]:
        for _ in range(6):
            boxes = [node for node in app_phone.nodes() if node["resource-id"].endswith(":id/post_photo")]
            if boxes:
                return app_phone.box("post_photo")
            app_phone.scroll(-400)
        raise AssertionError("no post with a photo")

    return find


def test_a_small_copy_travels_and_the_whole_on_request(inject: Callable[..., Any], with_photo: Any) -> None:
    agent = inject("feed")
    with_photo()
    agent.post("configure", images=True, thumb_px=THUMB_PX)
    report = photo(agent)
    small = Image.open(io.BytesIO(agent.binary_of(report)))
    assert max(small.size) == THUMB_PX
    assert small.size[0] / small.size[1] == pytest.approx(report["width"] / report["height"], abs=0.02)
    agent.post("fetch_image", key=report["key"])
    whole = agent.wait_for("image", lambda image: image["full"] and image["key"] == report["key"])
    assert Image.open(io.BytesIO(agent.binary_of(whole))).size == (report["width"], report["height"])


def test_the_same_picture_has_the_same_key_and_is_reported_once(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    agent.post("configure", images=True)
    photo(agent)
    app_phone.scroll(-1500)
    app_phone.scroll(1500)
    agent.settle(1)
    keys = [image["key"] for image in agent.messages("image")]
    assert len(keys) == len(set(keys))


def test_blur_shows_a_mosaic_and_leave_puts_the_picture_back(
    inject: Callable[..., Any], app_phone: Any, with_photo: Any
) -> None:
    agent = inject("feed")
    box = with_photo()
    before = app_phone.pixels(box)
    agent.post("configure", images=True)
    judge(agent, 1, photo(agent)["key"], "blur")
    app_phone.until(lambda: (app_phone.pixels(box) != before).any(), "the mosaic")
    app_phone.rest()
    blurred = app_phone.pixels(box)
    assert app_phone.box("post_photo") == box
    assert colours(middle(blurred)) * 20 < colours(middle(before))
    assert np.abs(blurred.mean((0, 1)) - before.mean((0, 1))).max() < 25
    assert agent.leave()["restored"] >= 1
    app_phone.until(lambda: (app_phone.pixels(box) == before).all(), "the picture as it was")


def test_unknown_pictures_show_a_placeholder_until_their_verdict(
    inject: Callable[..., Any], app_phone: Any, with_photo: Any
) -> None:
    agent = inject("feed")
    left, top, right, bottom = with_photo()
    agent.post("configure", images=True, image_waiting=HOLD)
    app_phone.until(lambda: (middle(app_phone.pixels(app_phone.box("post_photo"))) == GREY).all(), "the placeholder")
    held = app_phone.box("post_photo")
    assert (held[2] - held[0], held[3] - held[1]) == (right - left, bottom - top)
    judge(agent, 1, photo(agent)["key"], "show")
    app_phone.until(lambda: colours(middle(app_phone.pixels(app_phone.box("post_photo")))) > 100, "the picture")


def test_hold_switched_off_shows_the_pictures_that_wait(
    inject: Callable[..., Any], app_phone: Any, with_photo: Any
) -> None:
    agent = inject("feed")
    box = with_photo()
    before = app_phone.pixels(box)
    agent.post("configure", images=True, image_waiting=HOLD)
    app_phone.until(lambda: (middle(app_phone.pixels(box)) == GREY).all(), "the placeholder")
    agent.post("configure", images=True)
    app_phone.until(lambda: (app_phone.pixels(box) == before).all(), "the picture as it was")


def test_past_its_deadline_a_picture_shows(inject: Callable[..., Any], app_phone: Any, with_photo: Any) -> None:
    agent = inject("feed")
    with_photo()
    agent.post("configure", images=True, image_waiting={**HOLD, "deadline_ms": 400, "afterwards": "show"})
    photo(agent)
    app_phone.until(lambda: colours(middle(app_phone.pixels(app_phone.box("post_photo")))) > 100, "the picture")


def test_icons_of_the_app_are_nobodys_business(inject: Callable[..., Any], app_phone: Any) -> None:
    agent = inject("feed")
    agent.post("configure", images=True)
    photo(agent)
    agent.settle(1)
    named = {image["view_id"].rpartition("/")[2] for image in agent.messages("image")}
    assert named <= {"post_photo", "post_avatar", "story_avatar", "story_ring", ""}
