"""Starts mitmproxy with our addon: ``DESCRIPTOR OPTION=VALUE ...`` as arguments.

`DESCRIPTOR` is the inherited socket of the link. mitmproxy's own configuration files and scripts are not read.
"""

from __future__ import annotations

import asyncio
import logging

from mitmproxy.options import Options
from mitmproxy.tools.dump import DumpMaster

from backend.network.addon.hosts import NOBODY
from backend.network.addon.mindproof import Mindproof


async def _serve(descriptor: int, given: list[str]) -> None:
    options = Options()
    master = DumpMaster(options, with_dumper=False)  # a dumper would write what passes to the terminal
    master.addons.add(Mindproof(descriptor))
    options.update(onboarding=False, allow_hosts=[NOBODY], termlog_verbosity="warn")
    options.set(*given)
    await master.run()


def main(arguments: list[str]) -> None:
    for noisy in ("hpack", "tornado", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    asyncio.run(_serve(int(arguments[0]), arguments[1:]))
