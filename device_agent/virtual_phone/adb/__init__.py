"""The ADB protocol as a device speaks it: packets, authentication, streams and services on a loopback TCP port."""

from device_agent.virtual_phone.adb.server import AdbDaemon

__all__ = ["AdbDaemon"]
