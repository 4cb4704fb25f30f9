"""``mindproof record`` and ``mindproof replay``."""

from __future__ import annotations

import signal
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from backend.commands.author import With, chosen
from backend.commands.console import err, milliseconds, one_clear_error, out, print_json, table
from backend.commands.phone import Json
from backend.engine.catalog import Catalog
from backend.errors import MindproofError
from backend.phones.phone import Phone
from backend.phones.source import FrameSource
from backend.recordings.file import Consent, Recording, RecordingWriter
from backend.recordings.recorder import record as record_frames
from backend.recordings.replay import Tally, actions_of, differs, folder_as_catalog, replay
from backend.recordings.touch_marks import TouchMarks, with_marks
from backend.recordings.video import VideoWriter
from backend.serving.host import ModelHost
from backend.settings import load_settings

_AGREED = "everything that this phone shows until the recording ends is kept in the file"


@one_clear_error
def record(
    serial: Annotated[str, typer.Argument(help="As `mindproof phones` lists it.")],
    out_: Annotated[Path, typer.Option("--out", help="The file to write; it must not exist.")],
    consent: Annotated[str, typer.Option(help="Name or code of the person who agreed to be recorded.")] = "",
    seconds: Annotated[float | None, typer.Option(help="Stop after so many seconds; else at Ctrl-C.")] = None,
) -> None:
    """Keep a session: frames, UI trees, touches and times, for regression tests and comparisons."""
    who = consent or _ask_for_consent(serial)
    agreed = Consent(who, datetime.now(UTC).isoformat(timespec="seconds"), _AGREED)
    with Phone(serial, load_settings().key_folder) as phone:
        phone.connect()
        source = FrameSource(phone)
        with RecordingWriter(out_, serial, agreed) as writer:
            source.start()
            try:
                frames = _record(source, writer, seconds)
            finally:
                source.stop()
    out.print(f"Recorded {frames} frames in [bold]{out_}[/] ({out_.stat().st_size / 1e6:.1f} MB)")


def _record(source: FrameSource, writer: RecordingWriter, seconds: float | None) -> int:
    ended = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: ended.set())
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=err, transient=True) as progress:
            task = progress.add_task("recording; Ctrl-C ends it")
            return record_frames(
                source, writer, ended, seconds, lambda n: progress.update(task, description=f"recording: {n} frames")
            )
    finally:
        signal.signal(signal.SIGINT, before)


def _ask_for_consent(serial: str) -> str:
    err.print(f"Recording {serial}: {_AGREED}.")
    who = str(
        typer.prompt("Name or code of the person who agrees (empty: nobody does)", default="", show_default=False)
    )
    if not who:
        raise MindproofError("nothing was recorded: nobody agreed", "give --consent NAME once the person has agreed")
    return who


@one_clear_error
def replay_(
    file: Annotated[Path, typer.Argument(help="What `mindproof record` wrote.")],
    with_: With = "",
    against: Annotated[
        str, typer.Option(help="Other interventions, or another version's folder, to run side by side.")
    ] = "",
    video: Annotated[Path | None, typer.Option("--out", help="Write what it looks like, as .mp4.")] = None,
    json: Json = False,
) -> None:
    """Run interventions over a recording. Two runs over one file do the same."""
    runs = [chosen(names) for names in (with_, against) if names] or [[]]
    catalog, host = Catalog(load_settings().intervention_folders), ModelHost()
    tallies = [Tally() for _ in runs]
    frames: list[dict[str, object]] = []
    different = 0
    with Recording(file) as recording:
        sides = [replay(recording, *folder_as_catalog(names, catalog), host.load) for names in runs]
        writer = VideoWriter(video) if video is not None else None
        marks = TouchMarks(recording.touches())
        with Progress(console=err, transient=True) as progress:
            task = progress.add_task("replaying", total=len(recording))
            for passed in zip(*sides, strict=True):
                for tally, one in zip(tallies, passed, strict=True):
                    tally.add(one)
                changed = len(passed) == 2 and differs(*passed)
                different += changed
                first = passed[0]
                frame: dict[str, object] = {"frame": first.frame.number, "time_s": round(first.frame.time_s, 4)}
                frame["actions"] = actions_of(first)
                if len(passed) == 2:
                    frame |= {"against": actions_of(passed[1]), "differs": changed}
                frames.append(frame)
                if writer is not None:
                    touches = marks.at(first.frame.time_s)
                    writer.add([with_marks(one.picture(), touches) for one in passed], first.frame.time_s)
                progress.advance(task)
        if writer is not None:
            writer.__exit__(None, None, None)
    if json:
        print_json({"recording": str(file), "with": runs[0], "against": runs[1:], "frames": frames})
        return
    for names, tally in zip(runs, tallies, strict=True):
        _show(names, tally)
    if len(runs) == 2:
        out.print(f"\nThe two differ on {different} of {len(frames)} frames.")
    if video is not None:
        out.print(f"Wrote {video}")


def _show(names: list[str], tally: Tally) -> None:
    rows = [
        (name, action, count, tally.covered_frames[name]) for (name, action), count in sorted(tally.actions.items())
    ]
    title = f"{', '.join(names) or 'no intervention'}: {tally.frames} frames"
    out.print(table(title, ("intervention", "action", "times", "frames"), rows, ("times", "frames")))
    stages = [
        (stage, milliseconds(_median(values)), milliseconds(max(values))) for stage, values in tally.stages.items()
    ]
    out.print(table("", ("stage", "p50 ms", "max ms"), stages, ("p50 ms", "max ms")))
    for name, traceback in tally.failures.items():
        err.print(f"[red]{name} failed:[/]\n{traceback}")


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]
