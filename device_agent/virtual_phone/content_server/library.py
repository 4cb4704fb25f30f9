"""Texts and people from the content files of the apps, composed as `org.mindproof.content.Library` does.

Everything follows from the phone's seed, a stream's name and a number: endless, and the same each time.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from device_agent.virtual_phone.content_server.chance import Chance, java_hash

CONTENT = Path(__file__).parent.parent / "apps" / "content"
PEOPLE = 400
ABUSIVE_COMMENTS, ABUSIVE_MESSAGES = 0.22, 0.12
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who posts: `number` picks the same name and face every time."""

    number: int
    name: str
    handle: str
    town: str
    followers: int


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote under a post or an article."""

    author: Person
    text: str
    likes: int
    age: str


@dataclass(frozen=True, slots=True)
class Post:
    """One post of the feed. `picture` is a picture's name, or None for a text post."""

    number: int
    author: Person
    age: str
    text: str
    picture: str | None
    likes: int
    comments: int
    shares: int


@dataclass(frozen=True, slots=True)
class Article:
    """A long text with a picture."""

    number: int
    section: str
    title: str
    author: Person
    minutes: int
    picture: str
    paragraphs: list[str]


@dataclass(frozen=True, slots=True)
class Short:
    """What lies over one video."""

    number: int
    author: Person
    caption: str
    likes: int


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation; `own` was written on this phone."""

    text: str
    own: bool
    time: str


class Library:
    """All content of one seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    @cached_property
    def _files(self) -> dict[str, dict[str, Any]]:
        return {path.stem: json.loads(path.read_text("utf-8")) for path in CONTENT.glob("*.json")}

    def chance(self, stream: str, number: int) -> Chance:
        """The random numbers of item `number` of a stream."""
        return Chance(self._seed * 1_000_003 + java_hash(stream) * 7919 + number)

    def sentence(self, file: str, kind: str, chance: Chance) -> str:
        """One of the templates of a file's list, its slots filled from the file's vocabulary."""
        return self._fill(file, chance.pick(self._files[file][kind]), chance)

    def _fill(self, file: str, template: str, chance: Chance) -> str:
        slots = self._files[file].get("slots", {})
        return _SLOT.sub(lambda match: str(chance.pick(slots[match[1]])), template)

    def _abuse(self, chance: Chance) -> str:
        return str(chance.pick(self._files["abuse"]["lines"]))

    def _shuffled(self, file: str, kind: str, chance: Chance) -> list[str]:
        templates = list(self._files[file][kind])
        for i in range(len(templates) - 1, 0, -1):
            j = chance.below(i + 1)
            templates[i], templates[j] = templates[j], templates[i]
        return templates

    def person(self, number: int) -> Person:
        chance, people = self.chance("person", number), self._files["people"]
        first, last = chance.pick(people["first"]), chance.pick(people["last"])
        town = chance.pick(people["towns"])
        followers = int(10 ** (1.5 + chance.fraction() * 4))
        return Person(number, f"{first} {last}", f"@{first}.{last}".lower(), town, followers)

    def comment(self, stream: str, number: int) -> Comment:
        """Comment `number` of a stream, such as ``post/3``."""
        chance = self.chance(f"{stream}/comment", number)
        author = self.person(chance.below(PEOPLE))
        abusive = chance.fraction() < ABUSIVE_COMMENTS
        text = self._abuse(chance) if abusive else self.sentence("posts", "comments", chance)
        return Comment(author, text, chance.below(90), f"{1 + chance.below(23)}h")

    def post(self, number: int) -> Post:
        chance = self.chance("post", number)
        author = self.person(chance.below(PEOPLE))
        text = self.sentence("posts", "posts", chance)
        kind = chance.fraction()
        picture = None
        if number % 9 == 4:
            picture = f"figure/{chance.below(1000)}"
        elif kind < 0.72:
            picture = f"photo/{chance.below(100_000)}"
        likes = int(10 ** (1 + chance.fraction() * 3.3))
        age = f"{number * 7 + 3}m" if number < 6 else f"{1 + number // 6}h"
        return Post(number, author, age, text, picture, likes, 3 + chance.below(240), chance.below(120))

    def post_by(self, author: Person, index: int) -> Post:
        """Post `index` of one person, counted from 1, the newest."""
        post = self.post(1_000_000 + author.number * 1000 + index)
        return replace(post, author=author, age=f"{index}d")

    def article(self, number: int) -> Article:
        chance = self.chance("article", number)
        section = self.sentence("articles", "sections", chance)
        title = self.sentence("articles", "titles", chance)
        count = 12 + chance.below(8)
        order, used, paragraphs = self._shuffled("articles", "sentences", chance), 0, []
        for _ in range(count):
            sentences = []
            for _ in range(3 + chance.below(3)):
                sentences.append(self._fill("articles", order[used % len(order)], chance))
                used += 1
            paragraphs.append(" ".join(sentences))
        picture = f"{'figure' if number % 4 == 1 else 'photo'}/{chance.below(100_000)}"
        author = self.person(chance.below(PEOPLE))
        return Article(number, section, title, author, count // 2, picture, paragraphs)

    def short(self, number: int) -> Short:
        chance = self.chance("short", number)
        author = self.person(chance.below(PEOPLE))
        likes = int(10 ** (2 + chance.fraction() * 4))
        return Short(number, author, self.sentence("shorts", "captions", chance), likes)

    def messages(self, conversation: int) -> list[Message]:
        """What was said in a conversation before the phone was switched on."""
        chance, messages = self.chance("chat", conversation), []
        count = 14 + chance.below(24)
        minute = 9 * 60 + chance.below(20)
        for _ in range(count):
            own = chance.fraction() < 0.45
            abusive = not own and chance.fraction() < ABUSIVE_MESSAGES
            text = self._abuse(chance) if abusive else self.sentence("chat", "messages", chance)
            messages.append(Message(text, own, f"{minute // 60}:{minute % 60:02d}"))
            minute += chance.below(3)
        return messages

    def reply(self, conversation: int, count: int) -> str:
        """Answer number `count`, from 0, in a conversation: scripted, in the same order every time."""
        chance = self.chance("reply", conversation)
        for _ in range(count):
            self.sentence("chat", "replies", chance)
        return self.sentence("chat", "replies", chance)
