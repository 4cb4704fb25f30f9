"""``mindproof new NAME``: a folder with an intervention that works, and a test that passes."""

from __future__ import annotations

import keyword
import re
from pathlib import Path

from backend.errors import InterventionError

_MANIFEST = """\
name = "{name}"
title = "{title}"
description = "Covers lines that shout."
version = "0.1"
author = ""
entry = "intervention:{kind}"
"""

_CODE = '''\
"""Covers lines that shout. Make it yours: every save is taken up by a running backend at once."""

from interventions.sdk import Cover, Intervention, param


class {kind}(Intervention):
    """Cover text that is written in capitals only."""

    apps = ["*"]
    length = param(8, ge=1, le=200, help="shortest text that counts, in letters")

    def on_text(self, lines):
        for line in lines:
            letters = [letter for letter in line.text if letter.isalpha()]
            if len(letters) >= self.length and line.text.isupper():
                yield Cover(line.box, why="all capitals", label="shouting")
'''

_TEST = '''\
"""Run with: ./run test {folder}"""

from pathlib import Path


def test_it_covers_shouting_and_leaves_the_neighbours(trial):
    shown = trial(Path(__file__).parent).lines("GOOD MORNING EVERYBODY", "Good evening everybody")
    assert shown.covered == ["GOOD MORNING EVERYBODY"]


def test_short_words_are_let_through(trial):
    assert trial(Path(__file__).parent, length=4).lines("OK").covered == []
'''


def scaffold(name: str, parent: Path) -> Path:
    """Write the folder ``parent/name``; the folder.

    Raises:
        InterventionError: `name` is no Python name, the folder exists, or it cannot be written.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name):
        raise InterventionError(
            f"{name!r} cannot be an intervention's name", "use small letters, digits and underscores: my_idea"
        )
    folder = parent / name
    if folder.exists():
        raise InterventionError(f"{folder} exists already", "choose another name, or remove the folder")
    words = name.split("_")
    values = {
        "name": name,
        "title": " ".join(words).capitalize(),
        "kind": "".join(word.capitalize() for word in words),
        "folder": str(folder),
    }
    try:
        folder.mkdir(parents=True)
        (folder / "manifest.toml").write_text(_MANIFEST.format(**values), encoding="utf-8")
        (folder / "intervention.py").write_text(_CODE.format(**values), encoding="utf-8")
        (folder / f"test_{name}.py").write_text(_TEST.format(**values), encoding="utf-8")
    except OSError as error:
        raise InterventionError(f"{folder} cannot be written: {error.strerror}") from error
    return folder
