"""The servers behind the virtual phone's apps: their posts, messages, articles, videos and pictures, over HTTPS."""

from device_agent.virtual_phone.content_server.server import ContentServer

__all__ = ["ContentServer"]
