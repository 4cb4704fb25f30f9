"""The phone's shell: a small POSIX-like language and the commands that people type over ADB."""
