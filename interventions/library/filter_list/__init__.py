"""Hide the widgets that a list of rules names, in the rule format of ReDD Focus."""
