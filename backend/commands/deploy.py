"""``mindproof deploy``: interventions on a phone, where they are to take effect, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import typer

from backend.commands.console import err, one_clear_error, out
from backend.commands.network import flows_line, network_farewell, network_line, plan_for, restore_left_behind
from backend.commands.phone import ending
from backend.phones.agent.capabilities import best_sink, probe
from backend.phones.agent.reach import FridaOptions
from backend.phones.phone import Phone
from backend.pipeline.on_phone import OnPhone
from backend.pipeline.runtime import BackendRuntime
from backend.pipeline.session import PhoneSession
from backend.settings import Settings, Sink, load_settings
from backend.store.journal import Journal

OnChoice = Literal["auto", "app", "overlay", "mirror", "network"]
OnOption = Annotated[
    OnChoice,
    typer.Option(
        help="Where interventions take effect: inside the phone's apps, on an overlay on the phone, on the mirror "
        "only, or whichever of these is the best there is; or on its network traffic."
    ),
]
HostsOption = Annotated[
    str,
    typer.Option(
        help="With --on network: hosts whose traffic may be read, separated by commas, `*.example` included. "
        "Everything else is tunnelled. Default: MINDPROOF_NETWORK_HOSTS."
    ),
]
_EVERY_S = 0.5


@one_clear_error
def deploy(
    names: Annotated[list[str], typer.Argument(help="Interventions, as `mindproof interventions` lists them.")],
    phone: Annotated[str, typer.Option(help="Serial of the phone, as `mindproof phones` lists it.")],
    on: OnOption = "auto",
    hosts: HostsOption = "",
    seconds: Annotated[float | None, typer.Option(help="End after so many seconds; else at Ctrl-C.")] = None,
) -> None:
    """Put interventions to work on a phone, without the page; Ctrl-C undoes everything there."""
    settings = load_settings(network_hosts=hosts or None)
    settings.home.mkdir(parents=True, exist_ok=True)
    restore_left_behind(settings)
    sink = chosen_sink(on, phone, settings)
    runtime = BackendRuntime(settings, Journal.open(settings.journal_url))
    try:
        for name in names:
            with err.status(f"loading {name} and its models..."):
                runtime.enable(name)
        with err.status("loading the reader of text in pictures..."):
            runtime.start()
        session = runtime.add_phone(phone, sink, plan_for(settings) if sink == "network" else None)
        with err.status("reaching the phone...") as status:
            covered = False
            for _ in _until_end(seconds):
                if not covered and session.on_phone is not None and is_in(session.on_phone):
                    covered = True
                    out.print(f"[green]From here on covered:[/] {cover_line(session.on_phone)}.", soft_wrap=True)
                status.update(status_line(session))
        with err.status("undoing everything on the phone..."):
            runtime.remove_phone(phone)
        out.print(farewell(session), soft_wrap=True)
    finally:
        runtime.close()


def chosen_sink(on: OnChoice, serial: str, settings: Settings) -> Sink:
    """What `on` means on this phone; says why in one line where it had to be found out. Raises PhoneError."""
    if on != "auto":
        return on
    with err.status(f"looking at what {serial} allows..."), Phone(serial, settings.key_folder) as phone:
        sink, why = best_sink(probe(phone, FridaOptions(settings.frida_server, settings.frida_port)))
    out.print(f"On [bold]{sink}[/]: {why}.", soft_wrap=True)
    return sink


def status_line(session: PhoneSession) -> str:
    """How it goes, in one line."""
    state = session.source.state
    if state.kind != "live":
        return f"{state.kind}: {state.reason}" if state.reason else state.kind
    front = session.shown.app.package if session.shown is not None else ""
    parts = [f"{front or 'no app'} in front", f"{session.frames} frames"]
    on_phone = session.on_phone
    if session.in_network is not None:
        parts.append(network_line(session.in_network))
    if on_phone is not None:
        host = on_phone.state
        if host.kind == "unavailable":
            return f"the agent is not in: {host.detail}; {host.remedy}"
        parts.append(cover_line(on_phone))
        if hidden := sum(on_phone.hidden.values()):
            parts.append(f"{hidden} contents hidden before they were shown")
    if session.interstitials.current is not None:
        parts.append("the participant is being asked")
    return "; ".join(parts) + " (Ctrl-C ends it)"


def is_in(on_phone: OnPhone) -> bool:
    """Whether the agent has settled, in one app at least."""
    return on_phone.settled and any(app.kind == "attached" for app in on_phone.state.apps)


def cover_line(on_phone: OnPhone) -> str:
    """Which apps the participant may open, and which are not covered yet or cannot be."""
    apps = on_phone.state.apps
    inside = ", ".join(app.app.package for app in apps if app.kind == "attached")
    entering = ", ".join(app.app.package for app in apps if app.kind == "entering")
    failed = ", ".join(app.app.package for app in apps if app.kind == "failed")
    parts = [f"inside {inside}"] if inside else []
    if entering or not on_phone.settled:
        parts.append(f"[bold]not covered yet[/]: {entering or 'the apps that run'}, until the agent is in")
    if failed:
        parts.append(f"[bold]not covered[/]: {failed}")
    return "; ".join(parts) or "inside no app"


def farewell(session: PhoneSession) -> str:
    """What was left behind: nothing, or where it is not known."""
    on_phone = session.on_phone
    if on_phone is None and session.in_network is not None:
        return f"Ended: {flows_line(session.in_network)}. {network_farewell(session.in_network)}"
    if on_phone is None:
        return "Ended. The phone itself was not touched."
    unsure = [app.app.package for app in on_phone.state.apps if app.kind == "left" and app.detail]
    left = [app.app.package for app in on_phone.state.apps if app.kind == "left" and not app.detail]
    if unsure:
        return f"Ended. {', '.join(unsure)} did not say that all is undone: restart what still looks changed."
    return f"Ended. Everything is undone in {', '.join(left) or 'every app'}: the phone is as it was."


def _until_end(seconds: float | None) -> Iterator[None]:
    """Come by every half second until Ctrl-C, SIGTERM, or the end of `seconds`."""
    with ending() as ended:
        waited = 0.0
        while not ended.wait(_EVERY_S) and (seconds is None or waited < seconds):
            waited += _EVERY_S
            yield
