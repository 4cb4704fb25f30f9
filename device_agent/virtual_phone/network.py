"""The phone's network: the servers of its apps, its proxy setting, its certificate stores, and whom each app trusts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from device_agent.virtual_phone.content_server import ContentServer

SYSTEM_STORE = "system/etc/security/cacerts"
USER_STORE = "data/misc/user/0/cacerts-added"
"""Where Android keeps the authorities that the maker and the user trust."""
HOSTS = "system/etc/hosts"
PORT_PROPERTY = "ro.mindproof.content.port"
"""Where on 127.0.0.1 the hosts of the apps answer, for who leads the phone's traffic through a proxy."""


@dataclass(frozen=True, slots=True)
class SecurityConfig:
    """An app's network security configuration: by default, as since Android 7, it trusts the maker's authorities only.

    `pinned` names hosts that must show the very key the app was built with.
    """

    user_authorities: bool = False
    pinned: tuple[str, ...] = ()


CONFIGS = {
    "org.mindproof.feed": SecurityConfig(user_authorities=True),
    "org.mindproof.reader": SecurityConfig(user_authorities=True),
    "org.mindproof.chat": SecurityConfig(user_authorities=True, pinned=("courier.mindproof.test",)),
}


class PhoneNetwork:
    """What the apps are told about the network. `root` is the phone's ``/`` on the host; `proxy` gives the setting
    ``http_proxy`` as it is now."""

    def __init__(self, root: Path, server: ContentServer, proxy: Callable[[], str]) -> None:
        self._root = root
        self._server = server
        self._proxy = proxy

    def install(self) -> None:
        """Write the maker's authority, the empty store of the user's, and the names that the phone resolves."""
        for store in (SYSTEM_STORE, USER_STORE):
            (self._root / store).mkdir(parents=True, exist_ok=True)
        (self._root / SYSTEM_STORE / self._server.ca_store_name).write_bytes(self._server.ca_pem)
        names = ("localhost", *self._server.hosts)
        (self._root / HOSTS).write_text("".join(f"127.0.0.1 {name}\n" for name in names))

    @property
    def jvm_flags(self) -> tuple[str, ...]:
        return (f"-Djdk.net.hosts.file={self._root / HOSTS}",)

    def describe(self, package: str) -> dict[str, Any]:
        """What the app `package` goes by from now on; its connections read the certificate stores each time."""
        config = CONFIGS.get(package, SecurityConfig())
        stores = [SYSTEM_STORE, *([USER_STORE] if config.user_authorities else [])]
        return {
            "port": self._server.port,
            "hosts": list(self._server.hosts),
            "proxy": self._proxy(),
            "stores": [str(self._root / store) for store in stores],
            "pins": {host: [self._server.pins[host]] for host in config.pinned if host in self._server.pins},
        }
