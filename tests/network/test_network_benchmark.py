"""`mindproof bench network`, as small as it can be: it measures what it says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from backend.benchmarks import network
from backend.benchmarks.network_origin import POSTS, feeds
from backend.settings import Settings


def test_feeds_are_the_same_for_a_seed_and_share_posts() -> None:
    pages = [json.loads(feed) for feed in feeds(3, 100)]
    assert pages == [json.loads(feed) for feed in feeds(3, 100)]
    assert all(len(page["posts"]) == POSTS for page in pages)
    assert len({post["id"] for page in pages for post in page["posts"]}) <= 2000
    assert len(set(feeds(3, 100))) == 100


@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl (apt-get install curl)")
def test_every_way_is_measured_and_held_against_mitmproxy_alone(tmp_path: Path, network_env: Path) -> None:
    plan = network.Plan(feeds=24, rounds=2, at_once=2, seeds=(1,))
    figures = network.run(plan, Settings(home=tmp_path, network_env=network_env), lambda text: None)
    counts = {what: count for what, count, *_ in network.summary(figures)}
    assert counts[network.ALONE] == counts[network.OURS] == counts[network.OURS_PAST] == 22
    assert [check.unit for check in figures.checks] == ["x"] * 4
    assert all(check.value > 0 for check in figures.checks)
    assert network.draw(figures, tmp_path / "figure").read_text().startswith("<?xml")
