"""Standing actions as effects on an app's views."""

from __future__ import annotations

from typing import Any

import pytest

from backend.engine.decision import Decided
from backend.phones.agent.messages import Effect, Effects
from backend.sinks.app import AppSink, LiveView, plan
from backend.sinks.effects import effect_of
from interventions.sdk import Action, App, Block, Box, Cover, Dim, Greyscale, Line, Replace, Scene, Widget

SIZE = (1000, 2000)
KEYS = {name: name[-1] * 32 for name in ("v1", "v2", "v3")}


def widget(index: int, box: Box, kind: str = "TextView", text: str = "") -> Widget:
    parent = 0 if index else None
    return Widget(f"v{index}", index, parent, min(index, 1), f"android.widget.{kind}", "org.example", box, text=text)


WIDGETS = (
    widget(0, Box(0, 0, 1000, 2000), "FrameLayout"),
    widget(1, Box(0, 100, 1000, 200), text="you are awful"),
    widget(2, Box(0, 200, 1000, 300), text="1,284 likes"),
    widget(3, Box(0, 300, 1000, 900), "ImageView"),
    widget(4, Box(0, 900, 1000, 1000), "HorizontalScrollView"),
)
LINES = tuple(
    Line(one.text, one.box, paragraph=number, widget=one.index) for number, one in enumerate(WIDGETS) if one.text
)
SCENE = Scene(1, 1.0, "phone", App("org.example"), SIZE, LINES, widgets=WIDGETS)
VIEWS = {one.id: LiveView(100 + one.index, KEYS.get(one.id, "")) for one in WIDGETS}


def decided(action: Action, late: bool = False) -> Decided:
    return Decided("it", action, late=late)


def planned(*actions: Action, verdicts: dict[str, Effect] | None = None, late: bool = False) -> Any:
    return plan(SCENE, [decided(action, late) for action in actions], VIEWS, (verdicts or {}).get)


def effects(made: Any) -> list[tuple[int, str, str]]:
    return [(one.view, one.effect.kind, one.key) for one in made.effects(1).views]


def test_a_cover_on_a_text_goes_to_its_view_with_the_content_it_was_decided_on() -> None:
    made = planned(Cover(WIDGETS[1].box))
    assert effects(made) == [(101, "cover", KEYS["v1"])]
    assert [one.where for one in made.carried] == ["view"]


def test_a_line_that_has_its_place_by_guess_still_names_its_view() -> None:
    grown = Line("you are awful", Box(0, 40, 1000, 260), widget=1)
    scene = Scene(1, 1.0, "phone", App("org.example"), SIZE, (grown,), widgets=WIDGETS)
    made = plan(scene, [decided(Cover(grown.box))], VIEWS, {}.get)
    assert effects(made) == [(101, "cover", KEYS["v1"])]


def test_what_the_verdict_on_its_content_hides_already_is_left_to_it() -> None:
    made = planned(Cover(WIDGETS[1].box), verdicts={KEYS["v1"]: Effect(kind="cover")})
    assert effects(made) == []
    assert [one.where for one in made.carried] == ["content"]


def test_content_that_is_shown_by_itself_can_be_hidden_for_where_it_stands() -> None:
    made = planned(Cover(WIDGETS[2].box, style="inpaint"), verdicts={KEYS["v2"]: Effect(kind="show")})
    assert effects(made) == [(102, "hide", KEYS["v2"])]


def test_a_placeholder_for_what_is_not_judged_yet_is_left_to_the_agent() -> None:
    assert effects(planned(Cover(WIDGETS[1].box), late=True)) == []
    assert effects(planned(Cover(WIDGETS[4].box), late=True)) == [(104, "cover", "")]


def test_a_bar_that_is_gone_needs_no_block_beside() -> None:
    bar = WIDGETS[4].box
    made = planned(Cover(bar, style="inpaint"), Block(bar))
    assert effects(made) == [(104, "hide", "")]
    assert [one.where for one in made.carried] == ["view", "view"]


def test_a_block_alone_keeps_the_view_visible() -> None:
    assert effects(planned(Block(WIDGETS[4].box))) == [(104, "block", "")]


def test_dims_and_greys_of_the_whole_screen_are_the_windows_and_the_strongest_counts() -> None:
    made = planned(Dim(0.3), Dim(0.5, SCENE.bounds), Greyscale(0.8), Block())
    sent = made.effects(7)
    assert (sent.seq, sent.dim, sent.grey, sent.block, sent.views) == (7, 0.5, 0.8, True, [])


def test_what_no_view_can_do_is_left_over() -> None:
    made = planned(Dim(0.3, Box(0, 0, 100, 100)), Cover(Box(300, 1200, 400, 1300)), Block(Box(0, 1200, 100, 1300)))
    assert len(made.left) == 3
    assert made.carried == []


def test_several_views_are_not_one_text() -> None:
    made = planned(Replace(Box(0, 95, 1000, 305), "nothing"))
    assert effects(made) == [(101, "cover", KEYS["v1"]), (102, "cover", KEYS["v2"])]


@pytest.mark.parametrize(
    ("action", "text", "picture"),
    [
        (Cover(Box(0, 0, 1, 1)), "cover", "cover"),
        (Cover(Box(0, 0, 1, 1), style="blur"), "blur", "blur"),
        (Cover(Box(0, 0, 1, 1), style="inpaint"), "hide", "placeholder"),
        (Cover(Box(0, 0, 1, 1), style="text", text="x"), "cover", "cover"),
        (Replace(Box(0, 0, 1, 1), "x"), "replace", "cover"),
    ],
)
def test_every_style_has_an_effect(action: Action, text: str, picture: str) -> None:
    assert (effect_of(action, picture=False).kind, effect_of(action, picture=True).kind) == (text, picture)


class Heard:
    def __init__(self) -> None:
        self.sent: list[tuple[str, Effects]] = []

    def effects(self, package: str, effects: Effects) -> None:
        self.sent.append((package, effects))

    def send(self, package: str, message: object) -> bool:
        return False


def test_only_what_is_new_is_sent_and_a_new_agent_is_told_everything() -> None:
    heard = Heard()
    sink = AppSink(heard, {}.get)
    cover = [decided(Cover(WIDGETS[1].box))]
    sink.show(SCENE, cover, VIEWS)
    sink.show(SCENE, cover, VIEWS)
    assert len(heard.sent) == 1
    assert sink.drawn == (WIDGETS[1].box,)
    sink.show(SCENE, [], VIEWS)
    assert heard.sent[-1][1].views == []
    sink.show(SCENE, [], VIEWS)
    assert len(heard.sent) == 2
    sink.show(SCENE, cover, VIEWS)
    sink.forget("org.example")
    sink.show(SCENE, cover, VIEWS)
    assert len(heard.sent) == 4
    assert [effects.seq for _, effects in heard.sent] == [1, 2, 3, 4]
