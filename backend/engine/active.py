"""One intervention that is switched on, on one phone: its class, its parameters, its runner, and its last outcome."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from backend.engine.catalog import Loaded
from backend.engine.masks import load_templates
from backend.engine.runner import EVERY_HANDLER, Limits, Outcome, Runner
from backend.errors import InterventionError
from backend.perception.settings import Template
from interventions.sdk import STANDING, Action, App, Cover, Intervention, Judge, ParameterError, Replace, Scene


@dataclass
class Active:
    """State that the engine keeps for an intervention.

    `outcome` is the newest one for a scene, not for a tick. `harmless` are the texts and the digests of pictures that
    it saw then and left alone; `apart` the standing actions that lie over neither. `fresh` are passing actions that
    wait to be handed out, with the number of the scene they were yielded for.
    """

    loaded: Loaded
    runner: Runner
    apps: tuple[str, ...] | None = None
    templates: tuple[Template, ...] = ()
    outcome: Outcome | None = None
    fresh: list[tuple[int, Action]] = field(default_factory=list)
    ticked: tuple[Action, ...] = ()
    harmless: frozenset[str] = frozenset()
    apart: tuple[Action, ...] = ()
    actions: int = 0
    late: int = 0

    @property
    def intervention(self) -> Intervention:
        return self.runner.intervention

    def concerns(self, app: App) -> bool:
        """Whether it works in this app: the researcher's own scope if there is one, else the intervention's."""
        if self.apps is not None:
            return any(fnmatchcase(app.package, pattern) for pattern in self.apps)
        return type(self.intervention).covers_app(app)

    def judges(self) -> frozenset[str]:
        """The names of the models that it asks."""
        values = self.intervention.values()
        return frozenset(values[one.name] for one in self.intervention.parameters() if one.kind == "model")

    def take(self, outcome: Outcome) -> None:
        """Keep an outcome: standing actions until the next one, passing ones until they are carried out once."""
        if outcome.traceback or outcome is self.outcome:
            return
        standing = tuple(action for action in outcome.actions if isinstance(action, STANDING))
        number = outcome.scene.number
        # Asked about a scene for the second time, it says most of what it said the first time once more.
        before = self.outcome.actions if outcome.repeated and self.outcome is not None else ()
        new = [action for action in outcome.actions if action not in before]
        self.fresh += [(number, action) for action in new if not isinstance(action, STANDING)]
        self.actions += len(new)
        if outcome.only_tick:
            self.ticked = standing
            return
        if self.outcome is None or outcome.scene.number >= self.outcome.scene.number:
            self.outcome = outcome
            self.harmless, self.apart = _told_apart(outcome.scene, standing)

    def placeholders(self, scene: Scene) -> list[Cover]:
        """Covers for what its last verdict hid, and for what appeared since, while this intervention is late.

        They go by content: where the text and the pictures are, the new scene says.
        """
        kind = type(self.intervention)
        if kind.until_judged == "show":
            return []
        handles = kind.handlers()
        why = "not judged yet"
        covers = []
        if "on_text" in handles:
            covers += [Cover(line.box, why=why) for line in scene.lines if line.text not in self.harmless]
        if "on_region" in handles:
            covers += [
                Cover(region.box, style="blur", why=why)
                for region in scene.regions
                if region.digest not in self.harmless
            ]
        return covers


def _told_apart(scene: Scene, standing: tuple[Action, ...]) -> tuple[frozenset[str], tuple[Action, ...]]:
    """The texts and picture digests of `scene` that no cover touches, and the actions that touch none of them."""
    covers = [(action, action.box) for action in standing if isinstance(action, Cover | Replace)]
    contents = [(line.text, line.box) for line in scene.lines] + [(r.digest, r.box) for r in scene.regions]
    touched = {name for name, place in contents for _, box in covers if place.intersect(box)}
    over = {id(action) for action, box in covers for _, place in contents if place.intersect(box)}
    harmless = frozenset(name for name, _ in contents if name not in touched)
    return harmless, tuple(action for action in standing if id(action) not in over)


def make_active(
    loaded: Loaded,
    values: Mapping[str, Any],
    apps: tuple[str, ...] | None,
    load_model: Callable[[str], Judge],
    limits: Limits,
    on_done: Callable[[Runner, Outcome], None],
    handlers: frozenset[str] = EVERY_HANDLER,
) -> Active:
    """Construct, bind the models, start the thread, in which `handlers` are called.

    Raises:
        InterventionError: a parameter is refused, the constructor throws, or a mask is missing.
        ModelError: a model it needs cannot be loaded.
    """
    intervention = construct(loaded, values)
    intervention.bind(load_model)
    templates = load_templates(loaded.manifest.name, loaded.folder, intervention.wanted_masks())
    runner = Runner(loaded.manifest.name, intervention, limits, on_done, handlers)
    return Active(loaded, runner, apps, templates)


def construct(loaded: Loaded, values: Mapping[str, Any]) -> Intervention:
    """An instance with checked parameters. Raises InterventionError."""
    name = loaded.manifest.name
    try:
        return loaded.kind(**values)
    except ParameterError as error:
        raise InterventionError(f"{name}: {error}") from error
    except Exception as error:
        raise InterventionError(f"{name}: its constructor failed: {type(error).__name__}: {error}") from error
