"""Contents are judged by themselves, before they are shown."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image as Pictures

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.engine.runner import Limits
from backend.errors import InputError
from backend.phones.agent.messages import Image, TextContent
from backend.pipeline.content import CONTENT_HANDLERS, MOST_TEXTS, Batch, ContentJudge
from backend.pipeline.contents import Content, decoded, of_image, of_text, scene_of, verdicts
from backend.serving.host import ModelHost
from tests.engine.conftest import Bench

APP = "org.example.app"
SHOUTS = """
def on_text(self, lines):
    for line in lines:
        if line.text.isupper():
            yield Cover(line.box, why="loud")
"""


def text(words: str, view_id: str = "", role: str = "text", kind: str = "TextView") -> Content:
    key = f"{abs(hash((words, view_id, role))):032x}"[-32:]
    told = TextContent(
        key=key, view=1, role=role, text=words, length=len(words), class_name=f"android.widget.{kind}", view_id=view_id
    )  # type: ignore[arg-type]
    return of_text(told)


def png(size: tuple[int, int] = (320, 200), colour: tuple[int, int, int] = (250, 10, 10)) -> bytes:
    out = BytesIO()
    Pictures.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


def picture(data: bytes, size: tuple[int, int] = (640, 400)) -> Content:
    told = Image(key="a" * 32, view=1, width=size[0], height=size[1], class_name="android.widget.ImageView")
    return of_image(told, data)


class Judging:
    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.batches: list[Batch] = []
        self._came = threading.Condition()
        self.engine = Engine(
            Catalog([bench.folder], shipped=bench.folder / "nothing"),
            lambda name: pytest.fail(name),
            limits=Limits(hard_deadline_s=3.0),
            soft_deadline_s=None,
            handlers=CONTENT_HANDLERS,
        )
        self.judge = ContentJudge("phone", self.engine, self._take)

    def _take(self, batch: Batch) -> None:
        with self._came:
            self.batches.append(batch)
            self._came.notify_all()

    def wait(self, condition: Callable[[], bool]) -> None:
        with self._came:
            assert self._came.wait_for(condition, 20.0)

    def kinds(self, *contents: Content) -> list[str]:
        return [one.effect.kind for one in self.judge.judge(APP, contents).judged]


@pytest.fixture
def judging(tmp_path) -> Iterator[Judging]:
    bench = Bench(tmp_path)
    judging = Judging(bench)
    yield judging
    judging.judge.stop()
    judging.engine.close()


def test_each_text_gets_its_own_verdict(judging: Judging) -> None:
    judging.bench.write("loud", SHOUTS)
    judging.engine.enable("loud")
    assert judging.kinds(text("GO AWAY"), text("good morning"), text("NO")) == ["cover", "show", "cover"]


def test_without_interventions_everything_is_shown(judging: Judging) -> None:
    assert judging.kinds(text("GO AWAY"), picture(png())) == ["show", "show"]


def test_an_intervention_elsewhere_does_not_judge_this_app(judging: Judging) -> None:
    judging.bench.write("loud", SHOUTS)
    judging.engine.enable("loud", apps=["com.other.*"])
    assert judging.kinds(text("GO AWAY")) == ["show"]


def test_handlers_that_look_at_screens_are_not_called(judging: Judging) -> None:
    judging.bench.write(
        "screens", "def on_scroll(self, scroll):\n    1 / 0\ndef on_widget(self, widgets):\n    1 / 0\n"
    )
    judging.bench.write("both", SHOUTS + "def on_widget(self, widgets):\n    1 / 0\n")
    judging.engine.enable("screens")
    judging.engine.enable("both")
    assert judging.engine.enabled() == ["both"]
    assert judging.kinds(text("GO AWAY")) == ["cover"]
    assert judging.engine.enabled() == ["both"]


def test_a_picture_is_judged_at_its_own_size_by_its_pixels(judging: Judging) -> None:
    judging.bench.write(
        "red",
        "def on_region(self, regions):\n"
        "    for region in regions:\n"
        "        if region.box.width == 640 and region.pixels[..., 0].mean() > 200:\n"
        "            left, top = region.box.left, region.box.top\n"
        "            yield Cover(Box(left + 5, top + 5, left + 9, top + 9), style='blur')\n",
    )
    judging.engine.enable("red")
    assert judging.kinds(picture(png()), picture(png(colour=(10, 10, 250)))) == ["blur", "show"]


def test_an_intervention_sees_class_id_and_role(judging: Judging) -> None:
    judging.bench.write(
        "ids",
        "def on_text(self, lines):\n"
        "    for line in lines:\n"
        "        own = self.scene.widgets[line.widget]\n"
        "        if own.short_id == 'like_count' and own.short_class == 'TextView' and own.text:\n"
        "            yield Replace(line.box, 'likes')\n",
    )
    judging.engine.enable("ids")
    counts = (text("12", "a:id/like_count"), text("12"), text("12", "a:id/like_count", role="description"))
    assert judging.kinds(*counts) == ["replace", "show", "show"]


def test_one_that_throws_is_out_and_the_others_decide(judging: Judging) -> None:
    judging.bench.write("broken", "def on_text(self, lines):\n    1 / 0\n")
    judging.bench.write("loud", SHOUTS)
    judging.engine.enable("broken")
    judging.engine.enable("loud")
    assert judging.kinds(text("GO AWAY"), text("hello")) == ["cover", "show"]
    assert judging.engine.enabled() == ["loud"]


def test_what_a_hanging_intervention_owes_is_left_unjudged_until_it_is_given_up(judging: Judging) -> None:
    judging.bench.write("slow", "def on_text(self, lines):\n    time.sleep(30)\n")
    judging.bench.write("loud", SHOUTS)
    judging.engine.enable("slow")
    judging.engine.enable("loud")
    judged = judging.judge.judge(APP, [text("GO AWAY"), text("hello")]).judged
    assert (judged[0].content.text, judged[0].effect.kind) == ("GO AWAY", "cover")
    assert judging.engine.enabled() == ["loud"] or len(judged) == 1


def test_a_burst_is_answered_in_few_batches_and_nothing_is_lost(judging: Judging) -> None:
    judging.bench.write("loud", SHOUTS)
    judging.engine.enable("loud")
    contents = [text(f"{'LOUD' if n % 2 else 'low'} {n}") for n in range(1000)]
    for content in contents:
        judging.judge.put(APP, [content])
    judging.judge.start()
    judging.wait(lambda: sum(len(batch.judged) for batch in judging.batches) == 1000)
    assert len(judging.batches) <= 1 + 1000 // MOST_TEXTS + 1
    told = {one.content.key: one.effect.kind for batch in judging.batches for one in batch.judged}
    assert all(told[one.key] == ("cover" if "LOUD" in one.text else "show") for one in contents)
    assert judging.judge.effect(contents[1].key).kind == "cover"


def test_verdicts_of_before_do_not_count_when_an_intervention_changes(judging: Judging) -> None:
    judging.bench.write("loud", SHOUTS)
    judging.engine.enable("loud")
    loud = text("GO AWAY")
    judging.judge.judge(APP, [loud])
    assert judging.judge.effect(loud.key) is not None
    judging.engine.disable("loud")
    assert judging.judge.effect(loud.key) is None


def test_what_is_told_to_agents_follows_from_the_interventions(judging: Judging) -> None:
    assert not judging.judge.configuration().texts
    judging.bench.write("loud", SHOUTS)
    judging.bench.write("calm", "until_judged = 'show'\ndef on_region(self, regions):\n    return None\n")
    judging.engine.enable("loud")
    judging.engine.enable("calm")
    told = judging.judge.configuration()
    assert (told.texts, told.images, told.tree) == (True, True, True)
    assert (told.text_waiting.hold, told.text_waiting.afterwards) == (True, "hide")
    assert (told.image_waiting.hold, told.image_waiting.afterwards) == (False, "show")


@pytest.mark.parametrize(
    "data", [b"", b"no picture", png()[:60], b"GIF89a" + bytes(40), b"\x89PNG\r\n\x1a\n" + bytes(30)]
)
def test_bytes_that_are_no_picture_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        decoded(data)


def test_a_picture_too_large_to_be_looked_at_is_refused_before_it_is_unpacked() -> None:
    with pytest.raises(InputError, match="pixels"):
        decoded(png((20_000, 2_000), (0, 0, 0)))


def test_pixels_are_rgb_and_read_only() -> None:
    pixels = decoded(png((4, 2)))
    assert pixels.shape == (2, 4, 3)
    assert pixels[0, 0].tolist() == [250, 10, 10]
    assert not pixels.flags.writeable


def test_no_row_is_near_another() -> None:
    scene = scene_of([text("12"), text("likes"), picture(png()), text("3")], "phone", APP, 1)
    tops = [widget.box for widget in scene.widgets]
    assert all(b.top - a.bottom >= 4 * 48 for a, b in pairwise(tops))
    assert len({widget.id for widget in scene.widgets}) == 4


def test_shipped_interventions_judge_contents_as_they_judge_screens() -> None:
    host = ModelHost()
    engine = Engine(Catalog(), host.load, soft_deadline_s=None, handlers=CONTENT_HANDLERS)
    try:
        engine.enable("hate_speech")
        engine.enable("demetrication")
        engine.enable("stories_bar")
        assert engine.enabled() == ["demetrication", "hate_speech"]
        contents = [
            text("you are a worthless stupid bitch"),
            text("what a lovely morning it is"),
            text("1,284 likes"),
            text("1,284", "org.example:id/like_count"),
            text("1,284", "org.example:id/price"),
            text("you stupid worthless bitch", kind="EditText"),
        ]
        judged = verdicts(contents, engine.decide(scene_of(contents, "phone", APP, 1)))
        assert [one.effect.kind for one in judged] == ["cover", "show", "replace", "hide", "show", "show"]
        assert judged[2].effect.text == "likes"
    finally:
        engine.close()


def test_a_line_of_numbers_in_a_batch_is_no_row_of_counts(judging: Judging) -> None:
    assert np.all([kind == "show" for kind in judging.kinds(*(text(str(n)) for n in (12, 40, 7)))])
