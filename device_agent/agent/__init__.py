"""The agent that runs inside apps: TypeScript sources in `src/`, and `build`, which makes one script of them."""
