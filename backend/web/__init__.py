"""The page: Flask on waitress, loopback only.

`app.create_app` makes it, `server.serve` runs it, `runtime.Runtime` is all it asks of the backend.
"""
