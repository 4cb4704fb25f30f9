"""What the command line does, one file a topic. `backend.cli` puts them together."""
