"""The commands: Android 14's output formats and exit codes."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable

import numpy as np
import pytest

from device_agent.virtual_phone.shell import registry
from device_agent.virtual_phone.shell.keycodes import key_code
from device_agent.virtual_phone.still import APP_PID, StillDevice

Sh = Callable[..., tuple[int, str, str]]
NAME = "org.mindproof.still"


def lines(sh: Sh, script: str) -> list[str]:
    """The output of a script that succeeds and complains of nothing."""
    status, out, err = sh(script)
    assert (status, err) == (0, "")
    return out.splitlines()


def test_every_command_survives_being_called_without_and_with_silly_arguments(
    sh: Sh, caplog: pytest.LogCaptureFixture
) -> None:
    endless = {"getevent", "logcat", "screenrecord", "sleep"}
    for name in set(registry.names()) - endless:
        for arguments in ("", "-", "--", "-zQ9 nonsense", "a b c d e f", "'' ''", "-n", "-t x", "--x=y"):
            status, _, _ = sh(f"{name} {arguments}")
            assert 0 <= status <= 255
    assert "failed" not in caplog.text


# What the phone is.


def test_getprop_lists_and_gets(sh: Sh) -> None:
    assert "[ro.build.version.release]: [14]" in lines(sh, "getprop")
    assert lines(sh, "getprop") == sorted(lines(sh, "getprop"))
    assert lines(sh, "getprop ro.product.model") == ["Still Phone"]
    assert lines(sh, "getprop ro.none") == [""]
    assert lines(sh, "getprop ro.none fallback") == ["fallback"]


def test_wm_tells_size_and_density(sh: Sh) -> None:
    assert lines(sh, "wm size") == ["Physical size: 64x120"]
    assert lines(sh, "wm density; cmd window density") == ["Physical density: 420"] * 2
    assert sh("wm size 720x1280")[0] == 255


def test_settings_are_read_written_listed_and_deleted(sh: Sh, still_device: StillDevice) -> None:
    assert lines(sh, "settings get global adb_enabled") == ["1"]
    assert lines(sh, "settings get global none") == ["null"]
    assert lines(sh, "settings put global http_proxy 127.0.0.1:8080") == []
    assert still_device.settings["global"]["http_proxy"] == "127.0.0.1:8080"
    assert "http_proxy=127.0.0.1:8080" in lines(sh, "settings list global")
    assert lines(sh, "settings delete global http_proxy") == ["Deleted 1 rows"]
    assert lines(sh, "settings delete global http_proxy") == ["Deleted 0 rows"]
    assert sh("settings get nonsense x") == (255, "", "Invalid namespace 'nonsense'\n")


def test_who_one_is(sh: Sh) -> None:
    assert lines(sh, "id")[0].startswith("uid=2000(shell) gid=2000(shell) groups=2000(shell)")
    assert lines(sh, "whoami; id -u; id -un") == ["shell", "2000", "shell"]
    assert sh("su -c id") == (127, "", "/system/bin/sh: su: inaccessible or not found\n")


def test_dates_have_androids_form(sh: Sh) -> None:
    assert re.fullmatch(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}", lines(sh, "date")[0])
    assert lines(sh, "date -d @1700000000 +%Y-%m-%d_%H:%M:%S") == ["2023-11-14_22:13:20"]
    assert re.fullmatch(r"\d+\.\d{9}", lines(sh, "date +%s.%N")[0])


# The screen.


def test_screencap_writes_files_in_both_formats(sh: Sh, still_device: StillDevice, picture: np.ndarray) -> None:
    lines(sh, "screencap /sdcard/raw; screencap /sdcard/a.png; screencap -p /sdcard/b")
    sdcard = still_device.root / "sdcard"
    raw = (sdcard / "raw").read_bytes()
    assert raw == struct.pack("<4I", 64, 120, 1, 1) + picture.tobytes()
    assert (sdcard / "a.png").read_bytes() == (sdcard / "b").read_bytes()
    assert (sdcard / "b").read_bytes().startswith(b"\x89PNG")
    assert sh("screencap /system/x.png")[0] == 1


def test_uiautomator_dumps_where_it_is_told(sh: Sh, still_device: StillDevice) -> None:
    assert lines(sh, "uiautomator dump --compressed") == ["UI hierchary dumped to: /sdcard/window_dump.xml"]
    assert (still_device.root / "sdcard/window_dump.xml").read_text("utf-8") == still_device.dump_tree()
    assert lines(sh, "uiautomator dump /data/local/tmp/x.xml") == ["UI hierchary dumped to: /data/local/tmp/x.xml"]
    assert sh("uiautomator dump /system/x.xml")[0] == 1


@pytest.mark.parametrize(
    "words", ["", "--output-format=h264", "/sdcard/x.mp4", "--output-format=h264 --size 0x0 -", "--bit-rate 5 -", "--x"]
)
def test_screenrecord_refuses_what_it_cannot_record(sh: Sh, words: str) -> None:
    status, out, err = sh(f"screenrecord {words}")
    assert (status, out, bool(err)) == (2, "", True)


# Input.


@pytest.mark.parametrize(
    ("words", "touch"),
    [
        ("tap 10 20", ("tap", 10, 20)),
        ("touchscreen tap 10.7 20", ("tap", 10, 20)),
        ("-d 0 tap 1 2", ("tap", 1, 2)),
        ("swipe 1 2 3 4", ("swipe", 1, 2, 3, 4, 300)),
        ("swipe 1 2 3 4 0", ("swipe", 1, 2, 3, 4, 0)),
        ("motionevent down 5 6", ("motion", "DOWN", 5, 6)),
        ("text 'Grüße%sdu'", ("text", "Grüße du")),
        ("keyevent 4", ("key", 4, False)),
        ("keyevent KEYCODE_HOME", ("key", 3, False)),
        ("keyevent --longpress POWER", ("key", 26, True)),
    ],
)
def test_input_injects(sh: Sh, still_device: StillDevice, words: str, touch: tuple[object, ...]) -> None:
    assert lines(sh, f"input {words}") == []
    assert still_device.touches == [touch]


def test_a_drag_holds_moves_and_releases(sh: Sh, still_device: StillDevice) -> None:
    lines(sh, "input draganddrop 0 0 100 50 64")
    assert [touch[1] for touch in still_device.touches] == ["DOWN", "MOVE", "MOVE", "MOVE", "MOVE", "UP"]
    assert still_device.touches[-2:] == [("motion", "MOVE", 100, 50), ("motion", "UP", 100, 50)]


@pytest.mark.parametrize(
    "words",
    ["tap 1", "tap 1 2 3", "tap a b", "tap nan 1", "tap inf 1", "swipe 1 2 3", "keyevent NONSENSE", "text", "x"],
)
def test_input_refuses_nonsense(sh: Sh, still_device: StillDevice, words: str) -> None:
    status, _, err = sh(f"input {words}")
    assert (status, err.startswith("Error: "), still_device.touches) == (255, True, [])


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("0", 0),
        ("HOME", 3),
        ("POWER", 26),
        ("A", 29),
        ("ENTER", 66),
        ("DEL", 67),
        ("ESCAPE", 111),
        ("F1", 131),
        ("VOLUME_MUTE", 164),
        ("ZOOM_OUT", 169),
        ("APP_SWITCH", 187),
        ("PASTE", 279),
    ],
)
def test_key_names_have_androids_codes(name: str, code: int) -> None:
    assert key_code(name) == code


# Apps.


def test_am_starts_and_reports(sh: Sh, still_device: StillDevice) -> None:
    lines(sh, f"am force-stop {NAME}")
    assert still_device.foreground() is None
    found = lines(sh, f"am start -W -a android.intent.action.MAIN -n {NAME}/{NAME}.StillActivity --es k v")
    assert found[0] == f"Starting: Intent {{ act=android.intent.action.MAIN cmp={NAME}/.StillActivity (has extras) }}"
    assert found[1:4] == ["Status: ok", "LaunchState: COLD", f"Activity: {NAME}/.StillActivity"]
    assert found[-1] == "Complete"
    assert still_device.started == [(NAME, ".StillActivity")]


def test_am_starts_the_home_screen_by_its_key(sh: Sh, still_device: StillDevice) -> None:
    lines(sh, "am start -a android.intent.action.MAIN -c android.intent.category.HOME")
    assert still_device.touches == [("key", 3, False)]


def test_monkey_starts_an_app_by_its_package(sh: Sh, still_device: StillDevice) -> None:
    assert lines(sh, f"monkey -p {NAME} -c android.intent.category.LAUNCHER 1")[0] == "Events injected: 1"
    assert sh("monkey -p none 1")[0] == 252
    assert still_device.started == [(NAME, ".StillActivity")]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("-n a.b/.C", "Error: Activity class {a.b/a.b.C} does not exist."),
        ("-a android.intent.action.VIEW -d http://x.example", "Error: Activity not started, unable to resolve Intent"),
        ("-n nonsense", "Bad component name: nonsense"),
        ("", "No intent supplied"),
        ("-f x -n a/b", "NumberFormatException"),
    ],
)
def test_am_fails_in_androids_words(sh: Sh, words: str, message: str) -> None:
    status, _, err = sh(f"am start {words}")
    assert status in (1, 255)
    assert message in err


def test_pm_lists_and_finds_packages(sh: Sh) -> None:
    assert lines(sh, "pm list packages") == ["package:android", f"package:{NAME}"]
    assert lines(sh, "cmd package list packages -3") == [f"package:{NAME}"]
    assert lines(sh, "pm list packages -s -f") == ["package:/system/framework/framework-res.apk=android"]
    assert lines(sh, "pm list packages -U still") == [f"package:{NAME} uid:10100"]
    assert lines(sh, f"pm path {NAME}") == [f"package:/data/app/{NAME}/base.apk"]
    assert sh("pm path none") == (1, "", "")
    assert lines(sh, f"cmd package resolve-activity --brief {NAME}")[1] == f"{NAME}/.StillActivity"
    assert lines(sh, "cmd package resolve-activity --brief none") == ["No activity found"]
    assert "versionName=1.0" in "".join(lines(sh, f"dumpsys package {NAME}"))
    assert sh("cmd nonsense") == (20, "", "cmd: Can't find service: nonsense\n")


RECORD = r"ActivityRecord\{[0-9a-f]+ u0 org\.mindproof\.still/\.StillActivity t\d+\}"
WINDOW = r"Window\{[0-9a-f]+ u0 org\.mindproof\.still/org\.mindproof\.still\.StillActivity\}"
FOCUS = {
    "dumpsys window": rf"  mCurrentFocus={WINDOW}",
    "dumpsys window displays": rf"  mFocusedApp={RECORD}",
    "dumpsys window windows": rf"  Window #0 {WINDOW}:",
    "dumpsys activity activities": rf"    topResumedActivity={RECORD}",
    "dumpsys activity a": rf"  ResumedActivity: {RECORD}",
    "dumpsys activity top": rf"  ACTIVITY org\.mindproof\.still/\.StillActivity [0-9a-f]+ pid={APP_PID}",
}


@pytest.mark.parametrize("script", FOCUS)
def test_the_dumps_name_the_app_in_front(sh: Sh, script: str) -> None:
    assert any(re.fullmatch(FOCUS[script], line) for line in lines(sh, script))


def test_the_dumps_say_when_nothing_is_in_front(sh: Sh, still_device: StillDevice) -> None:
    still_device.force_stop(NAME)
    assert "  mCurrentFocus=null" in lines(sh, "dumpsys window")
    assert not [line for line in lines(sh, "dumpsys activity activities") if NAME in line]
    assert "  mScreenState=OFF" in lines(sh, "dumpsys display")
    assert "  mWakefulness=Asleep" in lines(sh, "dumpsys power")


def test_other_dumps_have_the_lines_that_tools_read(sh: Sh) -> None:
    assert {"  level: 100", "  scale: 100", "  status: 5"} <= set(lines(sh, "dumpsys battery"))
    assert "  mScreenState=ON" in lines(sh, "dumpsys display")
    assert sh("dumpsys nonsense") == (0, "", "Can't find service: nonsense\n")
    assert "  window" in lines(sh, "dumpsys -l")


# Processes and logs.


def test_ps_has_androids_columns(sh: Sh) -> None:
    found = lines(sh, "ps -A")
    assert found[0].rstrip() == "USER           PID  PPID        VSZ    RSS WCHAN            ADDR S NAME"
    assert found[2].rstrip() == f"u0_a100       {APP_PID}     1     262144  65536 0                   0 S {NAME}"
    assert [row.split() for row in lines(sh, "ps -A -o PID,NAME")][2] == [str(APP_PID), NAME]
    assert len(lines(sh, "ps")) == 2
    assert sh("ps -o nonsense")[0] == 1


def test_pidof_finds_or_fails(sh: Sh) -> None:
    assert lines(sh, f"pidof {NAME}") == [str(APP_PID)]
    assert sh("pidof none") == (1, "", "")


def test_logcat_prints_filters_limits_and_clears(sh: Sh, still_device: StillDevice) -> None:
    for level, tag in (("D", "Feed"), ("E", "Feed"), ("I", "Chat")):
        still_device.say(level, tag, f"{level} of {tag}")
    head = "--------- beginning of main"
    assert lines(sh, "logcat -d -v brief") == [
        head,
        "D/Feed    ( 4242): D of Feed",
        "E/Feed    ( 4242): E of Feed",
        "I/Chat    ( 4242): I of Chat",
    ]
    threadtime = r"\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}  4242  4242 D Feed    : D of Feed"
    assert re.fullmatch(threadtime, lines(sh, "logcat -d")[1])
    assert lines(sh, "logcat -d -v raw Feed:E '*:S'") == [head, "E of Feed"]
    assert lines(sh, "logcat -d -v tag -s Chat") == [head, "I/Chat    : I of Chat"]
    assert lines(sh, "logcat -t 1 -v raw") == [head, "I of Chat"]
    assert lines(sh, "logcat -d -v raw --pid=1") == [head]
    assert lines(sh, "logcat -c; logcat -d") == [head]


@pytest.mark.parametrize(
    "words", ["-v nonsense", "-v ''", "-v", "-m x", "--pid=x", "-e '['", "--what", "Tag:Q", "Tag:VD"]
)
def test_logcat_refuses_nonsense(sh: Sh, words: str) -> None:
    status, out, err = sh(f"logcat {words}")
    assert (status, out, err.startswith("logcat: ")) == (1, "", True)


# Files and text.


def test_ls_lists_as_toybox_does(sh: Sh) -> None:
    assert lines(sh, "echo 12345 > /sdcard/f; ls /sdcard") == ["DCIM", "Download", "f"]
    row = r"-rw-r--r-- 1 shell shell 6 \d{4}-\d\d-\d\d \d\d:\d\d /sdcard/f"
    assert re.fullmatch(row, lines(sh, "ls -l /sdcard/f")[0])
    assert lines(sh, "ls -la /sdcard")[0].startswith("total ")
    assert lines(sh, "ls -a /sdcard")[:2] == [".", ".."]
    assert lines(sh, "ls -d /sdcard") == ["/sdcard"]
    assert sh("ls /none /sdcard/f") == (1, "/sdcard/f\n", "ls: /none: No such file or directory\n")
    assert sh("ls /data") == (1, "", "ls: /data: Permission denied\n")


def test_files_are_made_copied_moved_and_removed(sh: Sh) -> None:
    assert lines(sh, "cd /sdcard; mkdir -p a/b; echo x > a/b/c; cp -r a d; mv d/b/c e; cat e; ls d/b") == ["x"]
    assert lines(sh, "rm -r /sdcard/a; rm -f /sdcard/none; rmdir /sdcard/d/b; ls /sdcard/d") == []
    assert sh("mkdir /sdcard/d") == (1, "", "mkdir: '/sdcard/d': File exists\n")
    assert sh("rm /sdcard/none") == (1, "", "rm: /sdcard/none: No such file or directory\n")
    assert sh("rm /sdcard/d") == (1, "", "rm: /sdcard/d: Is a directory\n")
    assert sh("rm -rf /sdcard /system")[0] == 1
    assert lines(sh, "ls -d /sdcard /system") == ["/sdcard", "/system"]


@pytest.mark.parametrize(
    ("script", "output"),
    [
        ("cat", "b 2\na 1\nb 2\n"),
        ("cat - /dev/null", "b 2\na 1\nb 2\n"),
        ("grep b", "b 2\nb 2\n"),
        ("grep -c b", "2\n"),
        ("grep -n -E 'a|x'", "2:a 1\n"),
        ("grep -o '[0-9]\\+'", "2\n1\n2\n"),
        ("grep -iv B", "a 1\n"),
        ("grep -w -m1 b", "b 2\n"),
        ("head -n 1", "b 2\n"),
        ("head -1", "b 2\n"),
        ("head -c 2", "b "),
        ("tail -n +3", "b 2\n"),
        ("wc -l", "3\n"),
        ("wc", "      3       6      12\n"),
        ("sort", "a 1\nb 2\nb 2\n"),
        ("sort -ru", "b 2\na 1\n"),
        ("sort | uniq -c", "      1 a 1\n      2 b 2\n"),
        ("cut -d ' ' -f 2", "2\n1\n2\n"),
        ("tr a-z A-Z | head -1", "B 2\n"),
        ("tr -d '\\n'", "b 2a 1b 2"),
        ("base64", "YiAyCmEgMQpiIDIK\n"),
        ("base64 | base64 -d", "b 2\na 1\nb 2\n"),
        ("md5sum | head -c 8", "2f8b8c36"),
    ],
)
def test_text_goes_through(sh: Sh, script: str, output: str) -> None:
    assert sh(script, stdin=b"b 2\na 1\nb 2\n") == (0, output, "")


def test_grep_says_whether_it_found_anything(sh: Sh) -> None:
    assert sh("grep -q x", stdin=b"x\n")[0] == 0
    assert sh("grep x", stdin=b"y\n") == (1, "", "")
    assert sh("grep '['", stdin=b"y\n")[0] == 2
    assert sh("cat /none") == (1, "", "cat: /none: No such file or directory\n")
