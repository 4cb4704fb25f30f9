"""The link to the agent that runs inside a phone's apps."""
