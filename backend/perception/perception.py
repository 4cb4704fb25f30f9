"""From frames to scenes: what one phone shows, kept up to date at the cost of what changed."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np

from backend.errors import ModelError
from backend.perception import tree_text
from backend.perception.change import StripMap, differing, tile_boxes
from backend.perception.masks import ScreenMasks
from backend.perception.motion import Motion, beneath, between, scrolled, uncovered
from backend.perception.ocr import Counters, ScreenText
from backend.perception.placing import TreePlacer
from backend.perception.reader import shared_reader
from backend.perception.regions import ScreenPictures
from backend.perception.settings import PerceptionSettings, Template, Wants
from backend.perception.silence import silent
from backend.perception.skew import ScrollPath, covering, entering, straightened
from backend.phones.frame import Frame, Tree
from interventions.sdk import App, Box, Line, Match, Pixels, Region, Scene, Scroll, Widget

_log = logging.getLogger(__name__)

_LEAST_SIDE = 32
_MOSTLY = 0.9
STAGES = ("change", "scroll", "tree", "ocr", "regions", "masks")


@dataclass(frozen=True, slots=True)
class Seen:
    """A scene, and where each owner's templates were found in it.

    `adrift` is where the UI tree may not tell what the pixels show, because they moved or changed since it was asked
    for; empty when the two are known to agree. `moved` says that the tree was moved along with a scroll, or may have
    to be.
    """

    scene: Scene
    matches: dict[str, tuple[Match, ...]] = field(default_factory=dict)
    adrift: tuple[Box, ...] = ()
    moved: bool = False


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a frame was looked at for; the answer to the same question about the same pixels is the same."""

    app: App
    drawn: tuple[Box, ...]
    templates: tuple[Template, ...]
    want: Wants


class Perception:
    """Sees the frames of one phone, in order.

    What `see` returns depends on the frame and on the frames before it, on nothing else. It is not safe to
    call from two threads.

    Attributes:
        last_timings: seconds that each stage of `STAGES` took for the last frame.
        counters: what reading cost since the start.
    """

    def __init__(self, settings: PerceptionSettings | None = None) -> None:
        self.settings = settings or PerceptionSettings()
        self.last_timings: dict[str, float] = dict.fromkeys(STAGES, 0.0)
        self.counters = Counters()
        self._text: ScreenText | None = None
        self._pictures = ScreenPictures(self.settings)
        self._masks = ScreenMasks()
        self._path = ScrollPath()
        self._placer = TreePlacer(self._path)
        self._said: set[str] = set()
        self._reset()

    def _reset(self) -> None:
        self._before: Pixels | None = None
        self._newest: Pixels | None = None
        self._seen: Seen | None = None
        self._asked: _Asked | None = None
        self._tree: Tree | None = None
        self._scroll = Scroll()
        self._adrift: tuple[Box, ...] = ()
        self._moved = False
        self._forget_unwanted(Wants(text=False, regions=False, masks=False))

    def prepare(self) -> None:
        """Load the text networks now (about two seconds) rather than at the first frame that needs them.

        Raises ModelError where they are missing; `see` then goes on without reading from pixels.
        """
        if self.settings.ocr:
            shared_reader(self.settings.threads)

    def see(
        self,
        frame: Frame,
        drawn: Sequence[Box] = (),
        masks: Sequence[Template] = (),
        want: Wants = Wants(),  # noqa: B008  a frozen value
    ) -> Seen:
        """What `frame` shows.

        Args:
            frame: the newest frame of this phone.
            drawn: boxes that our own overlay covers on the phone itself. Their pixels are not the app's: in their
                place is seen what was there before, scrolled along, or nothing where that is not known.
            masks: templates to look for, each on behalf of its `owner`.
            want: what the active interventions read.

        Bad input (a tiny or misshapen picture, a foreign tree, absurd bounds) is logged once and seen as far as it
        can be.
        """
        self.last_timings = dict.fromkeys(STAGES, 0.0)
        if not self._usable(frame):
            self._reset()
            return Seen(Scene(frame.number, frame.time_s, frame.phone, frame.app, _size(frame.pixels)))
        if self._before is not None and self._before.shape != frame.pixels.shape:
            self._reset()
        hidden = tuple(box for box in (each.clipped(frame.size) for each in drawn) if box)
        asked = _Asked(frame.app, hidden, tuple(masks), want)
        tolerance = self.settings.lossy_tolerance if frame.source == "h264" else 0
        with self._timed("change"):
            pixels = uncovered(frame.pixels, self._before, hidden)
            changed = self._changed(pixels, tolerance)
        same_question = asked == self._asked and frame.tree is self._tree
        if self._seen is not None and changed is None and same_question and not self._pictures.unsettled:
            self._path.still(frame.time_s)
            return self._unchanged(frame, self._seen)
        with self._timed("scroll"):
            motion = between(self._before, pixels, changed, tolerance, follow=bool(want))
            motion = beneath(motion, hidden)
            self._path.record(frame.time_s, motion)
            same_app = self._asked is None or self._asked.app.package == frame.app.package
            self._scroll = scrolled(self._scroll, motion, same_app)
        seen = self._perceived(frame, motion, asked)
        self._before = self._newest = motion.after
        self._asked, self._seen, self._tree = asked, seen, frame.tree
        return seen

    def _changed(self, pixels: Pixels, tolerance: int) -> StripMap | None:
        """What differs from the frame that was last perceived.

        A coded picture settles over a few frames without changing. It is compared with the frame it was perceived in,
        so that a slow fade adds up and is seen; and first with the newest one, which it equals once it has settled.
        """
        if self._before is None:
            return None
        if tolerance and self._newest is not None and differing(self._newest, pixels) is None:
            return None
        changed = differing(self._before, pixels, tolerance)
        if changed is None:
            self._newest = pixels
        return changed

    def _perceived(self, frame: Frame, motion: Motion, asked: _Asked) -> Seen:
        want, hidden = asked.want, asked.drawn
        lossy = frame.source == "h264"
        self._forget_unwanted(want, asked.templates)
        with self._timed("change"):
            changed = () if motion.changed is None else tile_boxes(motion.changed, frame.size)
        with self._timed("tree"):
            widgets, tree_lines = self._tree_of(frame, hidden) if want else ((), ())
            places = silent(widgets, frame.size, self.settings.silent_area)
            # Where the tree is silent pixels are read, and those are never out of date.
            self._adrift = tuple(
                box for box in self._adrift if not any(box.overlap(place) > _MOSTLY for place in places)
            )
        lines: tuple[Line, ...] = ()
        regions: tuple[Region, ...] = ()
        matches: dict[str, tuple[Match, ...]] = {}
        if want.text:
            with self._timed("ocr"):
                taken = [line.box for line in tree_lines]
                lines = tree_lines + self._read(motion, places, taken, first=len(tree_lines))
        if want.regions:
            with self._timed("regions"):
                regions = self._pictures.update(motion, widgets, places, lossy)
        if want.masks and asked.templates:
            with self._timed("masks"):
                matches = self._masks.update(motion, asked.templates)
        scene = Scene(
            number=frame.number,
            time_s=frame.time_s,
            phone=frame.phone,
            app=frame.app,
            size=frame.size,
            lines=lines,
            regions=regions,
            widgets=widgets,
            scroll=self._scroll,
            changed=changed,
            pixels=frame.pixels,
        )
        return Seen(scene, matches, self._adrift, self._moved)

    def _tree_of(self, frame: Frame, hidden: Sequence[Box]) -> tuple[tuple[Widget, ...], tuple[Line, ...]]:
        """The frame's widgets where they are now, and their lines; nothing where there is no tree to believe."""
        tree = frame.tree
        self._adrift, self._moved = (), False
        if tree is None or not tree.widgets:
            return (), ()
        packages = {widget.package for widget in tree.widgets}
        if frame.app.package and frame.app.package not in packages:
            self._say_once(
                f"tree of {sorted(packages)}",
                "phone %s: the UI tree is of %s, not of %s in front; it is left aside",
                frame.phone,
                ", ".join(sorted(packages)),
                frame.app.package,
            )
            return (), ()
        own = tuple(w for w in tree.widgets if not _ours(w, frame.app, hidden))
        skew = self._placer.place(frame, tree, own)
        widgets = straightened(own, skew)
        self._moved = bool(skew.dx or skew.dy) or skew.least != skew.most
        whole = Box(0, 0, *frame.size)
        apart = entering(skew, own) if skew.close else (skew.box if skew.exchanged else whole,)
        self._adrift = (*apart, *self._path.news(tree.asked_s))
        lines = covering(tree_text.lines(widgets, Box(0, 0, *frame.size)), own, skew)
        return widgets, lines

    def _read(self, motion: Motion, places: Sequence[Box], taken: Sequence[Box], first: int) -> tuple[Line, ...]:
        """Lines that only pixels tell of; their paragraphs are numbered from `first` on."""
        if not self.settings.ocr or not (places or self._text):
            return ()
        if self._text is None:
            try:
                reader = shared_reader(self.settings.threads)
            except ModelError as error:
                self._say_once("ocr", "text is not read from pixels: %s", error)
                return ()
            self._text = ScreenText(reader, self.settings, self.counters)
        read = self._text.update(motion, places, taken)
        return tuple(replace(line, paragraph=line.paragraph + first) for line in read)

    def _forget_unwanted(self, want: Wants, templates: Sequence[Template] = ()) -> None:
        """What is not followed through every frame cannot be carried over later."""
        if not want.text and self._text is not None:
            self._text.forget()
        if not want.regions:
            self._pictures.forget()
        if not (want.masks and templates):
            self._masks.forget()

    def _unchanged(self, frame: Frame, seen: Seen) -> Seen:
        self._scroll = replace(self._scroll, dx=0, dy=0, box=Box(0, 0, 0, 0), streak=0)
        scene = replace(
            seen.scene, number=frame.number, time_s=frame.time_s, phone=frame.phone, scroll=self._scroll, changed=()
        )
        return Seen(scene, seen.matches, seen.adrift, seen.moved)

    def _usable(self, frame: Frame) -> bool:
        pixels = frame.pixels
        if (
            pixels.ndim == 3
            and pixels.shape[2] == 3
            and pixels.dtype == np.uint8
            and min(pixels.shape[:2]) >= _LEAST_SIDE
        ):
            return True
        self._say_once(
            f"shape {pixels.shape}",
            "phone %s: frame %d is %s of shape %s and cannot be looked at; "
            "expected (height, width, 3) uint8 with sides of %d or more",
            frame.phone,
            frame.number,
            pixels.dtype,
            pixels.shape,
            _LEAST_SIDE,
        )
        return False

    def _say_once(self, what: str, message: str, *values: object) -> None:
        if what not in self._said:
            self._said.add(what)
            _log.warning(message, *values)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.last_timings[stage] += time.perf_counter() - start


def _ours(widget: Widget, app: App, hidden: Sequence[Box]) -> bool:
    """Whether a node belongs to our own overlay: of another package than the app's, and within what we drew."""
    return widget.package != app.package and any(box.contains(widget.box) for box in hidden)


def _size(pixels: Pixels) -> tuple[int, int]:
    return (pixels.shape[1], pixels.shape[0]) if pixels.ndim >= 2 else (0, 0)
