"""What can go wrong inside the virtual phone. The device agent stands alone, so it has a small hierarchy of its own."""

from __future__ import annotations


class VirtualPhoneError(Exception):
    """Base: the message says what happened to what, and what to do next."""


class AppError(VirtualPhoneError):
    """An app's process could not be started, died, or broke the window protocol."""


class ProtocolError(VirtualPhoneError):
    """A peer broke the ADB protocol; its connection is closed, nothing else."""
