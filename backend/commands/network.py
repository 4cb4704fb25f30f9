"""``mindproof network on|off|status|ca``: a phone's traffic through the proxy."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from time import monotonic, sleep
from typing import Annotated, Literal

import typer

from backend.commands.console import err, one_clear_error, out, print_json
from backend.commands.phone import Json, ending
from backend.errors import NetworkError, PhoneError, SettingsError
from backend.network import phone_authority, proxy_setting
from backend.network.ca import Authority
from backend.network.lease import LeaseFile, settle, settle_left_behind
from backend.network.plan import NetworkPlan
from backend.network.probe import AppTraffic, probe
from backend.network.report import read_report
from backend.phones.phone import Phone
from backend.pipeline.in_network import InNetwork
from backend.pipeline.looking import looking
from backend.settings import Settings, load_settings

network_app = typer.Typer(no_args_is_help=True, help="A phone's traffic through Mindproof's proxy.")

Serial = Annotated[str, typer.Argument(help="As `mindproof phones` lists it.")]
_END_S = 30.0
_EVERY_S = 0.5
_MARKS = {"readable": "green", "pinned": "red", "distrusts": "yellow", "bypassing": "red", "tunnelled": "dim"}


@network_app.command("off")
@one_clear_error
def off(
    serial: Serial,
    force: Annotated[bool, typer.Option("--force", help="Take away a proxy that is not Mindproof's as well.")] = False,
) -> None:
    """Give a phone its own network back, whoever leads it through the proxy now."""
    settings = load_settings()
    file = LeaseFile(settings.home, serial)
    lease = file.read()
    if lease is not None and file.is_held:
        os.kill(lease.owner, signal.SIGTERM)
        if not _within(_END_S, lambda: not file.is_held):
            raise PhoneError(
                serial, f"process {lease.owner} leads it through the proxy, and does not end", f"kill {lease.owner}"
            )
    with file.held() as got, Phone(serial, settings.key_folder) as phone:
        lease = file.read() if got else None
        if lease is not None:
            settle(phone, lease)
            file.remove()
        now = proxy_setting.read(phone)
        if now.proxy and force:
            proxy_setting.restore(phone, proxy_setting.ProxySetting({}))
            now = proxy_setting.read(phone)
    if now.proxy:
        out.print(f"{serial} uses the proxy {now.proxy}, which is its own; `--force` takes it away.", soft_wrap=True)
    else:
        out.print(f"{serial} uses no proxy.")


@network_app.command("status")
@one_clear_error
def status(serial: Serial, json: Json = False) -> None:
    """Say how a phone's traffic goes, and of each app whether it can be read; what to do where it cannot."""
    settings = load_settings()
    file = LeaseFile(settings.home, serial)
    with Phone(serial, settings.key_folder) as phone:
        proxy = proxy_setting.read(phone).proxy
        certificate = known_certificate(settings)
        trusted = phone_authority.is_installed(phone, certificate) if certificate is not None else False
        known = read_report(settings.home, serial)
        apps = probe(phone, known.hosts, trusted, known.apps)
    lease = file.read()
    ours = lease is not None and lease.proxy == proxy
    if json:
        rows = [{"app": a.app, "verdict": a.verdict, "hosts": a.hosts, "why": a.why, "remedy": a.remedy} for a in apps]
        print_json({"serial": serial, "proxy": proxy, "ours": ours, "ca_installed": trusted, "apps": rows})
        return
    whose = "Mindproof's" if ours else "not Mindproof's"
    out.print(f"proxy        {f'{proxy} ({whose})' if proxy else 'none'}", soft_wrap=True)
    said = {True: "trusted by the phone's user", False: "not on the phone", None: "the phone does not tell"}[trusted]
    out.print(f"certificate  {said}")
    show_apps(apps)


@network_app.command("on")
@one_clear_error
def on_(
    serial: Serial,
    hosts: Annotated[str, typer.Option(help="Hosts that may be read, separated by commas; none: nothing is.")] = "",
    seconds: Annotated[float | None, typer.Option(help="End after so many seconds; else at Ctrl-C.")] = None,
) -> None:
    """Lead a phone's traffic through the proxy until Ctrl-C, changing nothing: shows which apps could be read."""
    settings = load_settings(network_hosts=hosts or None)
    settings.home.mkdir(parents=True, exist_ok=True)
    restore_left_behind(settings)
    with Phone(serial, settings.key_folder) as phone, looking(phone, settings, plan_for(settings)) as way:
        with ending() as ended, err.status("starting...") as line:
            until_s = monotonic() + seconds if seconds is not None else None
            while not ended.wait(_EVERY_S) and (until_s is None or monotonic() < until_s):
                line.update(f"{network_line(way)} (Ctrl-C ends it)")
                if way.state.kind == "failed":
                    raise NetworkError(way.state.detail, way.state.remedy)
        certificate = known_certificate(settings)
        trusted = phone_authority.is_installed(phone, certificate) if certificate is not None else False
        apps = probe(phone, way.traffic.hosts(), trusted, way.apps)
    show_apps(apps)
    out.print(f"Ended. {network_farewell(way)}", soft_wrap=True)


@network_app.command("ca")
@one_clear_error
def ca(
    serial: Serial,
    do: Annotated[Literal["install", "remove"], typer.Argument(help="Put it on the phone, or take it off.")],
    forget: Annotated[
        bool, typer.Option("--forget", help="With remove: delete this installation's authority and its key as well.")
    ] = False,
) -> None:
    """Have a phone trust this installation's certificate authority, or no more."""
    settings = load_settings()
    authority = Authority(settings.home / "network" / "ca")
    certificate = authority.certificate()
    act = phone_authority.install if do == "install" else phone_authority.remove
    with Phone(serial, settings.key_folder) as phone:
        placed = act(phone, certificate)
    if placed.where == "by hand":
        out.print(f"{serial} leaves this to the person who holds it. {placed.steps}", soft_wrap=True)
    elif do == "install":
        out.print(f"{serial}: its user trusts {certificate.name} now. Apps that trust users' authorities can be read.")
    else:
        out.print(f"{serial}: its user does not trust Mindproof's authority any more.")
    if do == "remove" and forget and authority.forget():
        out.print("This installation's authority and its key are deleted; the next use makes new ones.")


def plan_for(settings: Settings) -> NetworkPlan:
    """The settings' hosts. Raises SettingsError when none is named."""
    if not settings.network_hosts:
        raise SettingsError(
            "no host is opted in, so nothing of the traffic would be read",
            "name them: --hosts api.example,*.example, or MINDPROOF_NETWORK_HOSTS",
        )
    return NetworkPlan(tuple(settings.network_hosts))


def restore_left_behind(settings: Settings) -> None:
    """Give back what an earlier run that was cut off had taken, and say so."""
    for line in settle_left_behind(settings.home, settings.key_folder):
        err.print(f"[yellow]{line}[/]", soft_wrap=True)


def _within(seconds: float, condition: Callable[[], bool]) -> bool:
    """Whether `condition` comes to hold in time."""
    until_s = monotonic() + seconds
    while not condition():
        if monotonic() > until_s:
            return False
        sleep(0.05)
    return True


def known_certificate(settings: Settings) -> Path | None:
    """This installation's certificate, if it has one already."""
    return Authority(settings.home / "network" / "ca").existing()


def network_line(way: InNetwork) -> str:
    """How it goes, in a few words."""
    state = way.state
    return flows_line(way) if state.kind == "on" else state.detail or state.kind


def flows_line(way: InNetwork) -> str:
    """What became of flows so far."""
    counts = way.judge.counts()
    parts = [f"{counts.get('judged', 0)} flows judged", f"{counts.get('changed', 0)} changed"]
    return ", ".join([*parts, f"{way.traffic.hosts_with('tunnelled')} hosts tunnelled"])


def network_farewell(way: InNetwork) -> str:
    """What was left behind."""
    if way.state.kind == "failed":
        return f"{way.state.detail} {way.state.remedy}".strip()
    if way.owed:
        return "The phone is away: its proxy is restored as soon as it is back, by a process that waits for it."
    return "The phone's proxy is as it was."


def show_apps(apps: list[AppTraffic]) -> None:
    """A line for each app, and what to do where it is needed."""
    if not apps:
        out.print("No app has used the proxy yet: `mindproof network on` leads the phone through it.")
    for one in apps:
        colour = _MARKS.get(one.verdict, "default")
        out.print(f"  [{colour}]{one.verdict:<10}[/] {one.app:<34} {one.why}", soft_wrap=True)
        if one.remedy:
            out.print(f"             [dim]{one.remedy}[/]", soft_wrap=True)
