"""The app in front, from outputs that real phones gave."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.phones.display import Display, parse_displays, parse_wm
from backend.phones.foreground import forbids_capture, parse_foreground
from interventions.sdk import App

RECORDED = Path(__file__).parent / "recorded"
LAUNCHER = "com.google.android.apps.nexuslauncher"

EXPECTED = {
    "android-8.0-activities": App(LAUNCHER, f"{LAUNCHER}.NexusLauncherActivity"),
    "android-8-windows": App("com.nordstrom.app", "com.nordstrom.app.main.activity.NordstromActivity"),
    "android-8-statusbar-windows": App("com.android.systemui", "StatusBar"),
    "android-9-activities": App("omarbradley.com.activitylaunchmode", "omarbradley.com.activitylaunchmode.CActivity"),
    "android-9-fireos-asleep-activities": App("com.amazon.firelauncher", "com.amazon.firelauncher.Launcher"),
    "android-10-activities": App("com.android.settings", "com.android.settings.TetherSettings"),
    "android-10-emui-displays": App("com.greenline.guahao", "com.greenline.guahao.webkit.MainProcessCommonWebActivity"),
    "android-11-displays": App("com.android.packageinstaller", "com.android.packageinstaller.InstallStaging"),
    "android-12-foldable-displays": App("com.YostarJP.BlueArchive", "com.yostarjp.bluearchive.MxUnityPlayerActivity"),
    "android-13-activities": App("com.smile.gifmaker", "com.yxcorp.gifshow.HomeActivity"),
    "android-14-displays": App("com.miui.home", "com.miui.home.launcher.Launcher"),
    "android-14-honor-locked-window": App("com.android.systemui", "NotificationShade"),
    "android-14-secure-windows": App("in.sanchay.app", "in.sanchay.app.MainActivity"),
    "android-15-activities": App("dev.telemachus.display", "dev.telemachus.display.MainActivity"),
    "android-16-emulator-displays": App(LAUNCHER, f"{LAUNCHER}.NexusLauncherActivity"),
    "android-16-tablet-sideways-displays": App("com.workspacebrowser.acceptance", "com.workspacebrowser.MainActivity"),
}


def recorded(name: str) -> str:
    return (RECORDED / f"{name}.txt").read_text()


@pytest.mark.parametrize("name", EXPECTED)
def test_names_the_app_in_front(name: str) -> None:
    assert parse_foreground(recorded(name)) == EXPECTED[name]


def test_every_recording_but_the_focusless_one_is_expected() -> None:
    assert {path.stem for path in RECORDED.glob("*.txt")} == {*EXPECTED, "android-13-windows"}


def test_tells_nothing_where_nothing_is_told() -> None:
    assert parse_foreground(recorded("android-13-windows")) is None
    assert parse_foreground("  mCurrentFocus=null\n  mFocusedApp=null\n") is None
    assert parse_foreground("") is None


@pytest.mark.parametrize(
    ("title", "app"),
    [
        ("com.example.dialog", App("com.example.dialog")),
        ("Splash Screen com.example.app", App("com.example.app")),
        ("PopupWindow:3f2a", App("com.example.behind", "com.example.behind.Main")),
        ("com.example.work/com.example.work.Main paused=false", App("com.example.work", "com.example.work.Main")),
    ],
)
def test_reads_titles_that_are_no_activities(title: str, app: App) -> None:
    text = (
        f"  mCurrentFocus=Window{{1a u10 {title}}}\n"
        "  mFocusedApp=ActivityRecord{2b u10 com.example.behind/.Main t5}\n"
    )
    assert parse_foreground(text) == app


@given(st.text(max_size=300))
def test_survives_any_text(text: str) -> None:
    parse_foreground(text)
    parse_foreground("mCurrentFocus=Window{" + text)
    parse_displays("init=" + text)
    parse_wm(text, text)
    forbids_capture("  Window #1 Window{1 " + text, "mCurrentFocus=Window{1 " + text)


def test_sees_that_a_window_forbids_capture() -> None:
    secure, open_ = recorded("android-14-secure-windows"), recorded("android-13-windows")
    assert forbids_capture(secure, secure)
    assert not forbids_capture(open_, "mCurrentFocus=Window{c838dbe u0 tv.danmaku.bili/tv.danmaku.bili.MainActivityV2}")
    assert not forbids_capture(secure, "mCurrentFocus=Window{77bb u0 other.app/.Main}")


def test_reads_the_hexadecimal_flags_of_android_8() -> None:
    window = "  Window #7 Window{{9f u0 a.b/a.b.C}}:\n    mAttrs=WM.LayoutParams{{(0,0)(fillxfill) ty=1 fl=#{}}}\n"
    assert forbids_capture(window.format("81812100"), "mCurrentFocus=Window{9f u0 a.b/a.b.C}")
    assert not forbids_capture(window.format("81810100"), "mCurrentFocus=Window{9f u0 a.b/a.b.C}")


def test_reads_size_density_and_rotation() -> None:
    assert parse_displays(recorded("android-16-emulator-displays")) == Display((1080, 2424), 420, 0)
    assert parse_displays(recorded("android-16-tablet-sideways-displays")) == Display((3200, 2000), 400, 1)
    assert parse_displays(recorded("android-11-displays")) == Display((1080, 2340), 440, 0)
    turned = recorded("android-16-emulator-displays").replace("cur=1080x2424", "cur=2424x1080")
    assert parse_displays(turned.replace("mRotation=0", "mRotation=3")) == Display((2424, 1080), 420, 3)
    assert parse_displays("nothing") is None


def test_an_override_wins_in_wm() -> None:
    size = "Physical size: 1080x2220\nOverride size: 720x1480\n"
    assert parse_wm(size, "Physical density: 420\n") == Display((720, 1480), 420, 0)
    assert parse_wm("", "") is None
