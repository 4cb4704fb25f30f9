"""base64 and checksums of files (toybox)."""

from __future__ import annotations

import base64
import binascii
import hashlib

from device_agent.virtual_phone.shell.commands.text import Inputs
from device_agent.virtual_phone.shell.options import number, take_flags
from device_agent.virtual_phone.shell.registry import Call, command
from device_agent.virtual_phone.shell.streams import read_all


@command("base64")
def encode_base64(io: Call) -> int:
    options, paths = take_flags(io, "di", "w")
    inputs = Inputs(io, paths)
    for _, source in inputs:
        data = read_all(source)
        if "d" in options:
            try:
                io.out.write(base64.b64decode(data))
            except binascii.Error:
                return io.fail("bad input")
        else:
            text = base64.b64encode(data).decode()
            width = number(io, options.get("w", "76")) or len(text) or 1
            io.out.print(*(text[at : at + width] for at in range(0, len(text), width)))
    return inputs.status


@command("md5sum", "sha1sum", "sha256sum")
def checksums(io: Call) -> int:
    _, paths = take_flags(io, "b")
    inputs = Inputs(io, paths)
    for name, source in inputs:
        digest = hashlib.new(io.name.removesuffix("sum"), usedforsecurity=False)
        for part in iter(source.read, b""):
            digest.update(part)
        io.out.print(f"{digest.hexdigest()}  {name}")
    return inputs.status
