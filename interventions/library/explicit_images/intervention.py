"""Hide explicit pictures, in feeds and in video."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from interventions.sdk import Action, App, Box, Cover, Finding, Intervention, ParameterError, Region, param

from .places import Place, Places

_MARGIN = 0.12  # of a part's size, on each side: a detector's boxes are tight


class ExplicitImages(Intervention):
    """Cover exposed bodies.

    A detector says which parts are where. A picture in which it finds none is put to a second judge, who only knows
    pictures as a whole; what that one condemns is covered whole, and so is a moving picture, whose parts are
    elsewhere by the time they are found.

    A moving picture is judged at most every `every_ms` and stays covered for `hold_s` after its last finding.
    """

    detector = param("nudenet", kind="model", help="finds parts of bodies")
    parts = param([], help="parts that are covered, as BELLY_EXPOSED; none named: the detector's own idea of harm")
    part_threshold = param(0.4, ge=0, le=1, help="cover a part from this score on")
    second = param("opennsfw", kind="model", help="judges the whole picture; empty for none")
    second_class = param("", help="class of the second judge that is covered; empty: those that its card calls harmful")
    picture_threshold = param(0.8, ge=0, le=1, help="cover a picture from this probability on")
    cover = param("part", choices=("part", "picture"), help="cover the parts, or the whole picture")
    style = param("blur", choices=("solid", "blur", "inpaint"), help="how it is covered")
    smallest = param(160, ge=16, le=2000, help="pictures less wide or high, in pixels, are not judged")
    every_ms = param(300, ge=0, le=10_000, help="a moving picture is judged at most this often")
    hold_s = param(1.5, ge=0, le=60, help="how long a moving picture stays covered after a finding")

    def __init__(self, **values: object) -> None:
        super().__init__(**values)
        self._places = Places()

    def on_app(self, app: App) -> None:
        self._places.forget()

    def on_region(self, regions: tuple[Region, ...]) -> Iterator[Action]:
        shown = [
            (region, self._places.of(region, self.scene, self.now))
            for region in regions
            if min(region.box.width, region.box.height) >= self.smallest
        ]
        due = [(region, place) for region, place in shown if place.due(self.now, self.every_ms / 1000)]
        judged = dict(zip((id(place) for _, place in due), self._judge([r for r, _ in due]), strict=True))
        for region, place in shown:
            findings = judged.get(id(place), ())
            if id(place) in judged:
                self._remember(place, findings)
            yield from self._covers(region, place, findings)

    def _judge(self, regions: Sequence[Region]) -> list[tuple[Finding, ...]]:
        """What is to be covered in each region: parts, or all of it where the second judge condemns it."""
        found: list[tuple[Finding, ...]] = []
        doubtful: list[tuple[int, Region]] = []
        for position, (region, findings) in enumerate(self.detector.find(regions, *self._parts())):
            found.append(tuple(f for f in findings if f.score >= self.part_threshold))
            if not found[-1]:
                doubtful.append((position, region))
        if self.second is not None and doubtful:
            classes = (self.second_class,) if self.second_class else tuple(self.second.harmful)
            scored = self.second.score([region for _, region in doubtful], *classes)
            for (position, _), (region, score) in zip(doubtful, scored, strict=True):
                if score >= self.picture_threshold:
                    found[position] = (Finding(region.box, ", ".join(classes), score),)
        return found

    def _parts(self) -> Sequence[str]:
        """The parts to cover. A detector asked for none would find all of its classes, faces too.

        Raises:
            ParameterError: when neither the researcher nor the detector's card names any.
        """
        parts: Sequence[str] = self.parts or self.detector.harmful
        if not parts:
            raise ParameterError(f"the card of {self.detector.name} calls no class harmful; name some in `parts`")
        return parts

    def _remember(self, place: Place, findings: Sequence[Finding]) -> None:
        place.judged_s = self.now
        if findings:
            worst = max(findings, key=lambda finding: finding.score)
            place.flagged_until_s = self.now + self.hold_s
            place.reason, place.score = worst.label, worst.score
        elif not place.moving:
            place.flagged_until_s = self.now

    def _covers(self, region: Region, place: Place, findings: Sequence[Finding]) -> Iterator[Cover]:
        if place.moving:
            if self.now < place.flagged_until_s:
                yield self._covered(region.box, place.reason, place.score)
        elif findings and self.cover == "picture":
            worst = max(findings, key=lambda finding: finding.score)
            yield self._covered(region.box, worst.label, worst.score)
        else:
            for finding in findings:
                around = finding.box.grown(int(finding.box.width * _MARGIN), int(finding.box.height * _MARGIN))
                yield self._covered(around.intersect(region.box), finding.label, finding.score)

    def _covered(self, box: Box, label: str, score: float) -> Cover:
        return Cover(box, style=self.style, why=f"{label} {score:.2f}", label=label, score=score)
