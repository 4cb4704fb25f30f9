"""From what was pointed at to a rule that finds it again."""

from __future__ import annotations

import pytest

from backend.annotations.picking import picks
from backend.annotations.rules import covered, propose
from interventions.library.filter_list.rules import parse
from tests.annotations.screens import feed, real, saying


def test_a_named_widget_goes_by_its_id_wherever_it_is() -> None:
    scene = feed()
    stories = saying(scene, "stories")
    found = propose(scene, stories, "this")
    assert found is not None
    assert (found.rule, found.by) == ("org.example.feed##viewId=org.example.feed:id/stories", "id")
    assert covered(feed(down=40), found.rule) == (stories.box,)


def test_this_post_goes_by_what_it_says_and_is_found_after_scrolling() -> None:
    scene = feed()
    text = saying(scene, "What person 2 says")
    found = propose(scene, text, "this")
    assert found is not None
    assert found.by == "text"
    assert found.boxes == (text.box,)
    assert covered(feed(down=1), found.rule) == (text.box.moved(dy=-600),)
    assert covered(feed(down=9), found.rule) == ()


def test_its_like_are_all_rows_of_the_list_and_not_their_neighbours() -> None:
    scene = feed(ids=False)
    first = next(widget for widget in scene.widgets if widget.text == "Person 0")
    found = propose(scene, first, "like")
    assert found is not None
    assert [box.top for box in found.boxes] == [400, 1000, 1600]
    assert len({box.left for box in found.boxes}) == 1
    assert covered(feed(ids=False, down=7), found.rule) == found.boxes


def test_where_nothing_is_named_its_place_is_the_last_resort() -> None:
    scene = feed(ids=False)
    posts = next(widget for widget in scene.widgets if widget.short_class == "ListView")
    found = propose(scene, posts, "this")
    assert found is not None
    assert (found.by, found.boxes) == ("position", (posts.box,))


def test_a_text_that_the_rule_format_cannot_hold_is_no_hindrance() -> None:
    scene = feed(ids=False)
    odd = next(widget for widget in scene.widgets if widget.text == "Person 1")
    from dataclasses import replace

    widgets = tuple(replace(w, text="a|b##c\nd") if w is odd else w for w in scene.widgets)
    found = propose(replace(scene, widgets=widgets), widgets[odd.index], "this")
    assert found is not None
    assert found.by == "position"
    assert found.boxes == (odd.box,)


def test_a_rule_is_for_its_app_alone() -> None:
    assert covered(feed(), "org.example.other##viewId=org.example.feed:id/stories") == ()


@pytest.mark.parametrize("name", ["news_feed", "lockscreen_es"])
@pytest.mark.parametrize("breadth", ["this", "like"])
def test_on_real_screens_a_proposal_covers_what_was_pointed_at(name: str, breadth: str) -> None:
    scene = real(name)
    proposed = 0
    for pick in picks(scene):
        found = propose(scene, scene.widgets[pick.position], breadth)  # type: ignore[arg-type]
        if found is None:
            continue
        proposed += 1
        assert pick.box in found.boxes
        assert parse(found.rule)[1] == []
        assert covered(scene, found.rule) == found.boxes
    assert proposed >= 0.9 * len(picks(scene))
