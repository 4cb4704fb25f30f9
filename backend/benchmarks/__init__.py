"""What we are compared with, and how fast we are: every figure in `docs/performance.md` comes from here."""
