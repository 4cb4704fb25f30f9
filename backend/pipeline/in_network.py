"""Interventions on one phone's traffic: a proxy with a judge of its flows, and the phone led through it.

The phone is led through the proxy only while the proxy works: one that does not is worse than none.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from urllib.parse import urlsplit

from backend.engine.decision import Decided
from backend.engine.engine import Engine
from backend.errors import MindproofError, NetworkError, PhoneError
from backend.network.judge import FlowJudge
from backend.network.messages import FlowMessage, FlowVerdict, Late, Note, ProxyState
from backend.network.own_hosts import completed
from backend.network.plan import NetworkPlan
from backend.network.probe import FLOW
from backend.network.report import write_report
from backend.network.routing import Routing
from backend.network.sockets import LocalApps, parse_uids
from backend.network.supervisor import NetworkProxy
from backend.network.traffic import Traffic
from backend.phones.agent.reach import is_local
from backend.phones.backoff import Backoff
from backend.phones.phone import Phone
from backend.settings import Settings
from backend.store.entries import Entry, EventEntry

log = logging.getLogger(__name__)

_WITHOUT_PROXY_S = 10.0
"""How long a phone may be led to a proxy that is being started again."""
_LOOK_S = 0.5
_REFUSALS = 3
"""So often a client that is never read may refuse our certificate, before its host is left alone."""


@dataclass(frozen=True, slots=True)
class NetworkState:
    """How it stands: `kind` is "starting", "on", "waiting" (for the phone or the proxy), "failed" or "off"."""

    kind: str
    detail: str = ""
    remedy: str = ""


class InNetwork:
    """Owns the thread, the proxy and the routing of one phone. `engine` is restricted to `FLOW_HANDLERS`."""

    def __init__(
        self,
        phone: Phone,
        settings: Settings,
        plan: NetworkPlan,
        engine: Engine,
        append: Callable[[Entry], None],
    ) -> None:
        self.plan, self.engine = plan, engine
        self.traffic = Traffic()
        self.replaced: Counter[str] = Counter()
        """How many texts and pictures each intervention had a hand in changing."""
        self.pictures = 0
        """How many of those were pictures."""
        self.apps: dict[str, str] = {}
        """Of each host the package that spoke to it, where that is known."""
        self.left_alone: set[str] = set()
        """Opted-in hosts whose clients refuse to be read, and are tunnelled so that their apps go on working."""
        self.owed = False
        """Whether the phone was away when its own proxy was to be restored."""
        self.carry_out: Callable[[Sequence[Decided]], None] = lambda decided: None
        """Called, in any thread, with what interventions want beside changing a flow: to ask, to tell, to press."""
        self._phone, self._settings, self._append = phone, settings, append
        self.judge = FlowJudge(
            engine,
            self._write,
            phone_of=lambda message: phone.serial,
            app_of=self._app_of,
            paths=plan.paths,
            carry_out=lambda message, decided: self.carry_out(decided),
        )
        self._proxy = NetworkProxy(settings, self._judge, self._noted, self._proxy_changed)
        self._state = NetworkState("starting")
        self._paused = False
        self._bad_since = 0.0
        self._settled = threading.Event()
        self._rules = threading.Event()
        self._stopping = threading.Event()
        self._routing: Routing | None = None
        self._local_apps: LocalApps | None = None
        self._thread = threading.Thread(target=self._run, name=f"in network {phone.serial}", daemon=True)

    # -- what the session asks -------------------------------------------------------------------------

    @property
    def state(self) -> NetworkState:
        return self._state

    @property
    def proxy(self) -> NetworkProxy:
        return self._proxy

    def settled(self, within_s: float) -> bool:
        """Wait until the phone is led through the proxy, or cannot be."""
        return self._settled.wait(within_s)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Lead the phone past us again, then end the proxy. Waits for both."""
        self._stopping.set()
        self._rules.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.engine.close()

    def rules_changed(self) -> None:
        """Something was switched on or off, or got other values."""
        self._rules.set()

    def pause(self, paused: bool) -> None:
        """While paused nothing is decrypted; the phone keeps its network."""
        self._paused = paused
        self._rules.set()

    # -- the thread: what may take time ------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._complete_plan()
            self._configure()
            self._proxy.start()
            self._keep_routed()
        except NetworkError as error:
            self._tell(NetworkState("failed", error.message, error.remedy))
        finally:
            self._lead_past()
            self._proxy.stop()
            if self.plan.guarded:  # a phone that ends with us is never asked about again
                write_report(self._settings.home, self._phone.serial, self.traffic.hosts(), self.apps)
            if self._state.kind != "failed":
                self._tell(NetworkState("off"))
            self._settled.set()

    def _complete_plan(self) -> None:
        try:
            self.plan = completed(self.plan, self._phone, self._settings.home / "network")
        except (PhoneError, OSError) as error:
            log.warning("the hosts of %s's own are not known: %s", self._phone.serial, error)
        self._proxy.upstream_ca = self.plan.upstream_ca

    def _keep_routed(self) -> None:
        backoff, next_s = Backoff(), 0.0
        while not self._stopping.is_set():
            if self._rules.is_set():
                self._rules.clear()
                self._configure()
            if self._proxy_works() and self._routing is None and monotonic() >= next_s:
                if self._lead_through():
                    backoff.reset()
                else:
                    next_s = monotonic() + backoff.delay_s()
            elif not self._proxy_works() and self._routing is not None:
                self._lead_past()
                self._tell(NetworkState("waiting", f"mitmproxy is being started again: {self._proxy.state.detail}"))
            self._rules.wait(_LOOK_S)

    def _configure(self) -> None:
        hosts = () if self._paused else (*self.plan.hosts, *(f"!{host}" for host in sorted(self.left_alone)))
        types: dict[str, Late] = {"request": "pass", **self.judge.types()}  # requests tell that an app can be read
        self._proxy.configure(hosts=hosts, types=types, addresses=self.plan.addresses)

    def _proxy_works(self) -> bool:
        """Whether it runs, or stopped so lately that it may soon."""
        if self._proxy.state.phase == "running":
            self._bad_since = 0.0
            return True
        self._bad_since = self._bad_since or monotonic()
        return self._routing is not None and monotonic() - self._bad_since < _WITHOUT_PROXY_S

    def _lead_through(self) -> bool:
        routing = Routing(
            self._phone, self._proxy.port, self._settings.home, self._settings.key_folder, self.plan.guarded
        )
        try:
            if is_local(self._phone):
                packages = parse_uids(self._phone.shell("pm list packages -U").out).values()
                self._local_apps = LocalApps(self._phone, packages)
            self._routing = routing.open()
        except MindproofError as error:
            self._tell(NetworkState("waiting", error.message, error.remedy))
            if not isinstance(error, PhoneError):
                self._settled.set()
            return False
        self._tell(NetworkState("on", f"its traffic goes through {routing.proxy}"))
        self._settled.set()
        return True

    def _lead_past(self) -> None:
        routing, self._routing = self._routing, None
        if routing is not None and not routing.close():
            self.owed = True
            self._event("network.owed", "the phone is away; its proxy is restored as soon as it is back")

    # -- what the proxy says; on its threads ------------------------------------------------------------

    def _judge(self, message: FlowMessage) -> FlowVerdict:
        host = urlsplit(message.url).hostname or ""
        self.traffic.add(Note(FLOW, 1, host))
        verdict = self.judge.judge(message)
        if verdict.do == "replace" and message.content_type.startswith("image/"):
            self.pictures += 1
        return verdict

    def _app_of(self, message: FlowMessage) -> str:
        if self._local_apps is None:
            return ""
        package = self._local_apps.owner(message.client)
        if package:
            self.apps[urlsplit(message.url).hostname or ""] = package
        return package

    def _noted(self, note: Note) -> None:
        self.traffic.add(note)
        if note.host and note.host not in self.left_alone and note.what in ("decrypted", "client_tls"):
            seen = self.traffic.of(note.host)
            refused = seen.count("client_tls") >= _REFUSALS or seen.count("decrypted") >= 2 * _REFUSALS
            if refused and not seen.count(FLOW):
                self.left_alone.add(note.host)
                self._event("network.left_alone", f"{note.host}: its client refuses our certificate; it is tunnelled")
                self._rules.set()

    def _proxy_changed(self, state: ProxyState) -> None:
        if state.phase in ("making", "starting") and self._state.kind == "starting":
            self._state = NetworkState("starting", state.detail or "starting mitmproxy")

    def _write(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if isinstance(entry, EventEntry) and entry.event == "flow.changed":
                self.replaced.update(entry.detail)
            self._append(entry)

    def _tell(self, state: NetworkState) -> None:
        if state != self._state:
            self._state = state
            self._event(f"network.{state.kind}", state.detail)

    def _event(self, event: str, message: str) -> None:
        self._append(EventEntry(event=event, message=message, phone=self._phone.serial))
