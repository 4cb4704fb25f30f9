"""In the network: mitmproxy, in a process and an environment of its own, hands flows over and applies verdicts."""
