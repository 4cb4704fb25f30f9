"""Pictures: drawn by code from a seed, sent by apps, or read from a content folder."""

from device_agent.virtual_phone.window.pictures.store import Pictures, decoded

__all__ = ["Pictures", "decoded"]
