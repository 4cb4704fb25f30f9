from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from interventions.library.explicit_images.intervention import ExplicitImages
from interventions.sdk import Box, Pixels, Region, Widget

Show = Callable[..., list[Any]]
Screen = Callable[[str], Pixels]
PICTURE = Box(136, 219, 945, 1300)
BREASTS = Box(440, 600, 720, 750)


def region(pixels: Pixels, digest: str, box: Box = PICTURE, widget: int | None = None) -> Region:
    return Region(box, digest, pixels, widget=widget)


def statue(screen: Screen, box: Box = PICTURE, **parts: Any) -> Region:
    pixels = screen("image_censor.png")[PICTURE.top : PICTURE.bottom, PICTURE.left : PICTURE.right]
    return region(pixels, "statue", box, **parts)


def plain(digest: str, box: Box = PICTURE, grey: int = 200) -> Region:
    return region(np.full((64, 64, 3), grey, np.uint8), digest, box)


def test_exposed_parts_are_covered_and_the_rest_is_not(show: Show, screen: Screen) -> None:
    covers = show(ExplicitImages(), regions=[statue(screen), plain("calm", Box(0, 1400, 1080, 2000))])
    assert len(covers) == 2
    assert sum(cover.box.area for cover in covers) < 0.2 * PICTURE.area
    for cover in covers:
        assert BREASTS.overlap(cover.box) > 0.25
        assert cover.label == "FEMALE_BREAST_EXPOSED"


def test_covers_follow_the_picture_through_the_feed_and_cost_nothing_more(show: Show, screen: Screen) -> None:
    intervention = ExplicitImages()
    first = show(intervention, regions=[statue(screen)])
    judged = intervention.detector.stats.judged
    then = show(intervention, regions=[statue(screen, PICTURE.moved(dy=500))])
    assert [c.box.moved(dy=500) for c in first] == [c.box for c in then]
    assert intervention.detector.stats.judged == judged


def test_the_whole_picture_can_be_covered(show: Show, screen: Screen) -> None:
    (cover,) = show(ExplicitImages(cover="picture", style="solid"), regions=[statue(screen)])
    assert (cover.box, cover.style) == (PICTURE, "solid")


def test_classes_and_thresholds_are_the_researchers(show: Show, screen: Screen) -> None:
    assert show(ExplicitImages(part_threshold=0.95), regions=[statue(screen)]) == []
    (belly,) = show(ExplicitImages(parts=["BELLY_EXPOSED"]), regions=[statue(screen)])
    assert belly.label == "BELLY_EXPOSED"


def test_the_second_judge_is_asked_only_about_what_the_first_let_pass(show: Show, screen: Screen) -> None:
    intervention = ExplicitImages(picture_threshold=0.0)
    covers = show(intervention, regions=[statue(screen), plain("unseen before", Box(0, 1400, 1080, 2000))])
    assert [c.label for c in covers] == ["FEMALE_BREAST_EXPOSED"] * 2 + ["nsfw"]
    assert covers[-1].box == Box(0, 1400, 1080, 2000)
    assert len(show(ExplicitImages(second=""), regions=[statue(screen)])) == 2


def test_small_pictures_are_not_judged(show: Show, screen: Screen) -> None:
    assert show(ExplicitImages(), regions=[statue(screen, Box(0, 0, 90, 200))]) == []


def video(n: int, pixels: Pixels) -> Region:
    """Frame `n` of a video: every frame has another digest."""
    return region(pixels, f"frame {n} {pixels.shape}", Box(0, 0, 1080, 2220), widget=0)


SURFACE = [Widget("surface", 0, None, 0, "android.view.SurfaceView", "org.example.app", Box(0, 0, 1080, 2220))]


def test_a_video_is_covered_whole_and_judged_seldom(show: Show, screen: Screen) -> None:
    intervention = ExplicitImages(every_ms=500, hold_s=1.0)
    nude = screen("image_censor.png")[PICTURE.top : PICTURE.bottom, PICTURE.left : PICTURE.right]
    covers = [show(intervention, regions=[video(n, nude)], widgets=SURFACE, at=n / 20) for n in range(41)]
    assert all(covers), "not one frame may show"
    assert all(frame == [covers[10][0]] for frame in covers[10:])
    assert covers[10][0].box == Box(0, 0, 1080, 2220)
    assert intervention.detector.stats.judged <= 10


def test_a_video_is_uncovered_once_it_has_been_clean_for_the_hold_time(show: Show, screen: Screen) -> None:
    intervention = ExplicitImages(every_ms=100, hold_s=1.0)
    nude = screen("image_censor.png")[PICTURE.top : PICTURE.bottom, PICTURE.left : PICTURE.right]
    clean = np.full((64, 64, 3), 128, np.uint8)
    shown = [bool(show(intervention, regions=[video(n, nude)], widgets=SURFACE, at=n / 10)) for n in range(10)]
    shown += [bool(show(intervention, regions=[video(n, clean)], widgets=SURFACE, at=n / 10)) for n in range(10, 40)]
    assert all(shown[:18])
    assert not any(shown[21:])


def test_a_picture_that_takes_anothers_place_is_judged_at_once(show: Show, screen: Screen) -> None:
    intervention = ExplicitImages(every_ms=10_000)
    for n in range(3):
        assert show(intervention, regions=[plain(f"slide {n}", grey=n)], at=float(2 * n)) == []
    assert len(show(intervention, regions=[statue(screen)], at=6.0)) == 2


def test_leaving_the_app_forgets_its_places(show: Show, screen: Screen) -> None:
    intervention = ExplicitImages(hold_s=60)
    show(intervention, regions=[statue(screen)], at=0.0)
    assert show(intervention, regions=[plain("calm")], app="org.example.other", at=0.5) == []
