"""The commands, a small group a file; every module here is loaded by `registry.find`."""
