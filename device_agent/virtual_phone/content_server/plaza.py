"""The feed's service: pages of posts, comments, profiles."""

from __future__ import annotations

from typing import Any

from device_agent.virtual_phone.content_server.library import Comment, Library, Person, Post
from device_agent.virtual_phone.content_server.service import Answer, Request, Routes, picture_url

PAGE, COMMENTS_PAGE, STORIES = 10, 20, 14
OWN_PERSON = 3
PROFILE_POSTS = 999
_NUMBER = r"(\d{1,9})"


def person_json(person: Person) -> dict[str, Any]:
    return {
        "id": person.number,
        "name": person.name,
        "handle": person.handle,
        "town": person.town,
        "followers_count": person.followers,
        "avatar_url": picture_url(f"avatar/{person.number}"),
    }


def comment_json(comment: Comment) -> dict[str, Any]:
    return {
        "author": person_json(comment.author),
        "text": comment.text,
        "like_count": comment.likes,
        "age": comment.age,
    }


class Plaza:
    """``plaza.mindproof.test``."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.routes: Routes = [
            ("GET", "/api/v1/feed", self._feed),
            ("GET", f"/api/v1/posts/{_NUMBER}/comments", self._comments),
            ("GET", f"/api/v1/users/{_NUMBER}/posts", self._profile),
        ]

    def _post_json(self, post: Post) -> dict[str, Any]:
        return {
            "id": post.number,
            "author": person_json(post.author),
            "age": post.age,
            "text": post.text,
            "image_url": None if post.picture is None else picture_url(post.picture),
            "like_count": post.likes,
            "comment_count": post.comments,
            "share_count": post.shares,
            "top_comment": comment_json(self._library.comment(f"post/{post.number}", 0)),
        }

    def _feed(self, request: Request) -> Answer:
        """A page of posts; the first comes with the stories, and with who is signed in."""
        page = request.page(PAGE)
        value: dict[str, Any] = {}
        if page.start == 0:
            value["me"] = person_json(self._library.person(OWN_PERSON))
            value["stories"] = [person_json(self._library.person(i * 17 + 3)) for i in range(STORIES)]
        value["posts"] = [self._post_json(self._library.post(number)) for number in page]
        value["next_cursor"] = str(page.stop)
        return Answer.json(value)

    def _comments(self, request: Request, post: int) -> Answer:
        total = self._library.post(post).comments
        page = request.page(COMMENTS_PAGE)
        comments = [comment_json(self._library.comment(f"post/{post}", i)) for i in page if i < total]
        return Answer.json({"comments": comments, "next_cursor": str(page.stop) if page.stop < total else None})

    def _profile(self, request: Request, number: int) -> Answer:
        """A page of somebody's posts; the first comes with who it is."""
        person, page = self._library.person(number), request.page(PAGE)
        value: dict[str, Any] = {}
        if page.start == 0:
            counts = {"posts_count": 40 + number % 300, "following_count": 80 + number * 7 % 900}
            value["user"] = person_json(person) | counts
        posts = [self._library.post_by(person, i + 1) for i in page if i < PROFILE_POSTS]
        value["posts"] = [self._post_json(post) for post in posts]
        value["next_cursor"] = str(page.stop) if page.stop < PROFILE_POSTS else None
        return Answer.json(value)
