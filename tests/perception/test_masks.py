"""Crops found again on the screen."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from backend.perception import Perception, Template, Wants
from interventions.sdk import Box

MASKS = Wants(text=False, regions=False)


def put(pixels, picture, left, top):
    shown = np.array(pixels)
    shown[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    return shown


def sized(picture, scale):
    height, width = picture.shape[:2]
    image = Image.fromarray(picture).resize((round(width * scale), round(height * scale)), Image.Resampling.LANCZOS)
    return np.asarray(image)


@pytest.fixture
def icon(draw):
    return draw.photograph(11, 96, 80)


@pytest.mark.parametrize("scale", [0.75, 0.9, 1.0, 1.15, 1.33])
def test_one_crop_finds_the_thing_at_any_size(draw, frame_of, icon, scale):
    there = sized(icon, scale)
    shown = put(draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0), there, 211, 503)
    seen = Perception().see(frame_of(shown), masks=[Template("icon", icon, owner="a")], want=MASKS)
    (match,) = seen.matches["a"]
    assert match.mask == "icon"
    assert match.box.iou(Box(211, 503, 211 + there.shape[1], 503 + there.shape[0])) > 0.8


def test_a_match_follows_the_scroll_and_ends_when_the_thing_is_gone(draw, frame_of, icon):
    tall = put(draw.page([draw.sentence(n) for n in range(40)]), icon, 300, 700)
    template = Template("icon", icon, owner="a")
    perception = Perception()
    places = []
    for offset in (0, 150, 400, 900):
        seen = perception.see(frame_of(draw.screen(tall, offset)), masks=[template], want=MASKS)
        places.append([match.box.top for match in seen.matches["a"]])
    assert places == [[796], [646], [396], []]


def test_what_slides_into_view_is_found(draw, frame_of, icon):
    tall = put(draw.page([draw.sentence(n) for n in range(40)]), icon, 300, 1500)
    perception = Perception()
    template = Template("icon", icon, owner="a")
    found = [
        len(perception.see(frame_of(draw.screen(tall, offset)), masks=[template], want=MASKS).matches["a"])
        for offset in (0, 200, 480, 520, 700)
    ]
    assert found == [0, 0, 0, 1, 1]


def test_matches_belong_to_their_owners(draw, frame_of, icon):
    shown = put(draw.screen(draw.page([""] * 20), 0), icon, 100, 300)
    other = draw.photograph(12, 64, 64)
    templates = [
        Template("one", icon, owner="a"),
        Template("two", other, owner="b"),
        Template("three", icon, owner="b"),
    ]
    matches = Perception().see(frame_of(shown), masks=templates, want=MASKS).matches
    assert [match.mask for match in matches["a"]] == ["one"]
    assert [match.mask for match in matches["b"]] == ["three"]


@pytest.mark.parametrize("useless", [np.full((40, 40, 3), 255, dtype=np.uint8), np.zeros((1, 1, 3), dtype=np.uint8)])
def test_a_useless_crop_is_reported_once_and_matches_nothing(draw, frame_of, caplog, useless):
    perception = Perception()
    template = Template("blank", useless, owner="a")
    for offset in (0, 100, 200):
        screen = draw.screen(draw.page([draw.sentence(n) for n in range(30)]), offset)
        assert perception.see(frame_of(screen), masks=[template], want=MASKS).matches == {"a": ()}
    assert sum("blank" in record.getMessage() for record in caplog.records) == 1
