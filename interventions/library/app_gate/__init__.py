"""A pause before an app: a message, a countdown, and the choice to go on or to leave."""
