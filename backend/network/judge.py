"""Judges decoded flows with the interventions that judge screens, and changes exactly what they name.

Texts and pictures of a body go to ``on_text`` and ``on_region``, each in a row of its own; the whole flow goes to
``on_flow``. What cannot be understood passes untouched, and is counted.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from backend.engine.decision import Decided
from backend.engine.engine import Engine
from backend.network.findings import changed_event, entries_of, unusable_event
from backend.network.known import Known, key_of
from backend.network.messages import PASS, FlowMessage, FlowVerdict, Late
from backend.network.pieces import Pieces
from backend.network.verdicts import flow_of, replaced, verdict_on
from backend.network.views.json_view import JsonView
from backend.network.views.opening import (
    HTML_TYPES,
    IMAGE_TYPES,
    JSON_TYPES,
    MANIFEST_TYPES,
    PUSHED_TYPES,
    TEXT_TYPES,
    view_of_message,
    view_of_response,
)
from backend.network.views.rows import batches, reached, scene_of
from backend.network.views.view import Part, Unreadable, View
from backend.store.entries import Entry
from interventions.sdk import Action, App, Flow, FlowAction, FlowPathError, KeepFirst, Rewrite
from interventions.sdk.flow import check_path

log = logging.getLogger(__name__)

FLOW_HANDLERS = frozenset({"on_text", "on_region", "on_flow"})
"""The handlers that say something about a flow. The judge's engine is restricted to them."""
_MOST_TOLD = 1000


@dataclass
class _Case:
    """One flow on its way through the judge."""

    message: FlowMessage
    phone: str
    app: App
    handlers: frozenset[str]
    view: View | None = None
    hiding: dict[int, Decided] = field(default_factory=dict)
    fresh: list[Decided] = field(default_factory=list)
    asked: list[Decided] = field(default_factory=list)
    number: int = 0
    sure: bool = True
    """Whether everybody who was asked has answered."""


class FlowJudge:
    """Judges the flows of one engine's interventions. `judge` may be called from any thread.

    Args:
        engine: of `FLOW_HANDLERS`, without a soft deadline; its owner switches interventions on and off, and closes it.
        write: takes journal entries.
        phone_of: the phone that a flow belongs to.
        app_of: the app's package where it is known; where not (empty text), the host's name stands for the app, so
            that an intervention's `apps` may name hosts.
        paths: host patterns and the JSONPaths of the content in their JSON; elsewhere it is discovered.
        carry_out: told of actions that are none of a flow: Notify, Ask, Delay, Press.
    """

    def __init__(
        self,
        engine: Engine,
        write: Callable[[Sequence[Entry]], None],
        *,
        phone_of: Callable[[FlowMessage], str] = lambda message: "",
        app_of: Callable[[FlowMessage], str] = lambda message: "",
        paths: Mapping[str, Sequence[str]] | None = None,
        carry_out: Callable[[FlowMessage, Sequence[Decided]], None] = lambda message, decided: None,
    ) -> None:
        for path in (path for several in (paths or {}).values() for path in several):
            check_path(path)
        self.engine = engine
        self._write, self._carry_out = write, carry_out
        self._phone_of, self._app_of = phone_of, app_of
        self._paths = dict(paths or {})
        self._known = Known()
        self._pieces = Pieces()
        self._counts: Counter[str] = Counter()
        self._deciding = threading.Lock()
        self._counting = threading.Lock()
        self._number = 0
        self._told: set[tuple[str, str]] = set()

    # -- what the proxy is told ------------------------------------------------------------------------

    def types(self) -> dict[str, Late]:
        """What is to be handed over for the interventions that are on now, and what becomes of it when we are late.

        Held is what an intervention judges that hides until it has (``until_judged``).
        """
        texts, pictures, flows = map(self._late, ("on_text", "on_region", "on_flow"))
        wanted: dict[str, Late] = {}
        if flows:
            wanted |= dict.fromkeys(("request", *MANIFEST_TYPES), "pass")
        if texts or flows:
            late: Late = texts or "pass"
            wanted |= dict.fromkeys((*JSON_TYPES, *HTML_TYPES, *TEXT_TYPES, *PUSHED_TYPES, "websocket"), late)
        if pictures or flows:
            wanted |= dict.fromkeys(IMAGE_TYPES, pictures or "pass")
        return wanted

    def counts(self) -> dict[str, int]:
        """How many flows were judged, changed, refused, and left untouched, by the reason why."""
        with self._counting:
            return dict(self._counts)

    def _late(self, handler: str) -> Late | None:
        """None where nobody has `handler`."""
        kinds = [type(one.intervention) for one in self.engine.kinds().values()]
        having = [kind for kind in kinds if handler in kind.handlers()]
        if not having:
            return None
        hide = handler != "on_flow" and any(kind.until_judged == "hide" for kind in having)
        return "hold" if hide else "pass"

    # -- judging ---------------------------------------------------------------------------------------

    def judge(self, message: FlowMessage) -> FlowVerdict:
        """What becomes of `message`. An intervention that fails is isolated, and the flow goes on without it."""
        verdict, done = self._judge(message, FLOW_HANDLERS)
        if verdict.body is not None and any(_may_hold_content(one.action) for one in done):
            # What on_flow put in may be what others would hide: posts in another order, say.
            again, _ = self._judge(replace(message, body=verdict.body), FLOW_HANDLERS - {"on_flow"})
            return verdict if again is PASS else again
        return verdict

    def _judge(self, message: FlowMessage, handlers: frozenset[str]) -> tuple[FlowVerdict, Sequence[Decided]]:
        """The verdict of `handlers`, and whose doing it is."""
        case = self._case(message, handlers)
        if not case.handlers:
            return PASS, ()
        if (found := self._judge_in_pieces(case)) is not None:
            return found
        try:
            case.view = self._view(case)
        except Unreadable as error:
            log.debug("a %s of %s passes untouched: %s", message.kind, case.app, error)
            self._count(f"untouched: {error.reason}")
        if case.view is None and "on_flow" not in case.handlers:
            return PASS, ()
        self._count("judged")
        self._decide(case)
        return self._verdict(case)

    def _judge_in_pieces(self, case: _Case) -> tuple[FlowVerdict, Sequence[Decided]] | None:
        """The verdict on a feed by way of what is new in it; None where that is no way."""
        message, generation = case.message, self.engine.generation
        if "on_flow" in case.handlers or self._paths or message.status != 200 or message.content_type not in JSON_TYPES:
            return None
        with self._deciding:
            pieces = self._pieces.of(message.body, case.app.package, generation)
        if pieces is None:
            return None
        part = replace(case, message=replace(message, body=pieces.reduced))
        try:
            part.view = self._view(part)
        except Unreadable:
            return None
        if not isinstance(part.view, JsonView) or part.view.beyond:
            return None
        self._decide(part)
        verdict, done = self._changes(part, ())
        body = pieces.whole(verdict.body or part.message.body, part.view, part.hiding)
        if body is None or not part.sure or self.engine.generation != generation:
            self._write(entries_of([*part.fresh, *part.asked], case.phone, case.app.package, part.number))
            return None
        with self._deciding:
            self._pieces.remember(case.app.package, pieces.learnt, generation)
        self._count("judged")
        whole = PASS if body == message.body else replaced(message, body)
        return self._carried_out(part, whole, [*done, *pieces.by], part.asked)

    def _case(self, message: FlowMessage, within: frozenset[str]) -> _Case:
        app = App(self._app_of(message) or (urlsplit(message.url).hostname or ""))
        concerned = [type(one.intervention) for one in self.engine.kinds().values() if one.concerns(app)]
        handlers = within.intersection(name for kind in concerned for name in kind.handlers())
        return _Case(message, self._phone_of(message), app, handlers)

    def _view(self, case: _Case) -> View | None:
        """The parsed body. Raises Unreadable."""
        message = case.message
        if message.kind == "request":
            return None
        url = urlsplit(message.url)
        paths = [
            path
            for pattern, several in self._paths.items()
            if fnmatchcase(url.hostname or "", pattern)
            for path in several
        ]
        if message.kind in ("websocket", "pushed"):
            return view_of_message(message.text, message.body, paths)
        if message.status == 206:
            raise Unreadable("part of a body")
        return view_of_response(message.header("content-type"), message.body, url.path.rpartition("/")[2], paths)

    def _decide(self, case: _Case) -> None:
        """Have everybody asked who has not said already: fills `hiding`, `fresh` and `asked` of `case`."""
        parts = self._judged_parts(case)
        keys = {position: key_of(case.app.package, part) for position, part in parts.items()}
        flow = flow_of(case.message, case.view) if "on_flow" in case.handlers else None
        with self._deciding:
            generation = -1
            while generation != self.engine.generation:
                generation = self.engine.generation
                case.hiding, case.fresh, case.asked = {}, [], []
                order = list(parts)
                known, unknown = self._known.of([keys[position] for position in order], generation)
                case.hiding = {order[at]: decided for at, decided in known.items()}
                shown = flow
                for batch in batches([order[at] for at in unknown], parts, flow is not None):
                    self._ask(case, batch, parts, keys, shown, generation)
                    shown = None

    def _ask(
        self,
        case: _Case,
        batch: Sequence[int],
        parts: Mapping[int, Part],
        keys: Mapping[int, bytes],
        flow: Flow | None,
        generation: int,
    ) -> None:
        """One scene of parts (by position), and of the flow if it is still to be shown."""
        self._number += 1
        case.number = case.number or self._number
        shown = [parts[position] for position in batch]
        decision = self.engine.decide(scene_of(shown, case.phone, case.app.package, self._number, flow))
        found = {batch[at]: decided for at, decided in reached(decision.scene, decision.standing).items()}
        case.hiding |= found
        case.fresh += found.values()
        case.asked += [one for one in decision.passing if one.scene == self._number]
        case.sure = case.sure and not decision.late and not decision.failures
        if not decision.late and not decision.failures:
            self._known.remember({keys[position]: found.get(position) for position in batch}, generation)

    def _judged_parts(self, case: _Case) -> dict[int, Part]:
        """The parts of the body that somebody judges, by position. What a participant sends is nobody's to judge."""
        if case.view is None or (case.message.kind == "websocket" and case.message.sender == "client"):
            return {}
        if case.view.beyond:
            self._count("parts beyond the most", case.view.beyond)
        texts, pictures = "on_text" in case.handlers, "on_region" in case.handlers
        return {
            position: part
            for position, part in enumerate(case.view.parts)
            if (pictures if part.kind == "picture" else texts)
        }

    # -- carrying out ----------------------------------------------------------------------------------

    def _verdict(self, case: _Case) -> tuple[FlowVerdict, Sequence[Decided]]:
        asked = [one for one in case.asked if isinstance(one.action, FlowAction)]
        others = [one for one in case.asked if not isinstance(one.action, FlowAction)]
        verdict, done = self._changes(case, [one for one in asked if self._usable(one, case)])
        return self._carried_out(case, verdict, done, [*others, *(asked if verdict is not PASS else ())])

    def _carried_out(
        self, case: _Case, verdict: FlowVerdict, done: Sequence[Decided], asked: Sequence[Decided]
    ) -> tuple[FlowVerdict, Sequence[Decided]]:
        """Have carried out what is none of the flow's, and the journal told."""
        others = [one for one in asked if not isinstance(one.action, FlowAction)]
        if others:
            self._carry_out(case.message, others)
        entries = entries_of([*case.fresh, *asked], case.phone, case.app.package, case.number)
        if verdict is not PASS:
            self._count("refused" if verdict.do == "refuse" else "changed")
            entries.append(changed_event(verdict, done, case.message.kind, case.phone, case.app.package, case.number))
        if entries:
            self._write(entries)
        return verdict, done

    def _changes(self, case: _Case, asked: Sequence[Decided]) -> tuple[FlowVerdict, list[Decided]]:
        """The verdict, and whose doing it is. What is hidden stays hidden though nothing else can be done."""
        try:
            return verdict_on(case.message, case.view, case.hiding, asked)
        except (Unreadable, FlowPathError) as error:
            if asked:
                for one in asked:
                    self._tell(one, error, case)
                return self._changes(case, ())
            log.warning("a %s of %s passes as it came: %s", case.message.kind, case.app, error)
            self._count(f"untouched: {error.reason if isinstance(error, Unreadable) else error}")
            return PASS, []

    def _usable(self, decided: Decided, case: _Case) -> bool:
        """Whether an action's path can be followed. One that cannot changes nothing."""
        action = decided.action
        try:
            if isinstance(action, Rewrite | KeepFirst):
                check_path(action.path)
        except FlowPathError as error:
            self._tell(decided, error, case)
            return False
        return True

    def _tell(self, decided: Decided, error: Exception, case: _Case) -> None:
        """Say once that an intervention asked for what cannot be done, not with every flow."""
        what = (decided.intervention, str(error))
        if what in self._told:
            return
        if len(self._told) < _MOST_TOLD:
            self._told.add(what)
        log.warning("%s: %s was not carried out: %s", decided.intervention, type(decided.action).__name__, error)
        self._write([unusable_event(decided, error, case.phone, case.app.package)])

    def _count(self, what: str, by: int = 1) -> None:
        with self._counting:
            self._counts[what] += by


def _may_hold_content(action: Action) -> bool:
    return isinstance(action, Rewrite) and isinstance(action.value, str | Mapping | Sequence)
