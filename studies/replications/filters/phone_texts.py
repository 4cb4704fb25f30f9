"""Texts as phones show them, to count false alarms on; none of them is in any training set."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path
from typing import Any

import defusedxml.ElementTree

from interventions.models.sessions import packaged_file

_KINDS = {
    "posts": ("posts", "comments"),
    "shorts": ("captions",),
    "articles": ("sections", "titles", "sentences"),
    "chat": ("messages", "replies"),
}
_EACH = 40


def abusive_lines() -> list[str]:
    """The lines that the virtual phone's apps insult with."""
    return [str(line) for line in _content("abuse")["lines"]]


def calm_lines() -> list[str]:
    """All other kinds of text of the virtual phone's apps, with many fillings of each."""
    chance = random.Random(4)  # noqa: S311 - sentences, not secrets
    found = set()
    for name, kinds in _KINDS.items():
        source = _content(name)
        templates = [template for kind in kinds for template in source[kind]]
        for template in templates * _EACH:
            found.add(re.sub(r"\{(\w+)\}", lambda m: chance.choice(source["slots"][m[1]]), template))  # noqa: B023
    return sorted(found)


def dumped_texts(folder: Path) -> list[str]:
    """Texts and descriptions in the UI trees (``uiautomator dump``) in `folder`; empty where there is none."""
    texts: dict[str, None] = {}
    for path in sorted(folder.glob("*.xml")):
        for node in defusedxml.ElementTree.parse(path).iter():
            texts.update(dict.fromkeys(node.get(name, "").strip() for name in ("text", "content-desc")))
    return [text for text in texts if text]


def _content(name: str) -> dict[str, Any]:
    path = packaged_file("device_agent", "virtual_phone", "apps", "content", f"{name}.json")
    return dict(json.loads(path.read_text(encoding="utf-8")))
