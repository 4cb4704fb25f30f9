"""Phones on USB, through libusb, which is optional: without it all else works, and this says how to get it."""

from __future__ import annotations

from adb_shell.transport.base_transport import BaseTransport

from backend.errors import PhoneError, PhoneGone

HOW_TO_GET = "pip install libusb1 (and the system's libusb-1.0), or connect the phone over Wi-Fi"


def usb_errors() -> tuple[type[Exception], ...]:
    """What libusb raises; nothing when it is not installed."""
    try:
        import usb1
    except (ImportError, OSError):
        return ()
    return (usb1.USBError,)


def usb_available() -> bool:
    """Whether libusb can be used here."""
    return bool(usb_errors())


def usb_serials() -> list[str]:
    """The serial numbers of the phones on USB with debugging on; those we may not open appear as ``?``."""
    if not usb_available():
        return []
    import usb1
    from adb_shell.transport.usb_transport import UsbTransport

    serials = []
    for found in UsbTransport.find_all_adb_devices():
        try:
            serials.append(str(found.serial_number))
        except usb1.USBError:
            serials.append("?")
    return serials


def open_usb(serial: str) -> BaseTransport:
    """The link to the phone with this serial number.

    Raises:
        PhoneError: when libusb is not installed.
        PhoneGone: when no such phone is plugged in.
    """
    if not usb_available():
        raise PhoneError(serial, "phones on USB need the library libusb1, which is not installed", HOW_TO_GET)
    if serial not in usb_serials():
        raise PhoneGone(serial, "no phone with this serial number is plugged in", _WHERE)
    from adb_shell.transport.usb_transport import UsbTransport

    return UsbTransport.find_adb(serial)


def explain_usb(error: Exception) -> tuple[str, str] | None:
    """What happened and what to do, where libusb's own words do not say it."""
    return next((explained for sign, explained in _TROUBLES.items() if sign in str(error)), None)


_TROUBLES = {
    "LIBUSB_ERROR_BUSY": ("another program holds it", "stop that program: adb kill-server, or close Android Studio"),
    "LIBUSB_ERROR_ACCESS": (
        "this user may not open it",
        "on Debian and Ubuntu: apt install android-sdk-platform-tools-common, then plug it in again",
    ),
    "LIBUSB_ERROR_NO_DEVICE": ("it was unplugged", "plug it in again"),
}
_WHERE = "plug it in, switch on USB debugging, and stop other programs that hold it (adb kill-server)"
