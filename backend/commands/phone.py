"""``mindproof phones``, ``mindproof doctor``, ``mindproof phone virtual``."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from backend.commands.console import one_clear_error, out, print_json, table
from backend.errors import SettingsError
from backend.network.checks import traffic_checks
from backend.phones.agent.reach import FridaOptions
from backend.phones.doctor import run_doctor
from backend.phones.listing import list_phones
from backend.phones.virtual import start_virtual_phone
from backend.settings import load_settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
_MARKS = {"ok": "[green]ok[/]", "warn": "[yellow]warn[/]", "fail": "[red]fail[/]", "skip": "[dim]skip[/]"}


@one_clear_error
def phones(
    at: Annotated[list[str] | None, typer.Argument(help="Further addresses to look at, HOST:PORT.")] = None,
    json: Json = False,
) -> None:
    """List the phones that can be reached: on USB, over TCP, emulators, the virtual phone."""
    found = list_phones(at or [], key_dir=load_settings().key_folder)
    if json:
        print_json(
            [{"serial": one.serial, "state": one.state, "model": one.model, "reason": one.reason} for one in found]
        )
    elif found:
        rows = [(one.serial, one.state, one.model, one.reason) for one in found]
        out.print(table("", ("serial", "state", "model", ""), rows))
    else:
        out.print("No phone is in reach. `mindproof phone virtual` starts one that needs no hardware.")


@one_clear_error
def doctor(
    serial: Annotated[str, typer.Argument(help="As `mindproof phones` lists it, for example 127.0.0.1:5555.")],
    json: Json = False,
) -> None:
    """Check everything that interventions need of a phone, and say how to mend what is amiss."""
    settings = load_settings()
    frida = FridaOptions(settings.frida_server, settings.frida_port)
    traffic = traffic_checks(settings.home, serial)
    results = run_doctor(serial, key_dir=settings.key_folder, frida=frida, further=traffic)
    if json:
        print_json([{"check": r.name, "status": r.status, "found": r.found, "remedy": r.remedy} for r in results])
    else:
        out.print(f"[bold]{serial}[/]")
        for result in results:
            out.print(f"  {_MARKS[result.status]:<18} {result.name:<22} {escape(result.found)}", soft_wrap=True)
            if result.remedy:
                out.print(f"       [dim]mend:[/] {escape(result.remedy)}", soft_wrap=True)
    if any(result.status == "fail" for result in results):
        raise typer.Exit(1)


phone_app = typer.Typer(no_args_is_help=True, help="Phones that Mindproof runs itself.")


@phone_app.command("virtual")
@one_clear_error
def virtual(
    port: Annotated[int, typer.Option(help="TCP port of its ADB daemon on 127.0.0.1; 0 takes a free one.")] = 5555,
    size: Annotated[str, typer.Option(help="Screen in pixels, WIDTHxHEIGHT.")] = "1080x2220",
    seed: Annotated[int, typer.Option(help="Seed of everything the apps show.")] = 1,
    trust: Annotated[Path | None, typer.Option(help="File of public keys that may connect (adb_keys).")] = None,
    accept_first: Annotated[bool, typer.Option(help="Trust the first host that offers its key.")] = True,
    pictures: Annotated[Path | None, typer.Option(help="Folder of further pictures for the feed.")] = None,
    online: Annotated[bool, typer.Option(help="Let its apps fetch their content over HTTPS.")] = False,
) -> None:
    """Run the embedded Android phone until Ctrl-C. `adb connect 127.0.0.1:PORT` reaches it."""
    with start_virtual_phone(
        port=port,
        size=parse_size(size),
        seed=seed,
        trusted_keys=trust,
        accept_first=accept_first,
        content_dir=pictures,
        online=online,
    ) as phone:
        out.print(f"The virtual phone listens on [bold]{phone.serial}[/]. Ctrl-C ends it.")
        wait_for_end()


def parse_size(text: str) -> tuple[int, int]:
    """``1080x2220`` as numbers. Raises SettingsError."""
    width, _, height = text.partition("x")
    if not (width.isdigit() and height.isdigit() and 200 <= int(width) <= 4000 and 200 <= int(height) <= 4000):
        raise SettingsError(f"{text!r} is no screen size", "write WIDTHxHEIGHT, for example 1080x2220")
    return int(width), int(height)


def wait_for_end(seconds: float | None = None) -> None:
    """Return at Ctrl-C, at SIGTERM, or after `seconds`."""
    with ending() as ended:
        ended.wait(seconds)


@contextmanager
def ending() -> Iterator[threading.Event]:
    """An event that Ctrl-C and SIGTERM set."""
    ended = threading.Event()
    before = {number: signal.signal(number, lambda *_: ended.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
