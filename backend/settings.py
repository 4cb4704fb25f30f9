"""Settings of one backend: defaults, then ``MINDPROOF_*`` environment variables, then the command line."""

from __future__ import annotations

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


def _default_home() -> Path:
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "mindproof"


class Settings(BaseSettings):
    """Every value can be set as an environment variable: ``MINDPROOF_PORT=8765``."""

    model_config = SettingsConfigDict(env_prefix="MINDPROOF_", extra="ignore")

    home: Path = Field(default_factory=_default_home)
    """Folder for keys, the journal, and interventions of the researcher's own."""

    interventions: list[Path] = []
    """Further folders that hold intervention folders."""

    database_url: str = ""
    """SQLAlchemy URL of the journal; empty: ``journal.sqlite3`` in `home`."""

    port: int = Field(default=8765, ge=0, le=65535)
    """Port of the page on 127.0.0.1; 0 takes a free one."""

    soft_deadline_s: float = Field(default=0.4, gt=0)
    """How long a frame waits for an intervention. What comes later is applied late, and journalled as late."""

    hard_deadline_s: float = Field(default=10.0, gt=0)
    """An intervention that has not answered by then hangs, and is suspended."""

    max_actions: int = Field(default=400, ge=1)
    """An intervention that asks for more on one frame floods, and is suspended."""

    mirror_width: int = Field(default=540, ge=120, le=2160)
    """Width in pixels of the picture a browser receives."""

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
