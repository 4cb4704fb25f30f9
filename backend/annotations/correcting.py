"""What people say of a judge's verdicts: that a text is harmful, or that what was hidden was fine."""

from __future__ import annotations

from collections.abc import Callable

from backend.annotations.teaching import Author, Teaching
from backend.errors import AnnotationError
from backend.store.corrections import Correction, Corrections

_LONGEST = 2000


class Correcting:
    """One backend's. Any thread may call any method.

    Args:
        store: where corrections are kept.
        teaching: knows what was pointed at.
        judged: whether an intervention goes by a judge of texts, by name.
        heed: called when corrections have changed; with whether one is new that a text is harmful.
        tell: given an event's name, a phone and a message, for the journal.
    """

    def __init__(
        self,
        store: Corrections,
        teaching: Teaching,
        judged: Callable[[str], bool],
        heed: Callable[[bool], None],
        tell: Callable[[str, str, str], None],
    ) -> None:
        self._store, self._teaching = store, teaching
        self._judged, self._heed, self._tell = judged, heed, tell

    def correct(
        self, serial: str, number: int, thing: int, harmful: bool, author: Author, everywhere: bool = False
    ) -> list[Correction]:
        """Say that a text that is shown is harmful, or that what a cover hides is fine. It holds at once.

        Raises:
            AnnotationError: the screen has gone; or the thing has no text; or it is hidden for another reason than
                what it says.
            StoreError: it cannot be written down.
        """
        texts, app, by = self._teaching.meant_texts(serial, number, thing)
        if harmful and by:
            raise AnnotationError("this is hidden already", "point at a text that is shown")
        if not harmful and not by:
            raise AnnotationError("this is not hidden", "point at a cover")
        if by and not self._judged(by):
            raise AnnotationError(
                f"{by} does not go by what a text says", "show it again in the list, or switch the intervention off"
            )
        phone = "" if everywhere else serial
        made = [
            self._store.add(author=author, phone=phone, app=app, text=text[:_LONGEST], harmful=harmful)
            for text in texts
        ]
        self._heed(harmful)
        what = "harmful" if harmful else "fine"
        self._tell("judge.corrected", serial, f"{len(made)} texts of {app} are {what}, by a {author}")
        return made

    def undo(self, number: int, author: Author, only_phone: str = "") -> Correction:
        """Take one back. Raises AnnotationError: there is none of that number that holds, or it is not theirs."""
        undone = self._store.undo(number, author, only_phone)
        if undone is None:
            raise AnnotationError(f"there is no correction {number} to take back", "reload the list")
        self._heed(False)
        self._tell("judge.uncorrected", undone.phone, f"a text of {undone.app}, by a {author}")
        return undone

    def holding(self, phone: str) -> list[Correction]:
        """Those that hold on a phone, newest first. Raises StoreError."""
        return self._store.holding(phone)[::-1]
