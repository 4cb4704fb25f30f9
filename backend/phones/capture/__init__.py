"""Pictures of a phone's screen: `raw` one at a time, `stream` as video."""
