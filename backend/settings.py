"""Settings of one backend: defaults, then ``MINDPROOF_*`` environment variables, then the command line."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from backend.errors import SettingsError

Sink = Literal["mirror", "overlay", "app", "network"]
"""Where interventions take effect: on the mirror alone, also on an overlay on the phone, also inside its apps; or also
on its traffic, before that reaches the apps."""


Serving = Literal["local", "ray"]
"""Where models run."""


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "mindproof"


class Settings(BaseSettings):
    """Every value can be set as an environment variable: ``MINDPROOF_PORT=8765``."""

    model_config = SettingsConfigDict(env_prefix="MINDPROOF_", extra="ignore")

    home: Path = Field(default_factory=_default_home)
    """Folder for keys, the journal, and interventions of the researcher's own."""

    interventions: Annotated[list[Path], NoDecode] = []
    """Further folders that hold intervention folders; in the environment separated by colons, as in PATH."""

    database_url: str = ""
    """SQLAlchemy URL of the journal; empty: ``journal.sqlite3`` in `home`."""

    port: int = Field(default=8765, ge=0, le=65535)
    """Port of the page on 127.0.0.1; 0 takes a free one."""

    api_token: SecretStr = SecretStr("")
    """For programs that use the page's API (``Authorization: Bearer ...``); empty: none is let in without a browser."""

    on: Sink = "mirror"
    """Where interventions take effect on phones that are added from now on; overlay and app need the on-phone agent."""

    soft_deadline_s: float = Field(default=0.4, gt=0)
    """How long a frame waits for an intervention. What comes later is applied late, and journalled as late."""

    hard_deadline_s: float = Field(default=10.0, gt=0)
    """An intervention that has not answered by then hangs, and is suspended."""

    max_actions: int = Field(default=400, ge=1)
    """An intervention that asks for more on one frame floods, and is suspended."""

    serving: Serving = "local"
    """Where models run: in this process, or on Ray Serve (extra `ray`)."""

    ray_address: str = ""
    """``host:port`` of a Ray cluster, or ``auto``; empty: one is started on this machine, and ends with us."""

    ray_replicas: int = Field(default=2, ge=1)
    """The most replicas of each model on Ray. One is kept; the others come and go with the load."""

    mirror_width: int = Field(default=540, ge=120, le=2160)
    """Width in pixels of the picture a browser receives."""

    frida_server: Path | None = None
    """A frida-server for Android on this machine, to be sent to a rooted phone that has none."""

    frida_port: int = Field(default=27042, ge=1, le=65535)
    """Port on the phone's loopback where frida-server, or an app's gadget, listens."""

    network_hosts: Annotated[list[str], NoDecode] = []
    """Hosts whose traffic interventions may read, ``api.example,*.example``; in the environment separated by commas.
    Everything else is tunnelled without being decrypted."""

    network_env: Path | None = None
    """Folder for mitmproxy's own Python environment; empty: ``network/env`` in `home`. Made on first use."""

    @field_validator("interventions", mode="before")
    @classmethod
    def _as_in_path(cls, value: object) -> object:
        return [part for part in value.split(os.pathsep) if part] if isinstance(value, str) else value

    @field_validator("network_hosts", mode="before")
    @classmethod
    def _by_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @property
    def journal_url(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'journal.sqlite3'}"

    @property
    def key_folder(self) -> Path:
        return self.home / "keys"

    @property
    def intervention_folders(self) -> list[Path]:
        """Where interventions are looked for, beside the shipped library."""
        return [self.home / "interventions", *self.interventions]


def load_settings(**given: Any) -> Settings:
    """Settings from defaults, environment and the command line (`given`; None counts as not given).

    Raises:
        SettingsError: naming the first value that does not fit, and where it comes from.
    """
    try:
        return Settings(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        where = f"--{name}" if given.get(name) is not None else f"MINDPROOF_{name.upper()}"
        raise SettingsError(f"{where}={first['input']!r}: {first['msg']}", "correct it, or leave it out") from error
