"""One question to an OpenAI-compatible completions endpoint: how probable is each token of this text?

Asked is ``POST /v1/completions`` with ``echo`` and ``logprobs``, and no token to be written (``max_tokens`` 0; servers
that refuse 0 are asked for 1, which is dropped). vLLM, llama.cpp's Python server and others answer it; endpoints for
chat only, and OpenAI's own newer ones, do not.

Timeouts, retries with growing and jittered pauses, and ``Retry-After`` are the `openai` client's.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urldefrag, urlsplit

import openai
from openai.types import Completion, CompletionChoice

from interventions.models.errors import ModelFault, WrongInput

log = logging.getLogger(__name__)

KEY_VARIABLE = "MINDPROOF_LANGUAGE_MODEL_KEY"
"""Environment variable that holds the server's key. It is read nowhere else from, and written nowhere."""
_CONNECT_S = 10.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_TOO_LONG = re.compile(
    r"context[ _]length|max_model_len|maximum input length|too long|exceeds? the (?:context|maximum)"
)
_LIMIT = re.compile(r"(?:length is|length of|max_model_len\D{0,4}|at most) (\d+)")
_ASKED = re.compile(r"(?:requested|contains?(?: at least)?|has|got|resulted in) (\d+)(?: input)? tokens")


class ServerFault(ModelFault):
    """The server of a language model did not answer one question. Others may still be answered."""


class ServerUnusable(ServerFault):
    """It answers none: it cannot be reached, refuses the key, does not know the model, or tells no probabilities."""


class ContextExceeded(ServerFault):
    """The text is longer than the model reads. `limit` and `asked` in tokens, 0 where the server told none."""

    def __init__(self, message: str, limit: int = 0, asked: int = 0) -> None:
        super().__init__(message, "shorten the text")
        self.limit, self.asked = limit, asked


@dataclass(frozen=True, slots=True)
class Echo:
    """A text as the server read it: its tokens, where each begins (in characters), and its log-probability after those
    before it, None for the first."""

    tokens: tuple[str, ...]
    starts: tuple[int, ...]
    logprobs: tuple[float | None, ...]


class Endpoint:
    """A server and one of its models.

    Args:
        address: ``http://host:8000/v1``, and after a ``#`` the model's name where the server has several.
        timeout_s: of one try, between two signs of life from the server.
        retries: how often one question is asked again when the server is busy, broken, or silent.

    Raises:
        WrongInput: for an address that is none, or that holds a password.
    """

    def __init__(self, address: str, timeout_s: float = 60.0, retries: int = 4) -> None:
        self.address, model = _parts(address)
        key = os.environ.get(KEY_VARIABLE, "")
        if key and urlsplit(self.address).scheme == "http" and urlsplit(self.address).hostname not in _LOOPBACK:
            log.warning("the key in %s goes to %s unencrypted: use https", KEY_VARIABLE, self.address)
        self._client = openai.OpenAI(
            api_key=key or "none",
            base_url=self.address,
            timeout=openai.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_S)),
            max_retries=retries,
        )
        # The client takes these from the environment; they are for another server than this one.
        self._client.organization = self._client.project = None
        self._model = model
        self._written = 0
        self._timeout_s, self._tries = timeout_s, retries + 1

    @property
    def model(self) -> str:
        """The model's name with the server; asked of it when the address names none.

        Raises:
            ServerFault: when it cannot be asked, or has several.
        """
        if not self._model:
            try:
                known = [model.id for model in self._client.models.list().data or ()]
            except (openai.OpenAIError, ValueError) as error:
                raise self._fault(error) from error
            if len(known) != 1:
                raise ServerUnusable(
                    f"{self.address} has {len(known) or 'no'} models, and none was named",
                    f"name one behind a #, as in {self.address}#{known[0] if known else 'NAME'}",
                )
            self._model = known[0]
        return self._model

    def close(self) -> None:
        self._client.close()

    def read(self, text: str | Sequence[int]) -> Echo:
        """How the server reads `text`, or the tokens given in place of it.

        Raises:
            ContextExceeded, ServerUnusable, ServerFault
        """
        answer = self._asked(text)
        choice = next(iter(getattr(answer, "choices", None) or ()), None)
        if choice is None:
            raise ServerFault(f"{self.address} answered without a completion", "look at the server's log")
        return self._echo(choice, answer, text)

    def _asked(self, text: str | Sequence[int]) -> Completion:
        prompt, written = text if isinstance(text, str) else list(text), self._written
        try:
            return self._client.completions.create(
                model=self.model, prompt=prompt, echo=True, logprobs=1, max_tokens=written, temperature=0
            )
        except openai.APIStatusError as error:
            if written == 0 and error.status_code in (400, 422) and "max_tokens" in error.message:
                self._written = 1
                return self._asked(text)
            raise self._fault(error) from error
        except (openai.OpenAIError, ValueError) as error:
            raise self._fault(error) from error

    def _echo(self, choice: CompletionChoice, answer: Completion, text: str | Sequence[int]) -> Echo:
        """The part of the answer that is the text's own."""
        told = choice.logprobs
        tokens, found = list(getattr(told, "tokens", None) or ()), list(getattr(told, "token_logprobs", None) or ())
        starts = list(getattr(told, "text_offset", None) or ())
        if isinstance(text, str):
            count = getattr(answer.usage, "prompt_tokens", None) or len(tokens) - self._written
        else:
            count = len(text)
        if len(found) < count or count < 1 or any(one is None for one in found[1:count]):
            raise ServerUnusable(
                f"{self.address} tells no log-probabilities of the text it is given, only of what it writes",
                "labels are judged by them: serve the model where `echo` with `logprobs` is answered, as with "
                "`vllm serve MODEL` (docs/large-models.md); an endpoint for chat alone cannot be used",
            )
        if len(tokens) < count or len(starts) < count:
            raise ServerUnusable(
                f"{self.address} does not say where its tokens begin",
                "give `tokenizer`, the path of the model's own tokenizer, to have texts cut into tokens here",
            )
        return Echo(tuple(tokens[:count]), tuple(starts[:count]), tuple(found[:count]))

    def _fault(self, error: Exception) -> ServerFault:
        """What went wrong, without anything the server was sent: neither key nor text."""
        where = f"the language model at {self.address}"
        match error:
            case openai.APITimeoutError():
                return ServerFault(
                    f"{where} did not answer within {self._timeout_s:g} s, {self._tries} times",
                    "allow more time (timeout_s), or lessen what it is asked at once (concurrency)",
                )
            case openai.APIConnectionError():
                cause = type(error.__cause__).__name__ if error.__cause__ else "no connection"
                kind = ServerUnusable if cause == "ConnectError" else ServerFault
                return kind(f"{where} cannot be reached ({cause})", "see that it runs, and that the address is right")
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                return ServerUnusable(f"{where} refuses the key", f"put the right one into {KEY_VARIABLE}")
            case openai.NotFoundError():
                return ServerUnusable(
                    f"{where} has no completions for a model {self._model!r}",
                    f"see what it has: {self.address}/models; and name one behind a # in the address",
                )
            case openai.RateLimitError():
                return ServerFault(
                    f"{where} refuses more questions for now (429), {self._tries} times",
                    "wait, or lessen what it is asked at once (concurrency)",
                )
            case openai.APIStatusError() if error.status_code in (400, 413, 422):
                return self._refused(where, error)
            case openai.APIStatusError():
                return ServerFault(f"{where} failed ({error.status_code})", "look at the server's log")
        return ServerFault(f"{where} answered with something that is no answer", "look at the server's log")

    def _refused(self, where: str, error: openai.APIStatusError) -> ServerFault:
        said = error.message
        if _TOO_LONG.search(said.lower()) or error.code == "context_length_exceeded":
            limit, asked = _LIMIT.search(said), _ASKED.search(said)
            return ContextExceeded(
                f"{where} was given a text beyond its context",
                int(limit.group(1)) if limit else 0,
                int(asked.group(1)) if asked else 0,
            )
        if "echo" in said or "logprobs" in said:
            return ServerUnusable(
                f"{where} refuses to tell log-probabilities of the text it is given",
                "labels are judged by them: serve the model where `echo` with `logprobs` is answered, as with "
                "`vllm serve MODEL` (docs/large-models.md)",
            )
        return ServerFault(f"{where} refused the question ({error.status_code})", "look at the server's log")


def _parts(address: str) -> tuple[str, str]:
    """The server's address, and the model's name behind the ``#``."""
    url, model = urldefrag(address)
    try:
        split = urlsplit(url)
        named = split.scheme in ("http", "https") and bool(split.hostname) and split.port != 0
    except ValueError:
        named, split = False, urlsplit("")
    if split.username or split.password:
        raise WrongInput("an address must not hold a password", f"put the server's key into {KEY_VARIABLE}")
    if not named:
        raise WrongInput(f"{address!r} is not the address of a server", "write it like http://host:8000/v1#MODEL")
    return url.rstrip("/"), model
