"""The journal's house: entries in, records out, in SQLite by default and PostgreSQL by URL."""
