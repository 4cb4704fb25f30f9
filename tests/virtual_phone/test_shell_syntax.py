"""The shell's language: quoting, expansion, lists, pipelines, redirection."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from device_agent.virtual_phone.shell.parser import parse
from device_agent.virtual_phone.shell.syntax import ShellSyntaxError
from device_agent.virtual_phone.still import StillDevice

Sh = Callable[[str], tuple[int, str, str]]
NO_NULL = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(NO_NULL, min_size=1, max_size=4))
def test_what_is_quoted_reaches_the_command_unchanged(sh: Sh, words: list[str]) -> None:
    assert sh("printf '%s|' " + shlex.join(words)) == (0, "".join(f"{word}|" for word in words), "")


@given(st.text(max_size=60))
def test_any_text_is_a_script_or_a_syntax_error(text: str) -> None:
    with contextlib.suppress(ShellSyntaxError):
        parse(text)


@given(st.text(alphabet="ab $\"'`\\;&|<>(){}\n!=#", max_size=30))
def test_any_punctuation_is_a_script_or_a_syntax_error(text: str) -> None:
    with contextlib.suppress(ShellSyntaxError):
        parse(text)


@pytest.mark.parametrize("script", ["(" * 100_000, "$(" * 50_000, "`" * 99_999, "{ " * 50_000])
def test_deep_nesting_is_a_syntax_error(script: str) -> None:
    with pytest.raises(ShellSyntaxError):
        parse(script)


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("echo one; echo two", "one\ntwo\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("false; echo $?", "1\n"),
        ("! false; echo $?", "0\n"),
        ("nonsense 2>/dev/null; echo $?", "127\n"),
        ("echo a   'b  c'  \"d  e\"", "a b  c d  e\n"),
        ("A='x  y'; echo $A \"$A\"", "x y x  y\n"),
        ("echo a$EMPTY b ${NONE:-default} ${HOME:+there}", "a b default there\n"),
        ("A=1 env A; echo [$A]", "1\n[]\n"),
        ('echo "$(echo inner; echo two)" `echo old`', "inner\ntwo old\n"),
        ("echo a # a comment", "a\n"),
        ("echo '#' a#b", "# a#b\n"),
        ("echo $ $1 \\$HOME '$HOME'", "$ $HOME $HOME\n"),
        ("printf 'a\\nb\\nc\\n' | grep -v b | wc -l", "2\n"),
        ("printf 'a\\nb\\n' |\n tail -n 1", "b\n"),
        ("echo x > /sdcard/f; echo y >> /sdcard/f; cat < /sdcard/f", "x\ny\n"),
        ("nonsense 2>&1 | wc -l", "1\n"),
        ("(cd /sdcard; pwd); pwd", "/sdcard\n/\n"),
        ("{ cd /sdcard; pwd; }; pwd", "/sdcard\n/sdcard\n"),
        ("(exit 3); echo $?", "3\n"),
        ("cd /sdcard; touch b.x a.x c.y; echo *.x; echo '*'.x *.none", "a.x b.x\n*.x *.none\n"),
        ("cd /; echo /sdcard/D*", "/sdcard/DCIM /sdcard/Download\n"),
        ("exec echo last; echo never", "last\n"),
        ("export A=5; sh -c 'echo $A'", "5\n"),
        ("eval 'echo $HOME'", "/\n"),
        ("[ -d /sdcard ] && [ ! -e /none ] && [ 2 -gt 1 ] && [ a = a ] && echo all", "all\n"),
        ("echo a &>/sdcard/both; cat /sdcard/both", "a\n"),
        ("command -v ls; which nonsense", "/system/bin/ls\n"),
        ("/system/bin/echo path", "path\n"),
    ],
)
def test_a_script_prints(sh: Sh, script: str, output: str) -> None:
    assert sh(script)[1:] == (output, "")


@pytest.mark.parametrize(
    ("script", "status", "message"),
    [
        ("nonsense", 127, "nonsense: inaccessible or not found"),
        ("echo 'a", 1, "no closing quote"),
        ("echo a; )", 1, "syntax error: unexpected ')'"),
        ("| wc", 1, "syntax error: unexpected '|'"),
        ("(echo a", 1, "unmatched '('"),
        ("if true; then echo a; fi", 1, "'if' is not supported"),
        ("echo $((1+1))", 1, "arithmetic is not supported"),
        ("sleep 1 &", 1, "background jobs are not supported"),
        ("echo a > /system/x", 1, "can't create /system/x: Read-only file system"),
        ("cat < /none", 1, "can't open /none: No such file or directory"),
        ("cd /none", 2, "cd: /none: No such file or directory"),
    ],
)
def test_a_script_fails_as_in_androids_shell(sh: Sh, script: str, status: int, message: str) -> None:
    found, _, err = sh(script)
    assert (found, err.startswith("/system/bin/sh: "), message in err) == (status, True, True), err


def test_the_last_command_decides_the_status_of_a_pipeline(sh: Sh) -> None:
    assert sh("false | true")[0] == 0
    assert sh("true | false")[0] == 1


def test_a_writer_ends_when_its_reader_does(sh: Sh, still_device: StillDevice) -> None:
    (still_device.root / "sdcard/large").write_bytes(b"line\n" * 1_000_000)
    assert sh("cat /sdcard/large | head -n 1") == (0, "line\n", "")
