"""The reader's service: articles and their comments as web pages."""

from __future__ import annotations

from html import escape

from device_agent.virtual_phone.content_server.library import Article, Comment, Library
from device_agent.virtual_phone.content_server.service import Answer, Request, Routes, picture_url

COMMENTS = 9
_PAGE = """<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
<article>
<p class="section">{section}</p>
<h1>{title}</h1>
<p class="byline">By {author}  ·  {minutes} min read</p>
<img class="picture" src="{picture}" alt="">
{paragraphs}
</article>
<section class="comments">
<h2>Comments ({count})</h2>
<ol>
{comments}
</ol>
</section>
</body>
</html>
"""
_COMMENT = """<li class="comment"><img class="avatar" src="{avatar}" alt="">
<p class="head">{author}  ·  {age}</p><p class="text">{text}</p><p class="like_count">{likes} likes</p></li>"""


class Gazette:
    """``gazette.mindproof.test``."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.routes: Routes = [("GET", r"/articles/(\d{1,9})", self._article)]

    def _article(self, request: Request, number: int) -> Answer:
        comments = [self._library.comment(f"article/{number}", index) for index in range(COMMENTS)]
        page = _written(self._library.article(number), comments)
        return Answer(page.encode(), "text/html; charset=utf-8")


def _written(article: Article, comments: list[Comment]) -> str:
    return _PAGE.format(
        title=escape(article.title),
        section=escape(article.section),
        author=escape(article.author.name),
        minutes=article.minutes,
        picture=picture_url(article.picture),
        paragraphs="\n".join(f'<p class="body">{escape(text)}</p>' for text in article.paragraphs),
        count=len(comments),
        comments="\n".join(
            _COMMENT.format(
                avatar=picture_url(f"avatar/{comment.author.number}"),
                author=escape(comment.author.name),
                age=comment.age,
                text=escape(comment.text),
                likes=comment.likes,
            )
            for comment in comments
        ),
    )
