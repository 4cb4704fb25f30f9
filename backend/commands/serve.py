"""``mindproof serve`` and ``mindproof demo``: the backend with its page."""

from __future__ import annotations

import webbrowser
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from backend.benchmarks.hand import Hand
from backend.benchmarks.leaks import MOST_READ, FrameKeeper, Leaks, count_leaks
from backend.commands.author import STUDY_CASES, chosen
from backend.commands.console import err, milliseconds, one_clear_error, out, table
from backend.commands.deploy import HostsOption, OnChoice, OnOption, chosen_sink, cover_line
from backend.commands.judges import JudgeOption, judged_by, show_escalations
from backend.commands.network import flows_line, plan_for, restore_left_behind, show_apps
from backend.commands.phone import parse_size, wait_for_end
from backend.network import phone_authority
from backend.network.ca import Authority
from backend.network.plan import NetworkPlan
from backend.network.probe import judge_hosts
from backend.phones.keys import host_key
from backend.phones.phone import Phone
from backend.phones.virtual import RunningPhone, abusive_lines, start_virtual_phone
from backend.pipeline.in_network import InNetwork
from backend.pipeline.on_phone import OnPhone
from backend.pipeline.runtime import BackendRuntime
from backend.pipeline.session import PhoneSession
from backend.settings import Settings, load_settings
from backend.store.entries import Summary
from backend.store.journal import Journal
from backend.store.report import write_report
from backend.web.app import create_app
from backend.web.server import Server, serve
from backend.web.settings import WebSettings

PortOption = Annotated[int | None, typer.Option(help="Port of the page on 127.0.0.1; 0 takes a free one.")]
SizeOption = Annotated[str, typer.Option(help="Screen of the virtual phone in pixels.")]


_ENTERING_S = 20.0
_AS_SHIPPED: Mapping[str, Mapping[str, Any]] = {}
_FOR_A_SHORT_VISIT = {"endless_scroll": {"screens": 1.5}}
"""The hand leaves each app after seconds: a demo shows the dimming sooner than a person would meet it."""


@contextmanager
def running(
    settings: Settings,
    serials: list[str],
    names: list[str],
    values: Mapping[str, Mapping[str, Any]] = _AS_SHIPPED,
    on: OnChoice = "mirror",
    plan: NetworkPlan | None = None,
) -> Iterator[tuple[BackendRuntime, Server]]:
    """A backend with its page, acting on each phone as `on` says, on traffic as `plan` says.

    Raises SettingsError, StoreError, InterventionError, PhoneError before anything is shown.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    restore_left_behind(settings)
    if on == "network" and plan is None:
        plan = plan_for(settings)
    with ExitStack() as stack:
        journal = Journal.open(settings.journal_url)
        runtime = BackendRuntime(settings, journal)
        stack.callback(runtime.close)
        token = settings.api_token.get_secret_value()
        web = WebSettings(api_token=token) if token else WebSettings()
        server = stack.enter_context(serve(create_app(runtime, web), "127.0.0.1", settings.port))
        journal.announce(server.url)
        for name in names:
            with err.status(f"loading {name} and its models..."):
                runtime.enable(name, values.get(name))
        with err.status("loading the reader of text in pictures..."):
            runtime.start()
        for serial in serials:
            runtime.add_phone(serial, chosen_sink(on, serial, settings), plan)
        yield runtime, server


@one_clear_error
def serve_(
    phone: Annotated[
        list[str] | None, typer.Option(help="Serial of a phone to watch; may be given several times.")
    ] = None,
    with_: Annotated[str, typer.Option("--with", help="Interventions to switch on, separated by commas.")] = "",
    port: PortOption = None,
    browser: Annotated[bool, typer.Option(help="Open the page.")] = True,
    on: OnOption = "mirror",
    hosts: HostsOption = "",
    judge: JudgeOption = "",
) -> None:
    """Run the backend on phones of yours, with its page, until Ctrl-C."""
    settings = load_settings(port=port, network_hosts=hosts or None)
    names = chosen(with_)
    with running(settings, phone or [], names, judged_by(judge, names), on=on) as (_, server):
        _announce(server, browser)
        wait_for_end()


@one_clear_error
def demo(
    seconds: Annotated[float | None, typer.Option(help="End after so many seconds; else at Ctrl-C.")] = None,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    with_: Annotated[str, typer.Option("--with", help="Interventions. Default: the five case studies.")] = "",
    port: PortOption = 0,
    seed: Annotated[int, typer.Option(help="Seed of the virtual phone and of the hand.")] = 1,
    size: SizeOption = "1080x2220",
    hand: Annotated[bool, typer.Option(help="Let a scripted hand browse the apps.")] = True,
    out_: Annotated[Path | None, typer.Option("--out", help="Folder for the journal and the report.")] = None,
    on: OnOption = "mirror",
    leaks: Annotated[
        bool | None,
        typer.Option(
            "--count-leaks/--no-count-leaks",
            help="Read every frame afterwards and count those that showed an abusive line. "
            "Default: with --on app and --on network.",
        ),
    ] = None,
    judge: JudgeOption = "",
) -> None:
    """Watch harmful content being found and covered, live, on a phone that needs no hardware."""
    folder = out_ or Path("out") / f"demo-{datetime.now():%Y%m%d-%H%M%S}"
    folder.mkdir(parents=True, exist_ok=True)
    settings = load_settings(port=port or 0, database_url=f"sqlite:///{folder.resolve() / 'journal.sqlite3'}")
    names = chosen(with_) or list(STUDY_CASES)
    values = {**_FOR_A_SHORT_VISIT, **judged_by(judge, names)}
    with ExitStack() as stack:
        with err.status("starting the virtual phone..."):
            phone = stack.enter_context(
                start_virtual_phone(
                    port=0,
                    size=parse_size(size),
                    seed=seed,
                    trusted_keys=host_key(settings.key_folder).public_path,
                    accept_first=False,
                    online=on == "network",
                )
            )
        plan = _prepared(phone, settings, folder) if on == "network" else None
        runtime, server = stack.enter_context(running(settings, [phone.serial], names, values, on, plan))
        _announce(server, browser)
        session = runtime.session(phone.serial)
        keeper = FrameKeeper(session.source) if (on in ("app", "network") if leaks is None else leaks) else None
        if session.in_network is not None:
            _wait_until_led(session.in_network)
        if keeper is not None:
            keeper.start()
        _wait_until_inside(session)
        fingers: Hand | None = None
        if hand:
            fingers = Hand(stack.enter_context(Phone(phone.serial, settings.key_folder)), seed)
            fingers.start()
        out.print("A scripted hand browses the apps. " if hand else "", end="")
        out.print(f"Ends in {seconds:g} s." if seconds else "Ctrl-C ends it.")
        wait_for_end(seconds)
        if fingers is not None:
            fingers.stop()
        if keeper is not None:
            keeper.stop()
        with err.status("undoing everything on the phone..."):
            runtime.remove_phone(phone.serial)
        runtime.judges.note_verdicts()
        escalations = runtime.escalations()
        runtime.journal.flush()
        summary = runtime.journal.summary()
        report = write_report(summary, folder / "report.html")
    show_summary(summary, names)
    show_escalations(escalations)
    if session.in_network is not None:
        show_network(session.in_network)
    if keeper is not None:
        show_leaks(_read(keeper), session.on_phone)
    out.print(f"\nReport: [bold]{report}[/]")


def _prepared(phone: RunningPhone, settings: Settings, folder: Path) -> NetworkPlan:
    """The hosts of an online virtual phone's apps, found and checked as the phone itself does; it ends with us."""
    authorities = folder / "virtual-phone-ca.pem"
    authorities.write_bytes(phone.authorities)
    certificate = Authority(settings.home / "network" / "ca").certificate()
    with Phone(phone.serial, settings.key_folder) as link:
        phone_authority.install(link, certificate)
    return NetworkPlan(tuple(phone.hosts), addresses=phone.hosts, upstream_ca=authorities, guarded=False)


def _wait_until_led(way: InNetwork) -> None:
    """Making mitmproxy's environment, on first use, takes a minute."""
    with err.status("starting mitmproxy...") as line:
        while not way.settled(0.2):
            line.update(way.state.detail or "starting mitmproxy...")
    if way.state.kind != "on":
        err.print(f"[yellow]{way.state.detail}[/] {way.state.remedy}", soft_wrap=True)


def show_network(way: InNetwork) -> None:
    """What was judged and changed in the network, and what was left alone."""
    changed = ", ".join(f"{name} {times}" for name, times in sorted(way.replaced.items()))
    texts = sum(way.replaced.values()) - way.pictures
    out.print(f"\nIn the network: {flows_line(way)}; {texts} texts and {way.pictures} pictures replaced.")
    out.print(f"By intervention: {changed or 'nothing'}.", soft_wrap=True)
    show_apps(judge_hosts(way.traffic.hosts(), True, way.apps))


def _wait_until_inside(session: PhoneSession) -> None:
    """Give the agent the time to enter the apps that run already: what they show by then is not held against it."""
    on_phone = session.on_phone
    if on_phone is None:
        return
    with err.status("entering the phone's apps..."):
        until_s = monotonic() + _ENTERING_S
        while not on_phone.settled and monotonic() < until_s:
            sleep(0.1)
    if on_phone.state.kind == "unavailable":
        err.print(f"[yellow]{on_phone.state.detail}[/] {on_phone.state.remedy}", soft_wrap=True)
    else:
        out.print(f"The agent: {cover_line(on_phone)}.", soft_wrap=True)


def _read(keeper: FrameKeeper) -> Leaks:
    """What the frames of a run showed, read now that the machine has time for it."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task("reading every frame of the run", total=min(len(keeper.kept), MOST_READ))
        found = count_leaks(keeper.kept, abusive_lines(), lambda: progress.advance(task))
    return replace(found, skipped=found.skipped + keeper.skipped)


def show_leaks(leaks: Leaks, on_phone: OnPhone | None) -> None:
    """Say how many frames of the phone's own screen showed an abusive line."""
    colour = "green" if not leaks.leaked else "yellow" if on_phone is None else "red"
    which = "one" if len(leaks.lines) == 1 else f"{len(leaks.lines)} different ones"
    out.print(
        f"\n[bold {colour}]{leaks.leaked} of {leaks.frames} frames[/] of the phone's own screen showed an abusive line"
        + (f" ({which})" if leaks.leaked else "")
        + ", by OCR over every frame.",
        soft_wrap=True,
    )
    if leaks.skipped:
        out.print(
            f"[yellow]{leaks.skipped} more frames were not read: the run was too long to keep and read them all.[/]"
        )
    if on_phone is not None:
        hidden = ", ".join(f"{name} {times}" for name, times in sorted(on_phone.hidden.items()))
        out.print(f"Hidden before it was shown: {hidden or 'nothing'}.", soft_wrap=True)
        out.print("[dim]Beside the same without the agent: mindproof bench leaks[/]", soft_wrap=True)


def _announce(server: Server, browser: bool) -> None:
    link = server.login_url
    opened = browser and webbrowser.open(link)
    how = "Opened in your browser" if opened else "Open it in a browser on this machine"
    out.print(f"\n[bold]The page:[/] {link}", soft_wrap=True)
    out.print(f"[dim]{how}; the link works once.[/]\n")


def show_summary(summary: Summary, names: list[str]) -> None:
    """The table at the end of a demo."""
    counted = {row.intervention: row for row in summary.interventions}
    rows = [
        (name, counted[name].findings, counted[name].actions, counted[name].late)
        if name in counted
        else (name, 0, 0, 0)
        for name in sorted({*names, *counted})
    ]
    out.print()
    columns = ("intervention", "findings", "actions", "late")
    out.print(table(f"{summary.frames} frames", columns, rows, columns[1:]))
    out.print()
    stages = [
        (stage.stage, stage.count, milliseconds(stage.p50_s), milliseconds(stage.p95_s)) for stage in summary.stages
    ]
    out.print(table("Stages", ("stage", "frames", "p50 ms", "p95 ms"), stages, ("frames", "p50 ms", "p95 ms")))
