"""Starts mitmproxy with our addon: ``DESCRIPTOR OPTION=VALUE ...`` as arguments.

`DESCRIPTOR` is the inherited socket of the link. mitmproxy's own configuration files and scripts are not read, and of
its addons only those run that a proxy cannot do without: each one costs every flow time, and few are for programs.
"""

from __future__ import annotations

import asyncio
import logging

from mitmproxy.addons.disable_h2c import DisableH2C
from mitmproxy.addons.errorcheck import ErrorCheck
from mitmproxy.addons.next_layer import NextLayer
from mitmproxy.addons.proxyserver import Proxyserver
from mitmproxy.addons.tlsconfig import TlsConfig
from mitmproxy.master import Master
from mitmproxy.options import Options

from backend.network.addon.hosts import NOBODY
from backend.network.addon.mindproof import Mindproof


async def _serve(descriptor: int, given: list[str]) -> None:
    options = Options()
    master = Master(options, with_termlog=True)
    master.addons.add(DisableH2C(), Proxyserver(), NextLayer(), TlsConfig(), ErrorCheck(), Mindproof(descriptor))
    options.update(allow_hosts=[NOBODY], termlog_verbosity="warn")
    options.set(*given)
    await master.run()


def main(arguments: list[str]) -> None:
    for noisy in ("hpack", "tornado", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    asyncio.run(_serve(int(arguments[0]), arguments[1:]))
