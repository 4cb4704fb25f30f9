"""The command ``mindproof``."""

from __future__ import annotations

from typing import Annotated

import typer

from backend.commands import author, bench, catalogue, deploy, models, network, phone, plugins, serve, session, taught
from backend.commands.console import log_to_terminal

app = typer.Typer(
    name="mindproof",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
    help="Develop, deploy and test interventions against digital harm on Android phones.",
)


@app.callback()
def options(
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log everything to the terminal.")] = False,
) -> None:
    log_to_terminal(verbose)


app.command("demo", rich_help_panel="Run")(serve.demo)
app.command("serve", rich_help_panel="Run")(serve.serve_)
app.command("deploy", rich_help_panel="Run")(deploy.deploy)
app.command("new", rich_help_panel="Write an intervention")(author.new)
app.command("inspect", rich_help_panel="Write an intervention")(author.inspect)
app.command("interventions", rich_help_panel="Write an intervention")(catalogue.interventions)
app.command("record", rich_help_panel="Sessions")(session.record)
app.command("replay", rich_help_panel="Sessions")(session.replay_)
app.command("phones", rich_help_panel="Phones")(phone.phones)
app.command("doctor", rich_help_panel="Phones")(phone.doctor)
app.add_typer(phone.phone_app, name="phone", rich_help_panel="Phones")
app.add_typer(taught.taught_app, name="taught", rich_help_panel="Sessions")
app.add_typer(network.network_app, name="network", rich_help_panel="Phones")
app.add_typer(models.models_app, name="models", rich_help_panel="Models")
app.add_typer(bench.bench_app, name="bench", rich_help_panel="Measure")


plugins.attach(app, plugins.installed())


def main() -> None:
    app()
