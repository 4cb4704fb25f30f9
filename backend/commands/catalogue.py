"""``mindproof interventions``: what there is to switch on."""

from __future__ import annotations

from typing import Any

from backend.commands.console import err, one_clear_error, out, print_json, table
from backend.commands.phone import Json
from backend.engine.catalog import Catalog
from backend.errors import InterventionError
from backend.settings import load_settings


@one_clear_error
def interventions(json: Json = False) -> None:
    """List the interventions, shipped and your own, with their parameters."""
    catalog = Catalog(load_settings().intervention_folders)
    rows: list[dict[str, Any]] = []
    for name in catalog.names():
        try:
            loaded = catalog.load(name)
        except InterventionError as error:
            err.print(f"[red]{name}:[/] {error}")
            continue
        parameters = {parameter.name: parameter.default for parameter in loaded.kind.parameters()}
        rows.append(
            {
                "name": name,
                "version": loaded.manifest.version,
                "description": loaded.manifest.description,
                "apps": loaded.kind.apps,
                "parameters": parameters,
                "folder": str(loaded.folder),
            }
        )
    if json:
        print_json(rows)
        return
    shown = [(row["name"], row["description"], ", ".join(row["parameters"])) for row in rows]
    out.print(table("", ("name", "what it does", "parameters"), shown))
