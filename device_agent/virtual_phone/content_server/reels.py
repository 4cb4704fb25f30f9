"""The service of short videos: pages of videos, and a playlist for each (HLS, RFC 8216).

A playlist's one segment names a clip that the phone draws itself, as it would decode a file.
"""

from __future__ import annotations

from typing import Any

from device_agent.virtual_phone.content_server.library import Library, Short
from device_agent.virtual_phone.content_server.plaza import person_json
from device_agent.virtual_phone.content_server.service import DOMAIN, Answer, Request, Routes

PAGE, PREFETCH = 6, 2
CLIP_S = 26.4
_NUMBER = r"(\d{1,9})"
_PLAYLIST = """#EXTM3U
#EXT-X-VERSION:3
#EXT-X-PLAYLIST-TYPE:VOD
#EXT-X-TARGETDURATION:27
#EXT-X-MEDIA-SEQUENCE:0
#EXTINF:{length},
clip/{number}
#EXT-X-ENDLIST
"""


class Reels:
    """``reels.mindproof.test``."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.routes: Routes = [
            ("GET", "/api/v1/videos", self._videos),
            ("GET", rf"/videos/{_NUMBER}/playlist\.m3u8", self._playlist),
        ]

    def _videos(self, request: Request) -> Answer:
        """A page of videos; `prefetch` says how many playlists to fetch ahead."""
        page = request.page(PAGE)
        videos = [_video_json(self._library.short(number)) for number in page]
        return Answer.json({"prefetch": PREFETCH, "videos": videos, "next_cursor": str(page.stop)})

    def _playlist(self, request: Request, number: int) -> Answer:
        text = _PLAYLIST.format(length=CLIP_S, number=number)
        return Answer(text.encode(), "application/vnd.apple.mpegurl")


def _video_json(short: Short) -> dict[str, Any]:
    return {
        "id": short.number,
        "author": person_json(short.author),
        "caption": short.caption,
        "like_count": short.likes,
        "comment_count": short.likes // 30 + 4,
        "share_count": short.likes // 70 + 1,
        "autoplay": True,
        "playlist_url": f"https://reels.{DOMAIN}/videos/{short.number}/playlist.m3u8",
    }
