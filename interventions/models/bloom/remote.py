"""A language model on another machine, behind an OpenAI-compatible completions endpoint: BLOOM's 176 billion
parameters on vLLM, for one.

Every (item, label) text is one question. They are asked a few at a time; what was answered is remembered, so that a
call that failed in part asks, when it is repeated, only for what is missing.
"""

from __future__ import annotations

import hashlib
import logging
import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event, Lock

import numpy as np

from interventions.models.bloom.boundaries import excess, label_scores, without_middle
from interventions.models.bloom.completions import ContextExceeded, Echo, Endpoint, ServerFault, ServerUnusable
from interventions.models.bloom.encoding import Encoder
from interventions.models.bloom.language_model import Query, Scores
from interventions.models.errors import WeightsMissing, WrongInput

log = logging.getLogger(__name__)

_SHORTENINGS = 16
_NAMED = 8
"""Failed items that a message names one by one."""
Question = str | tuple[int, ...]
"""A text, or its tokens."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One query's log-probability and number of tokens for each label, and whether its item was shortened."""

    logprob: tuple[float, ...]
    tokens: tuple[int, ...]
    truncated: bool


class PartlyAnswered(ServerFault):
    """Some items were judged, others not.

    Attributes:
        judged: the scores of those that were, by position.
        failed: why the others were not, by position.
    """

    def __init__(self, judged: Mapping[int, Judged], failed: Mapping[int, ServerFault]) -> None:
        named = ", ".join(str(position) for position in sorted(failed)[:_NAMED])
        more = f" and {len(failed) - _NAMED} more" if len(failed) > _NAMED else ""
        first = failed[min(failed)]
        super().__init__(
            f"{len(failed)} of {len(failed) + len(judged)} items were not judged (items {named}{more}): "
            f"{first.message}",
            f"{first.remedy}; what was answered is remembered, and is not asked again",
        )
        self.judged, self.failed = judged, failed


class RemoteLanguageModel:
    """The `LanguageModel` at an address. Nothing is asked of the server before it is needed.

    Args:
        address, timeout_s, retries: see `Endpoint`. The server's key is taken from the environment alone.
        concurrency: how many questions are under way at once, over all callers.
        tokenizer: path of the model's tokenizer. With it texts are cut into tokens here; without, the server's word is
            taken for where a token begins, which is enough unless labels are in a script of which a token is less
            than a character.
        context: the longest text in tokens, used only with a `tokenizer`; else the server says what is too long.
        remembered: how many answers are kept.

    Raises:
        WrongInput: for an address that is none.
        WeightsMissing: when there is no tokenizer at `tokenizer`.
    """

    def __init__(
        self,
        address: str,
        *,
        timeout_s: float = 60.0,
        retries: int = 4,
        concurrency: int = 8,
        tokenizer: str = "",
        context: int = 2048,
        remembered: int = 10_000,
    ) -> None:
        self._endpoint = Endpoint(address, timeout_s, retries)
        self._tokenizer = tokenizer
        self._encoder = _encoder(tokenizer, context) if tokenizer else None
        self._pool = ThreadPoolExecutor(max(1, concurrency), thread_name_prefix="language-model")
        self._answers = _Remembered(remembered)

    @property
    def name(self) -> str:
        return f"{self._endpoint.address}#{self._endpoint.model}"

    @property
    def version(self) -> str:
        """Follows from address, model and tokenizer; what else changes behind the address is not seen from here."""
        return hashlib.sha256(f"{self.name}\0{self._tokenizer}".encode()).hexdigest()[:12]

    def close(self) -> None:
        self._pool.shutdown(cancel_futures=True)
        self._endpoint.close()

    def score(self, prefix: str, queries: Sequence[Query], labels: Sequence[str]) -> Scores:
        """See `LanguageModel.score`.

        Raises:
            PartlyAnswered: when some items were judged and some not.
            ServerUnusable: when the server will answer none.
        """
        if not labels or not all(labels):
            raise WrongInput("a language model needs at least one label, and none may be empty")
        prefix, labels = _readable(prefix), [_readable(label) for label in labels]
        queries = [Query(_readable(q.before), _readable(q.item), _readable(q.after)) for q in queries]
        if self._encoder is not None:
            rows = self._by_tokens(self._encoder, prefix, queries, labels)
        else:
            rows = self._by_texts(prefix, queries, labels)
        failed = {at: row for at, row in enumerate(rows) if isinstance(row, ServerFault)}
        judged = {at: row for at, row in enumerate(rows) if isinstance(row, Judged)}
        if failed:
            unusable = next((fault for fault in failed.values() if isinstance(fault, ServerUnusable)), None)
            raise unusable or PartlyAnswered(judged, failed)
        if shortened := sum(row.truncated for row in judged.values()):
            log.warning("%d of %d items were longer than %s reads: their middle was left out",
                        shortened, len(judged), self._endpoint.address)  # fmt: skip
        shape, whole = (len(queries), len(labels)), [judged[at] for at in range(len(queries))]
        return Scores(
            np.array([row.logprob for row in whole], dtype=np.float64).reshape(shape),
            np.array([row.tokens for row in whole], dtype=np.int64).reshape(shape),
            np.array([row.truncated for row in whole], dtype=np.bool_),
        )

    # -- cut into tokens by the server -----------------------------------------------------------------

    def _by_texts(self, prefix: str, queries: Sequence[Query], labels: Sequence[str]) -> list[Judged | ServerFault]:
        told = self._asked([text for query in queries for text in _texts(prefix, query, labels)])
        rows: list[Judged | ServerFault] = []
        for at, query in enumerate(queries):
            mine = told[at * len(labels) : (at + 1) * len(labels)]
            fitted = any(isinstance(one, ContextExceeded) for one in mine)
            rows.append(self._fitted(prefix, query, labels, mine) if fitted else _judged(prefix, query, labels, mine))
        return rows

    def _fitted(
        self, prefix: str, query: Query, labels: Sequence[str], told: Sequence[Echo | ServerFault]
    ) -> Judged | ServerFault:
        """The query with so much of the middle of its item left out that the server takes it with every label."""
        shorter, kept = query, len(query.item)
        for _ in range(_SHORTENINGS):
            refusals = [one for one in told if isinstance(one, ContextExceeded)]
            if not refusals:
                return _judged(prefix, shorter, labels, told, truncated=True)
            if not kept:
                break
            kept = max(0, kept - excess(refusals, max(map(len, _texts(prefix, shorter, labels))), kept))
            shorter = Query(query.before, without_middle(query.item, kept), query.after)
            told = self._asked(_texts(prefix, shorter, labels))
        raise WrongInput(
            f"the instruction and the demonstrations alone are longer than the context of {self.name}",
            "use fewer or shorter demonstrations",
        )

    # -- cut into tokens here --------------------------------------------------------------------------

    def _by_tokens(
        self, encoder: Encoder, prefix: str, queries: Sequence[Query], labels: Sequence[str]
    ) -> list[Judged | ServerFault]:
        encoded = encoder.encode(prefix, queries, labels)
        told = self._asked([one.context + tail for one in encoded for tail in one.tails])
        rows: list[Judged | ServerFault] = []
        for at, one in enumerate(encoded):
            mine = told[at * len(labels) : (at + 1) * len(labels)]
            fault = next((answer for answer in mine if isinstance(answer, ServerFault)), None)
            if fault is not None:
                rows.append(fault)
                continue
            echoes = [answer for answer in mine if isinstance(answer, Echo)]
            sums = tuple(math.fsum(p or 0.0 for p in echo.logprobs[len(one.context) :]) for echo in echoes)
            rows.append(Judged(sums, tuple(map(len, one.tails)), one.truncated))
        return rows

    # -- asking ----------------------------------------------------------------------------------------

    def _asked(self, questions: Sequence[Question]) -> list[Echo | ServerFault]:
        """The answers, in the order of `questions`. Once the server turns out to be unusable, no more are asked."""
        stop = Event()
        waiting = [self._pool.submit(self._ask, question, stop) for question in questions]
        answers: list[Echo | ServerFault] = []
        try:
            answers.extend(one.result() for one in waiting)
        except CancelledError:
            raise ServerUnusable("the language model was closed while it was being asked", "open it again") from None
        finally:
            for one in waiting:
                one.cancel()
        return answers

    def _ask(self, question: Question, stop: Event) -> Echo | ServerFault:
        key = hashlib.sha256(repr(question).encode("utf-8", "surrogatepass")).digest()
        known = self._answers.get(key)
        if known is not None:
            return known
        if stop.is_set():
            return ServerFault("it was not asked any more, after another item's failure")
        try:
            answer = self._endpoint.read(question)
        except ServerUnusable as fault:
            stop.set()
            return fault
        except ServerFault as fault:
            return fault
        self._answers.put(key, answer)
        return answer


class _Remembered:
    """The newest answers, by a digest of what was asked."""

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._answers: OrderedDict[bytes, Echo] = OrderedDict()
        self._lock = Lock()

    def get(self, key: bytes) -> Echo | None:
        with self._lock:
            return self._answers.get(key)

    def put(self, key: bytes, answer: Echo) -> None:
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._capacity:
                self._answers.popitem(last=False)


def _readable(text: str) -> str:
    """`text` without lone surrogates, which cannot be sent (phones give them when they cut an emoji in two)."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _texts(prefix: str, query: Query, labels: Sequence[str]) -> list[str]:
    return [prefix + query.before + query.item + query.after + label for label in labels]


def _judged(
    prefix: str, query: Query, labels: Sequence[str], told: Sequence[Echo | ServerFault], truncated: bool = False
) -> Judged | ServerFault:
    fault = next((one for one in told if isinstance(one, ServerFault)), None)
    if fault is not None:
        return fault
    boundary = len(prefix + query.before + query.item + query.after)
    echoes = [one for one in told if isinstance(one, Echo)]
    return Judged(*label_scores(echoes, _texts(prefix, query, labels), boundary), truncated)


def _encoder(path: str, context: int) -> Encoder:
    from transformers import AutoTokenizer

    try:
        return Encoder(AutoTokenizer.from_pretrained(path, local_files_only=True), context)
    except (OSError, ValueError) as error:
        raise WeightsMissing(f"there is no tokenizer at {path}: {error}", "give the model's own folder") from error
