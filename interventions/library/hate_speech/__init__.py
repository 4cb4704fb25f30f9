"""Hide abusive lines, with what they continue into, in any app."""
