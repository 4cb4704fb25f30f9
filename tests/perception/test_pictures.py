"""Pictures: found, named, and followed so that none is judged twice."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.perception import Perception, Wants
from backend.perception.photos import photographs
from backend.perception.pictures import PictureMemory
from backend.phones.frame import Frame, Tree
from interventions.sdk import App, Box, Widget

PICTURES = Wants(text=False, masks=False)


def coded(frames):
    """The frames after a round through H.264, as a phone streams them."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="h264") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.options = {"preset": "ultrafast", "tune": "zerolatency", "crf": "23"}
        for frame in frames:
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        container.mux(stream.encode())
    buffer.seek(0)
    with av.open(buffer, format="h264") as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.fixture(scope="module")
def tall(draw):
    return draw.page(
        [draw.sentence(n) if n % 10 < 3 else "" for n in range(50)], {4: draw.photograph(1), 14: draw.photograph(2)}
    )


def test_a_photograph_is_found_to_the_pixel(draw, tall):
    found = photographs(draw.screen(tall, 0), Box(0, 0, 720, 1280), 64)
    assert found[0] == Box(96, 96 + 4 * 64, 96 + 384, 96 + 4 * 64 + 320)


def test_text_and_controls_are_no_photographs(draw):
    assert photographs(draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0), Box(0, 0, 720, 1280), 64) == ()


@settings(max_examples=8, deadline=None)
@given(offset=st.integers(0, 200))
def test_one_picture_has_one_name_wherever_it_stands(draw, tall, offset):
    names = set()
    for at in (0, offset):
        frame = Frame(1, 1.0, "p", App("a"), draw.screen(tall, at), source="file")
        names.add(Perception().see(frame, want=PICTURES).scene.regions[0].digest)
    assert len(names) == 1


def test_two_pictures_have_two_names(draw):
    memory = PictureMemory(8)
    names = {memory.digest(draw.photograph(seed)) for seed in range(20)}
    assert len(names) == 20
    assert len({memory.digest(draw.photograph(seed), lossy=True) for seed in range(20)}) == 20


def test_a_picture_keeps_its_name_while_it_leaves_and_is_renamed_seldom_as_it_comes(draw, tall, frame_of):
    perception = Perception()
    leaving, coming = [], []
    for offset in range(0, 900, 60):
        for region in perception.see(frame_of(draw.screen(tall, offset)), want=PICTURES).scene.regions:
            first = region.box.centre[1] < 96 + 4 * 64 + 320 - offset
            (leaving if first else coming).append(region.digest)
    assert len(leaving) >= 8
    assert len(set(leaving)) == 1
    assert len(set(coming)) <= 3, "a name for each quarter more, not one a frame"


def test_names_survive_video_coding(draw, tall):
    offsets = [0, 0, 40, 40, 130, 170, 170, 10, 0, 55, 900, 0]
    perception = Perception()
    names = []
    for number, pixels in enumerate(coded([draw.screen(tall, offset) for offset in offsets])):
        frame = Frame(number, float(number), "p", App("a"), pixels, source="h264")
        scene = perception.see(frame, want=PICTURES).scene
        if offsets[number] < 200:
            names.append(scene.regions[0].digest)
    assert len(set(names)) == 1, names


def test_scroll_is_exact_in_coded_frames(draw, tall):
    offsets = [0, 37, 37, 400, 250, 251]
    perception = Perception()
    shifts = []
    for number, pixels in enumerate(coded([draw.screen(tall, offset) for offset in offsets])):
        frame = Frame(number, float(number), "p", App("a"), pixels, source="h264")
        shifts.append(perception.see(frame, want=PICTURES).scene.scroll.dy)
    assert shifts == [0, -37, 0, -363, 150, -1]


def picture_node(index, box, kind="ImageView"):
    return Widget(str(index), index, None, 0, f"android.widget.{kind}", "org.example.reader", box)


def test_the_tree_tells_of_pictures_and_plain_ones_are_left_out(draw, frame_of, tall):
    tree = Tree(
        (
            picture_node(0, Box(96, 352, 480, 672)),
            picture_node(1, Box(500, 200, 700, 330)),
            picture_node(2, Box(96, 352, 140, 390)),
            picture_node(3, Box(-900, -900, 9000, 100), "SurfaceView"),
        ),
        time_s=0.5,
        asked_s=0.5,
    )
    scene = Perception().see(frame_of(draw.screen(tall, 0), tree), want=PICTURES).scene
    assert [(region.widget, region.source) for region in scene.regions] == [(0, "tree"), (3, "tree")]
    assert scene.regions[1].box == Box(0, 0, 720, 100)
    assert not scene.regions[0].pixels.flags.writeable


def test_a_video_is_a_new_picture_each_time_it_changes(draw, frame_of):
    tree = Tree((picture_node(0, Box(0, 0, 720, 1280), "TextureView"),), time_s=0.5, asked_s=0.5)
    perception = Perception()
    names = [
        perception.see(frame_of(draw.photograph(seed, 720, 1280), tree), want=PICTURES).scene.regions[0].digest
        for seed in (1, 2, 2)
    ]
    assert names[0] != names[1] == names[2]


def test_symbols_upon_a_video_are_part_of_it(draw, frame_of):
    video, symbol = picture_node(0, Box(0, 0, 720, 1280), "SurfaceView"), picture_node(1, Box(600, 900, 700, 1000))
    tree = Tree((video, symbol), time_s=0.5, asked_s=0.5)
    scene = Perception().see(frame_of(draw.photograph(1, 720, 1280), tree), want=PICTURES).scene
    assert [region.widget for region in scene.regions] == [0]


def test_a_picture_that_came_into_view_is_named_once_more_when_it_rests(draw, frame_of):
    photo = draw.photograph(9, 384, 600)
    tall = draw.page([draw.sentence(n) if n % 10 < 3 else "" for n in range(50)], {10: photo})
    perception = Perception()
    scenes = [
        perception.see(frame_of(draw.screen(tall, offset)), want=PICTURES).scene for offset in (40, 60, 90, 150, 150)
    ]
    names = [scene.regions[0].digest for scene in scenes]
    shown = [scene.regions[0].box.height for scene in scenes]
    assert shown[3] == shown[4] == 598
    assert names[0] == names[1]
    assert names[4] != names[0], "what was cut off when it was named is named at rest"
    assert len(set(names)) <= 3
    resting = perception.see(frame_of(draw.screen(tall, 150)), want=PICTURES).scene
    assert resting.regions[0].digest == names[4]


def test_the_statue_of_a_real_screen_is_found_whole(real_screen, frame_of):
    regions = Perception().see(frame_of(real_screen("image_censor.png")), want=PICTURES).scene.regions
    assert any(region.box.iou(Box(135, 220, 946, 1300)) > 0.97 for region in regions)
