"""What one phone's perception promises from frame to frame."""

from __future__ import annotations

from backend.errors import ModelError
from backend.perception import Perception, PerceptionSettings, Wants
from backend.phones.frame import Tree
from interventions.sdk import Box, Widget


def _widget(index: int, box: Box, text: str = "", parent: int | None = 0, kind: str = "TextView", **more) -> Widget:
    return Widget(
        id=f"w{index}",
        index=index,
        parent=parent,
        depth=1 if parent is not None else 0,
        class_name=f"android.widget.{kind}",
        package=more.pop("package", "org.example.reader"),
        box=box,
        text=text,
        **more,
    )


def test_text_is_read_once_and_then_follows_the_scroll(draw, frame_of):
    rows = [draw.sentence(number) for number in range(40)]
    tall = draw.page(rows)
    perception = Perception()
    perception.see(frame_of(draw.screen(tall, 0)))
    for offset in (150, 310, 430):
        before = perception.counters.crops_recognised
        scene = perception.see(frame_of(draw.screen(tall, offset))).scene
        assert (scene.scroll.dx, scene.scroll.dy) in {(0, -150), (0, -160), (0, -120)}
        assert perception.counters.crops_recognised - before <= 6, "only the new strip is read"
    whole = [row for at, row in enumerate(rows) if at * 64 >= 430 and (at + 1) * 64 <= 430 + 1088]
    assert [row for row in whole if row not in [line.text for line in scene.lines]] == []
    for line in scene.lines[1:-1]:
        at = rows.index(line.text)
        assert abs(line.box.centre[1] - (96 + at * 64 + 32 - 430)) <= 8


def test_an_unchanged_screen_is_recognised_without_reading(draw, frame_of):
    pixels = draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0)
    perception = Perception()
    first = perception.see(frame_of(pixels)).scene
    again = perception.see(frame_of(pixels.copy())).scene
    assert again.lines == first.lines
    assert again.number == first.number + 1
    assert again.changed == ()
    assert perception.counters.strips_detected == 1


def test_the_tree_is_believed_and_nothing_is_read(draw, frame_of):
    pixels = draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0)
    screen = Box(0, 0, 720, 1280)
    widgets = (
        _widget(0, screen, parent=None, kind="FrameLayout"),
        _widget(1, Box(0, 96, 720, 1184), kind="RecyclerView"),
        *(_widget(2 + n, Box(32, 96 + 64 * n, 688, 160 + 64 * n), draw.sentence(n), parent=1) for n in range(17)),
    )
    perception = Perception()
    scene = perception.see(frame_of(pixels, Tree(widgets, time_s=0.5, asked_s=0.4))).scene
    assert [line.text for line in scene.lines] == [draw.sentence(n) for n in range(17)]
    assert {line.source for line in scene.lines} == {"tree"}
    assert perception.counters.strips_detected == 0


def test_what_nobody_wants_is_not_done(draw, frame_of):
    pixels = draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0)
    perception = Perception()
    scene = perception.see(frame_of(pixels), want=Wants(text=False, regions=False, masks=False)).scene
    assert scene.lines == scene.regions == ()
    assert perception.counters.strips_detected == 0
    assert perception.see(frame_of(pixels)).scene.lines, "asked for later, it is there"


def test_without_ocr_a_silent_screen_has_no_lines(draw, frame_of):
    pixels = draw.screen(draw.page([draw.sentence(n) for n in range(20)]), 0)
    assert Perception(PerceptionSettings(ocr=False)).see(frame_of(pixels)).scene.lines == ()


def test_the_distance_grows_within_an_app_and_the_streak_counts_scrolling_frames(draw, frame_of):
    tall = draw.page([draw.sentence(n) for n in range(40)])
    perception = Perception()
    want = Wants(text=False, regions=False, masks=False)
    seen = [
        perception.see(frame_of(draw.screen(tall, offset), app=app), want=want).scene.scroll
        for offset, app in [(0, "a"), (100, "a"), (300, "a"), (300, "a"), (250, "a"), (350, "b")]
    ]
    assert [scroll.dy for scroll in seen] == [0, -100, -200, 0, 50, -100]
    assert [scroll.distance for scroll in seen] == [0, 100, 300, 300, 350, 100]
    assert [scroll.streak for scroll in seen] == [0, 1, 2, 0, 1, 1]


def test_where_nothing_is_wanted_nothing_but_change_is_looked_for(draw, frame_of):
    tall = draw.page([draw.sentence(n) for n in range(40)])
    nothing = Wants(text=False, regions=False, widgets=False, scroll=False, masks=False)
    perception = Perception()
    perception.see(frame_of(draw.screen(tall, 0)), want=nothing)
    scene = perception.see(frame_of(draw.screen(tall, 100)), want=nothing).scene
    assert scene.changed
    assert not scene.scroll
    assert scene.widgets == scene.lines == ()


def test_missing_text_networks_are_reported_once_and_the_rest_goes_on(draw, frame_of, monkeypatch, caplog):
    def missing(threads: int) -> None:
        raise ModelError("the text network is gone", "reinstall rapidocr")

    monkeypatch.setattr("backend.perception.perception.shared_reader", missing)
    tall = draw.page([draw.sentence(n) for n in range(40)], {6: draw.photograph(1)})
    perception = Perception()
    for offset in (0, 50):
        scene = perception.see(frame_of(draw.screen(tall, offset))).scene
        assert scene.lines == ()
        assert len(scene.regions) == 1
    assert len([record for record in caplog.records if "reinstall rapidocr" in record.getMessage()]) == 1
