"""A completions endpoint for tests: a real model's log-probabilities, and every way a server can fail."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import torch

Answer = tuple[int, dict[str, str], bytes]
"""Status, headers, body."""


class CompletionsServer:
    """Serves `model` as vLLM does. `faults` are taken one a request, before the model is asked; None lets it answer."""

    def __init__(self, model: Any, tokenizer: Any, name: str = "tiny", context: int = 2048) -> None:
        self.model, self.tokenizer, self.name, self.context = model, tokenizer, name, context
        self.faults: deque[Callable[[dict[str, Any]], Answer] | None] = deque()
        self.always: Callable[[dict[str, Any]], Answer | None] = lambda asked: None
        self.asked: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.at_once = self.most_at_once = 0
        self.released = threading.Event()
        self._lock, self._one = threading.Lock(), threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> CompletionsServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, asked: dict[str, Any], headers: dict[str, str]) -> Answer:
        with self._lock:
            self.asked.append(asked)
            self.headers.append(headers)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            fault = self.faults.popleft() if self.faults else None
        try:
            planned = fault(asked) if fault is not None else self.always(asked)
            return planned if planned is not None else self.complete(asked)
        finally:
            with self._lock:
                self.at_once -= 1

    def complete(self, asked: dict[str, Any]) -> Answer:
        prompt = asked["prompt"]
        ids = self.tokenizer(prompt, add_special_tokens=False).input_ids if isinstance(prompt, str) else prompt
        if len(ids) + asked["max_tokens"] > self.context:
            said = (
                f"This model's maximum context length is {self.context} tokens. However, you requested "
                f"{len(ids) + asked['max_tokens']} tokens ({len(ids)} in the messages). Please reduce the length."
            )
            return failure(400, said)
        with self._one, torch.inference_mode():
            logits = self.model(torch.tensor([ids])).logits[0].float().log_softmax(-1)
        found = [None, *(float(logits[at, token]) for at, token in enumerate(ids[1:]))]
        if asked["max_tokens"]:
            written = int(logits[-1].argmax())
            ids, found = [*ids, written], [*found, float(logits[-1, written])]
        tokens = [self.tokenizer.decode([token]) for token in ids]
        starts = [0]
        for token in tokens[:-1]:
            starts.append(starts[-1] + len(token))
        told = {"tokens": tokens, "token_logprobs": found, "text_offset": starts, "top_logprobs": None}
        return reply(
            {
                "id": "cmpl-1", "object": "text_completion", "created": 0, "model": self.name,
                "choices": [{"index": 0, "text": "".join(tokens), "logprobs": told, "finish_reason": "length"}],
                "usage": {"prompt_tokens": len(ids) - asked["max_tokens"], "completion_tokens": 0, "total_tokens": 0},
            }
        )  # fmt: skip


def reply(body: Any, status: int = 200, **headers: str) -> Answer:
    return status, headers, json.dumps(body).encode()


def failure(status: int, message: str, **headers: str) -> Answer:
    body = {"error": {"message": message, "type": "error", "code": status}}
    return reply(body, status, **{name.replace("_", "-"): value for name, value in headers.items()})


def _handler(server: CompletionsServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(reply({"object": "list", "data": [{"id": server.name, "object": "model"}]}))

        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(server.answer(asked, {name.lower(): value for name, value in self.headers.items()}))

        def _send(self, answer: Answer) -> None:
            status, headers, body = answer
            cut = headers.pop("cut", None)
            self.send_response(status)
            for name, value in {
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
                **headers,
            }.items():
                self.send_header(name, value)
            self.end_headers()
            with suppress(BrokenPipeError, ConnectionResetError):  # who asked has given up
                self.wfile.write(body[: int(cut)] if cut else body)
            if cut:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler
