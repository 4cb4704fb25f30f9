"""The pages that a feed is fetched in: how many posts an app asks for at once, and how many it is given."""

from __future__ import annotations

from collections.abc import Iterator

from interventions.sdk import Flow, FlowList

_SIZES = frozenset(
    [
        "limit",
        "count",
        "first",
        "page_size",
        "pagesize",
        "page_limit",
        "per_page",
        "perpage",
        "max_results",
        "maxresults",
    ]
)
_FEEDS = frozenset(
    [
        *("", "posts", "items", "feed", "entries", "edges", "nodes", "results", "data", "statuses", "tweets", "reels"),
        *("videos", "stories", "children", "timeline", "feed_items", "list", "aweme_list", "media", "threads"),
    ]
)
"""Names of lists that feeds come in; a body that is itself a list has none."""


def asked_for_more(flow: Flow, most: int) -> Iterator[str]:
    """The parameters of a request that ask for pages of more than `most` posts."""
    for name, value in flow.query.items():
        if name.lower() in _SIZES and value.isdecimal() and int(value) > most:
            yield name


def too_long(flow: Flow, most: int) -> Iterator[FlowList]:
    """The lists of an answer that hold more than `most` posts. Comments inside a post are no page."""
    for one in flow.lists:
        if flow.kind == "json" and not one.inner and one.length > most and one.key.lower() in _FEEDS:
            yield one


def fetched_ahead(flow: Flow) -> bool:
    """Whether a request says that nobody has asked yet for what it fetches."""
    purposes = (flow.header(name) for name in ("sec-purpose", "purpose", "x-purpose", "x-moz"))
    return any("prefetch" in purpose or "prerender" in purpose for purpose in map(str.lower, purposes))
