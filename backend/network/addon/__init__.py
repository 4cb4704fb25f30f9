"""What runs inside mitmproxy's process: the standard library, mitmproxy, and nothing else of ours."""
