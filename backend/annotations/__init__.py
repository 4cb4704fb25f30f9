"""What people point at on a screen, and the rule that follows from it."""
