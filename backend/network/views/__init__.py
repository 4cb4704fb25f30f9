"""Bodies of flows as typed views: what in them people read and see, and how to change exactly that."""
