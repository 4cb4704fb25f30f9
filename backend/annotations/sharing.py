"""What was taught here as a pack, and what somebody else's pack would do here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from backend.annotations.packs import Entry, Pack, write
from backend.annotations.rules import covered
from backend.store.annotations import Annotations
from interventions.sdk import Scene


@dataclass(frozen=True, slots=True)
class Content:
    """An entry of a pack: whether it holds here already, and on how many screens it would hide something."""

    entry: Entry
    known: bool
    screens: int


def exported(store: Annotations, name: str, key: Ed25519PrivateKey, phone: str | None = None) -> bytes:
    """What holds, on one phone or on any, as a signed pack. Raises StoreError."""
    crops = store.crops()
    holding = [made for made in store.holding() if phone is None or made.phone in ("", phone)]
    told = {
        made.rule: {
            "app": made.app,
            "name": made.name,
            "breadth": made.breadth,
            "rule": made.rule,
            "crop": crops.get(made.rule, b""),
        }
        for made in holding
    }
    return write(name, [Entry.model_validate(entry) for entry in told.values()], key)


def contents(store: Annotations, pack: Pack, screens: Sequence[Scene] = ()) -> list[Content]:
    """What a pack would hide, and on how many of `screens`; what goes by its look is not counted there.

    Nothing changes. Raises StoreError.
    """
    known = {made.rule for made in store.holding()}
    return [
        Content(entry, entry.rule in known, sum(bool(covered(scene, entry.rule)) for scene in screens))
        for entry in pack.entries
    ]
