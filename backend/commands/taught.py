"""``mindproof taught``: what people had hidden by pointing at it; handing it on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from backend.annotations import packs
from backend.annotations.sharing import contents, exported
from backend.annotations.teaching import Teaching
from backend.commands.console import err, one_clear_error, out, print_json, table
from backend.commands.phone import Json
from backend.errors import InputError, PackError
from backend.settings import Settings, load_settings
from backend.store.annotations import Annotations

taught_app = typer.Typer(
    no_args_is_help=True, help="What people had hidden by pointing at it on the page, and packs of it."
)

PackFile = Annotated[Path, typer.Argument(help="File of the pack, *.pack.json.")]


@taught_app.command("list")
@one_clear_error
def list_(phone: Annotated[str, typer.Option(help="Only what holds on this phone.")] = "", json: Json = False) -> None:
    """List what was taught, newest first; what was taken back as well."""
    with _store(load_settings()) as store:
        made = store.history(phone or None)
    if json:
        print_json(
            [
                {name: getattr(one, name) for name in ("id", "app", "name", "phone", "author", "rule", "undone_s")}
                for one in made
            ]
        )
        return
    rows = [
        (
            one.id,
            f"all like {one.name}" if one.breadth == "like" else one.name,
            one.app,
            one.phone or "every phone",
            one.author,
            f"{datetime.fromtimestamp(one.made_s):%Y-%m-%d %H:%M}",
            "taken back" if one.undone_s else "",
        )
        for one in made
    ]
    out.print(table("", ("", "hidden", "in", "on", "by", "since", ""), rows))


@taught_app.command("export")
@one_clear_error
def export(
    file: PackFile,
    name: Annotated[str, typer.Option(help="What the pack is called.")] = "",
    phone: Annotated[str, typer.Option(help="Only what holds on this phone.")] = "",
) -> None:
    """Write what holds into a signed pack. It has rules and drawn pieces of screens, and no other picture."""
    settings = load_settings()
    key = packs.own_key(settings.key_folder)
    with _store(settings) as store:
        data = exported(store, name or file.name.partition(".")[0], key, phone or None)
    try:
        file.write_bytes(data)
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}", "choose another place") from error
    pack = packs.open_pack(data)
    out.print(f"{len(pack.entries)} rules in [bold]{file}[/], signed by {pack.author}.")


@taught_app.command("import")
@one_clear_error
def import_(
    file: PackFile,
    trust: Annotated[bool, typer.Option("--trust", help="Also of an author not known here, from now on.")] = False,
    phone: Annotated[str, typer.Option(help="Have it hold on this phone alone.")] = "",
    dry: Annotated[bool, typer.Option("--dry-run", help="Only show what is in it.")] = False,
) -> None:
    """Show what a pack would hide, and have it hold."""
    settings = load_settings()
    try:
        pack = packs.open_pack(file.read_bytes())
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}", "check the path") from error
    with _store(settings) as store:
        rows = [
            (one.entry.name, one.entry.app, one.entry.rule, "known" if one.known else "new")
            for one in contents(store, pack)
        ]
        out.print(table(f"{pack.name}, signed by {pack.author}", ("hides", "in", "by the rule", ""), rows))
        known_author = pack.author in packs.trusted(settings.key_folder)
        if dry:
            return
        if not known_author and not trust:
            raise PackError(
                f"nobody here knows {pack.author}, who signed this pack",
                "ask its author whether that is their key, then import it with --trust",
            )
        if not known_author:
            packs.trust(settings.key_folder, pack.author)
        added = _teaching(store).take_in(pack, phone)
    out.print(f"{len(added)} of {len(pack.entries)} are new, and hold from the next start on.")


@contextmanager
def _store(settings: Settings) -> Iterator[Annotations]:
    """The database, without a backend."""
    settings.home.mkdir(parents=True, exist_ok=True)
    with Annotations.opened(settings.journal_url) as store:
        yield store


def _teaching(store: Annotations) -> Teaching:
    """Nobody is shown anything, and nothing is applied before a backend starts."""
    return Teaching(
        store,
        lambda serial: None,
        lambda lessons, new: None,
        lambda event, serial, message: err.print(f"[dim]{event}: {message}[/]"),
    )
