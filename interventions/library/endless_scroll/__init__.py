"""Make endless scrolling end: the screen darkens step by step, then a question."""
