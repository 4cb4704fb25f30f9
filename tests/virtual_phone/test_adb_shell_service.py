"""``shell:``, ``shell,v2:`` and ``exec:``: what a host sees of a command."""

from __future__ import annotations

import pytest

from device_agent.virtual_phone.adb import packet as wire
from device_agent.virtual_phone.adb import shell_protocol as v2
from device_agent.virtual_phone.adb.shell_service import ShellRequest, parse_request


@pytest.mark.parametrize(
    ("arguments", "command", "request_"),
    [
        ("", "ls", ShellRequest("ls", protocol=False, pty=False)),
        ("", "", ShellRequest("", protocol=False, pty=True)),
        ("v2,TERM=xterm-256color,raw", "ls -l", ShellRequest("ls -l", True, False, "xterm-256color")),
        ("v2,pty", "top", ShellRequest("top", protocol=True, pty=True)),
        ("v2,raw", "", ShellRequest("", protocol=True, pty=False)),
        ("v2,new_thing", "x", ShellRequest("x", protocol=True, pty=False)),
    ],
)
def test_the_service_name_says_what_is_wanted(arguments: str, command: str, request_: ShellRequest) -> None:
    assert parse_request(arguments, command) == request_


def test_version_2_tells_status_output_and_errors_apart(adb_host) -> None:
    assert adb_host.shell_v2("echo out; ls /none; exit 7") == (
        7,
        b"out\n",
        b"ls: /none: No such file or directory\n",
    )


def test_without_version_2_the_errors_are_in_the_output_in_order(adb_host) -> None:
    expected = b"a\n/system/bin/sh: nonsense: inaccessible or not found\n127\n"
    assert adb_host.run("shell:echo a; nonsense; echo $?") == expected
    assert adb_host.run("exec:echo a; nonsense; echo $?") == expected


def test_an_unknown_command_has_androids_status_and_words(adb_host) -> None:
    assert adb_host.shell_v2("nonsense") == (
        127,
        b"",
        b"/system/bin/sh: nonsense: inaccessible or not found\n",
    )


def test_input_reaches_the_command_until_it_is_closed(adb_host) -> None:
    assert adb_host.shell_v2("cat", stdin=b"line 1\nline 2") == (0, b"line 1\nline 2", b"")


def test_commands_come_from_a_pipe(adb_host) -> None:
    status, out, err = adb_host.shell_v2("", stdin=b"echo one\nnonsense\necho 'two\nlines'\ncat\nrest")
    assert (status, out) == (0, b"one\ntwo\nlines\nrest")
    assert b"nonsense: inaccessible" in err


def test_a_pipe_that_ends_in_the_middle_of_a_command_is_told(adb_host) -> None:
    status, out, err = adb_host.shell_v2("", stdin=b"echo one\necho 'two")
    assert (status, out, err) == (1, b"one\n", b"/system/bin/sh: no closing quote\n")


def test_input_that_nobody_reads_does_not_hold_up_the_host(adb_host) -> None:
    theirs = adb_host.open("shell,v2,raw:sleep 0.1; echo done")
    for _ in range(3):
        adb_host.send(wire.WRTE, 1, theirs, v2.encode(v2.STDIN, bytes(1000)))
        adb_host.expect(wire.OKAY, 1)
    said = b"".join(data for _, data in v2.Decoder().feed(adb_host.read_to_end(theirs)))
    assert said.startswith(b"done\n")


def test_the_window_size_reaches_the_shell(adb_host) -> None:
    theirs = adb_host.open("shell,v2,raw:")
    packets = v2.encode(v2.WINDOW_SIZE, b"24x132,0x0\0") + v2.encode(v2.STDIN, b"echo $COLUMNS\n")
    adb_host.send(wire.WRTE, 1, theirs, packets + v2.encode(v2.CLOSE_STDIN, b""))
    assert b"132\n" in adb_host.read_to_end(theirs)


def type_at(host, theirs: int, keys: bytes) -> None:
    host.send(wire.WRTE, 1, theirs, v2.encode(v2.STDIN, keys))


class Screen:
    """What a terminal has shown and nobody has waited for yet."""

    def __init__(self, host, theirs: int) -> None:
        self.host, self.theirs, self.decoder, self.text = host, theirs, v2.Decoder(), b""

    def wait_for(self, text: bytes) -> None:
        """Take everything up to and with `text`, when it comes."""
        while text not in self.text:
            packet = self.host.receive()
            assert packet.command in (wire.WRTE, wire.OKAY), self.text
            if packet.command == wire.WRTE:
                self.text += b"".join(data for _, data in self.decoder.feed(bytes(packet.payload)))
                self.host.send(wire.OKAY, 1, self.theirs)
        self.text = self.text.partition(text)[2]


def test_a_terminal_has_a_prompt_an_echo_and_line_ends(adb_host) -> None:
    theirs = adb_host.open("shell,v2,TERM=xterm,pty:")
    screen = Screen(adb_host, theirs)
    screen.wait_for(b"still:/ $ ")
    type_at(adb_host, theirs, b"echox\x7f $TERM\r")
    screen.wait_for(b"echox\b \b $TERM\r\n")
    screen.wait_for(b"xterm\r\nstill:/ $ ")
    type_at(adb_host, theirs, b"false\r")
    screen.wait_for(b"1|still:/ $ ")
    type_at(adb_host, theirs, b"\x04")
    assert adb_host.read_to_end(theirs)[-1:] == b"\x01"


def test_control_c_ends_the_command_but_not_the_shell(adb_host) -> None:
    theirs = adb_host.open("shell,v2,pty:")
    screen = Screen(adb_host, theirs)
    for command in (b"sleep 1000\r", b"cat\r", b"logcat\r"):
        screen.wait_for(b"$ ")
        type_at(adb_host, theirs, command)
        screen.wait_for(command + b"\n")
        type_at(adb_host, theirs, b"\x03")
        screen.wait_for(b"^C\r\n")
    screen.wait_for(b"$ ")
    type_at(adb_host, theirs, b"echo alive\r")
    screen.wait_for(b"\nalive\r\n")


def test_an_oversize_shell_packet_closes_its_stream_only(adb_host) -> None:
    theirs = adb_host.open("shell,v2,raw:cat")
    adb_host.send(wire.WRTE, 1, theirs, v2.HEADER.pack(v2.STDIN, 1 << 30))
    adb_host.expect(wire.OKAY, 1)
    adb_host.expect(wire.CLSE, 1)
    assert adb_host.run("exec:echo alive", 2) == b"alive\n"
