"""What is installed on the virtual phone, and what it says of itself."""

from __future__ import annotations

from device_agent.virtual_phone.device import Package

FIRST_UID = 10081
SYSTEM_UI_UID = 10078
LAUNCHER = "org.mindproof.launcher"
SYSTEM_UI = "com.android.systemui"
APPS = {
    LAUNCHER: "LauncherActivity",
    "org.mindproof.feed": "FeedActivity",
    "org.mindproof.shorts": "ShortsActivity",
    "org.mindproof.reader": "ReaderActivity",
    "org.mindproof.chat": "ChatActivity",
}

_WITH_ACTIVITY = tuple(
    Package(
        name=name,
        activity=f"{name}.{activity}",
        path=f"/system/priv-app/Launcher/{name}.apk" if name == LAUNCHER else f"/data/app/{name}-1/base.apk",
        uid=FIRST_UID + i,
        system=name == LAUNCHER,
    )
    for i, (name, activity) in enumerate(APPS.items())
)
_SYSTEM_UI = Package(SYSTEM_UI, "", "/system_ext/priv-app/SystemUI/SystemUI.apk", SYSTEM_UI_UID, system=True)
PACKAGES = (*_WITH_ACTIVITY, _SYSTEM_UI)
"""The launcher is first. A package without activity runs from boot on, in the background."""


def properties(size: tuple[int, int], dpi: int, serial: str) -> dict[str, str]:
    """What ``getprop`` lists on an Android 14 phone, as far as tools read it."""
    fingerprint = "mindproof/virtual/virtual:14/UP1A.231005.007/1:user/release-keys"
    return {
        "dalvik.vm.heapsize": "512m",
        "debug.sf.nobootanimation": "1",
        "dev.bootcomplete": "1",
        "gsm.operator.alpha": "",
        "init.svc.adbd": "running",
        "init.svc.zygote": "running",
        "persist.sys.locale": "en-US",
        "persist.sys.timezone": "UTC",
        "ro.board.platform": "virtual",
        "ro.boot.qemu": "0",
        "ro.bootmode": "normal",
        "ro.build.characteristics": "default",
        "ro.build.date.utc": "1696464000",
        "ro.build.fingerprint": fingerprint,
        "ro.build.id": "UP1A.231005.007",
        "ro.build.tags": "release-keys",
        "ro.build.type": "user",
        "ro.build.version.codename": "REL",
        "ro.build.version.release": "14",
        "ro.build.version.sdk": "34",
        "ro.build.version.security_patch": "2024-01-05",
        "ro.debuggable": "0",
        "ro.hardware": "virtual",
        "ro.product.brand": "mindproof",
        "ro.product.cpu.abi": "x86_64",
        "ro.product.cpu.abilist": "x86_64",
        "ro.product.device": "virtual",
        "ro.product.manufacturer": "Mindproof",
        "ro.product.model": "Virtual Phone",
        "ro.product.name": "virtual",
        "ro.secure": "1",
        "ro.serialno": serial,
        "ro.sf.lcd_density": str(dpi),
        "sys.boot_completed": "1",
        "vendor.display.size": f"{size[0]}x{size[1]}",
    }


def settings() -> dict[str, dict[str, str]]:
    """The settings tables as they are after a reset."""
    return {
        "system": {
            "accelerometer_rotation": "0",
            "font_scale": "1.0",
            "screen_brightness": "128",
            "screen_off_timeout": "1800000",
            "user_rotation": "0",
        },
        "secure": {"android_id": "0f1e2d3c4b5a6978", "enabled_accessibility_services": "", "ui_night_mode": "1"},
        "global": {
            "adb_enabled": "1",
            "airplane_mode_on": "0",
            "animator_duration_scale": "1.0",
            "device_name": "Virtual Phone",
            "http_proxy": "",
            "transition_animation_scale": "1.0",
            "window_animation_scale": "1.0",
        },
    }
