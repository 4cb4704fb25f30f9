"""A phone led through the proxy with no intervention on: to see which of its apps could be read."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from backend.engine.catalog import Catalog
from backend.engine.engine import Engine
from backend.network.judge import FLOW_HANDLERS
from backend.network.plan import NetworkPlan
from backend.phones.phone import Phone
from backend.pipeline.in_network import InNetwork
from backend.serving.host import ModelHost
from backend.settings import Settings

log = logging.getLogger(__name__)


@contextmanager
def looking(phone: Phone, settings: Settings, plan: NetworkPlan) -> Iterator[InNetwork]:
    """For the length of the block; nothing is journalled."""
    engine = Engine(Catalog(settings.intervention_folders), ModelHost().load, handlers=FLOW_HANDLERS)
    way = InNetwork(phone, settings, plan, engine, lambda entry: log.debug("%s", entry))
    way.start()
    try:
        yield way
    finally:
        way.stop()
