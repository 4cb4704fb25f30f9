"""The chat's service: conversations, and what is said in them while the server runs."""

from __future__ import annotations

import threading
from typing import Any

from device_agent.virtual_phone.content_server.library import Library, Message
from device_agent.virtual_phone.content_server.live import Live
from device_agent.virtual_phone.content_server.plaza import person_json
from device_agent.virtual_phone.content_server.service import Answer, Request, Routes

CONVERSATIONS, PRIVATE = 40, 3
FIRST_PERSON = 1000
LONGEST_TEXT, MOST_SAID = 2000, 500
NOW = "10:24"
_MESSAGES = r"/api/v1/conversations/(\d{1,2})/messages"


class Courier:
    """``courier.mindproof.test``. It keeps what was said, at most `MOST_SAID` messages a conversation."""

    def __init__(self, library: Library, live: Live) -> None:
        self._library = library
        self._live = live
        self._said: dict[int, list[Message]] = {}
        self._replies: dict[int, int] = {}
        self._lock = threading.Lock()
        self.routes: Routes = [
            ("GET", "/api/v1/conversations", self._conversations),
            ("GET", _MESSAGES, self._messages),
            ("POST", _MESSAGES, self._say),
        ]

    def _all(self, number: int) -> list[Message]:
        with self._lock:
            return self._library.messages(number) + self._said.get(number, [])

    def _conversations(self, request: Request) -> Answer:
        conversations = [self._conversation(number) for number in range(CONVERSATIONS)]
        return Answer.json({"conversations": conversations, "next_cursor": None})

    def _conversation(self, number: int) -> dict[str, Any]:
        person = person_json(self._library.person(FIRST_PERSON + number))
        return {
            "id": number,
            "person": person,
            "title": "Private notes" if number == PRIVATE else person["name"],
            "unread_count": 1 + number % 4 if number % 3 == 1 else 0,
            "secure": number == PRIVATE,
            "last_message": _message_json(self._all(number)[-1]),
        }

    def _messages(self, request: Request, number: int) -> Answer:
        if number >= CONVERSATIONS:
            return Answer.json({"error": "there is no such conversation"}, 404)
        return Answer.json({"messages": [_message_json(one) for one in self._all(number)], "next_cursor": None})

    def _say(self, request: Request, number: int) -> Answer:
        """Takes ``{"text": ...}``. The other side's reply goes to whoever listens, or else is in the answer."""
        text = request.body.get("text") if isinstance(request.body, dict) else None
        if number >= CONVERSATIONS or not isinstance(text, str) or not 0 < len(text) <= LONGEST_TEXT:
            return Answer.json({"error": f"a conversation and a text of up to {LONGEST_TEXT} letters are needed"}, 400)
        with self._lock:
            count = self._replies.get(number, 0)
            self._replies[number] = count + 1
            reply = Message(self._library.reply(number, count % MOST_SAID), False, NOW)
            said = [*self._said.get(number, []), Message(text, True, NOW), reply]
            self._said[number] = said[-MOST_SAID:]
        told = self._live.tell({"conversation": number, "message": _message_json(reply)})
        return Answer.json({"reply": None if told else _message_json(reply)})


def _message_json(message: Message) -> dict[str, Any]:
    return {"text": message.text, "own": message.own, "time": message.time}
