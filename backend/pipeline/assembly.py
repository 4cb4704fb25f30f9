"""What belongs to one phone, put together: source, perception, engines, session, and what acts on the phone itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine, EngineEvent
from backend.engine.runner import Limits
from backend.network.judge import FLOW_HANDLERS
from backend.network.plan import NetworkPlan
from backend.perception.perception import Perception
from backend.perception.settings import PerceptionSettings
from backend.phones.agent.host import AgentHost
from backend.phones.agent.reach import FridaOptions
from backend.phones.phone import Phone
from backend.phones.source import FrameSource
from backend.pipeline.content import CONTENT_HANDLERS
from backend.pipeline.in_network import InNetwork
from backend.pipeline.on_phone import OnPhone
from backend.pipeline.session import PhoneSession
from backend.settings import Settings, Sink
from backend.store.entries import Entry
from interventions.sdk import Judge

_TREE_INTERVAL_S = 0.05


@dataclass(frozen=True, slots=True)
class Assembly:
    """Puts together what belongs to a phone.

    Attributes:
        load_model: given a model's name and the serial of the phone that it judges for.
        append: writes into the journal.
        on_event, on_content_event: hear what happens in the engine for frames and in the one for contents, with the
            phone's serial.
        on_late: called with the serial when a late verdict has come.
        answer: called with the serial, an interstitial's key and the choice, when it was answered on the phone.
    """

    settings: Settings
    catalog: Catalog
    load_model: Callable[[str, str], Judge]
    append: Callable[[Entry], None]
    on_event: Callable[[str, EngineEvent], None]
    on_content_event: Callable[[str, EngineEvent], None]
    on_late: Callable[[str], None]
    answer: Callable[[str, str, str], bool]

    def session(self, serial: str, on: Sink, plan: NetworkPlan | None = None) -> PhoneSession:
        """A session of the phone, not started yet, that acts where `on` says; on its traffic as `plan` says."""
        phone = Phone(serial, self.settings.key_folder)
        source = FrameSource(phone, tree_interval_s=_TREE_INTERVAL_S)
        engine = self._engine(serial)
        on_phone, in_network = None, None
        if on in ("app", "overlay"):
            on_phone = self._on_phone(serial, on == "app", phone, source, engine)
        elif on == "network":
            in_network = self._in_network(phone, plan or NetworkPlan(tuple(self.settings.network_hosts)))
        perception = Perception(PerceptionSettings())
        return PhoneSession(
            phone, source, engine, perception, self.append, self.settings.mirror_width, on_phone, in_network
        )

    def _on_phone(self, serial: str, inside: bool, phone: Phone, source: FrameSource, engine: Engine) -> OnPhone:
        frida = FridaOptions(self.settings.frida_server, self.settings.frida_port)
        cache = self.settings.home / "agent"
        return OnPhone(
            serial,
            "app" if inside else "overlay",
            lambda scope, heard, changed: AgentHost(phone, scope, heard, changed, options=frida, cache=cache),
            source.live,
            engine,
            self._content_engine(serial, CONTENT_HANDLERS),
            self.append,
            lambda key, choice: self.answer(serial, key, choice),
        )

    def _in_network(self, phone: Phone, plan: NetworkPlan) -> InNetwork:
        engine = self._content_engine(phone.serial, FLOW_HANDLERS)
        return InNetwork(phone, self.settings, plan, engine, self.append)

    def _engine(self, serial: str) -> Engine:
        return Engine(
            self.catalog,
            lambda name: self.load_model(name, serial),
            limits=self._limits,
            soft_deadline_s=self.settings.soft_deadline_s,
            on_event=lambda event: self.on_event(serial, event),
            on_late=lambda: self.on_late(serial),
        )

    def _content_engine(self, serial: str, handlers: frozenset[str]) -> Engine:
        return Engine(
            self.catalog,
            lambda name: self.load_model(name, serial),
            limits=self._limits,
            soft_deadline_s=None,
            handlers=handlers,
            on_event=lambda event: self.on_content_event(serial, event),
        )

    @property
    def _limits(self) -> Limits:
        return Limits(self.settings.max_actions, self.settings.hard_deadline_s)
