"""How far a running sweep has come, on standard error: live in a terminal, now and then a line elsewhere."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Self, TextIO, TypeAlias

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import Progress as Tasks
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from gst.words import counted, fine_duration

if TYPE_CHECKING:
    from gst.launch.progress import Snapshot, Watch
    from gst.store import Progress
    from gst.store.progress import ArmProgress

LIVE_SECONDS = 0.5
LINE_SECONDS = 5.0
SHOWN_ARMS = 12
AROUND_ARMS = 6
"""Lines above and below the arms, of which one is to spare."""


class Display:
    """Watches a sweep from a thread of its own for as long as the context lasts."""

    def __init__(self, watch: Watch, view: View) -> None:
        self._watch = watch
        self._view = view
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="gst-display", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join(timeout=10)
        self._view.close()

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._view.say(text)

    def _loop(self) -> None:
        from gst.store import STORE_ERRORS, fault, reason

        told = False
        while True:
            over = self._over.wait(self._view.seconds)
            try:
                self._view.show(self._watch.snapshot())
            except STORE_ERRORS as error:
                # Trials wait for a store that is away, or tell what is wrong with it.
                if fault(error) == "ours" and not told:
                    told = True
                    self._view.say(f"gst: how far the sweep is cannot be shown: {reason(error)}")
            if over:
                return


View: TypeAlias = "Lines | LiveView"
"""Shows snapshots, one after another."""


def view_on(stream: TextIO, *, live: bool, quiet: bool = False) -> View:
    """A live view, plain lines, or for the `quiet` only what stays."""
    return Quiet(stream) if quiet else LiveView(stream) if live else Lines(stream)


@contextmanager
def waiting(stream: TextIO, *, live: bool) -> Iterator[None]:
    """A sign of life with the time that has passed, where there is a terminal to show it."""
    if not live:
        yield
        return
    columns = SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}")
    with Tasks(*columns, console=Console(file=stream), transient=True) as tasks:
        tasks.add_task("")
        yield


class Lines:
    """A line whenever something changed, but not too often."""

    seconds = LINE_SECONDS

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._last = ""

    def show(self, snapshot: Snapshot) -> None:
        """Print the state if it is another than before, whatever the clock says."""
        state = f"{counts(snapshot)}, {epochs(snapshot)}"
        if state != self._last:
            self._last = state
            self.say(f"{state}{pace(snapshot)}")

    def say(self, text: str) -> None:
        """Print it."""
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def close(self) -> None:
        """Nothing is left to do: lines stay."""


class Quiet(Lines):
    """Lines that stay, and nothing of how far the sweep is."""

    def show(self, snapshot: Snapshot) -> None:
        """Nothing."""


class LiveView:
    """A bar, the counts, and the accuracy of each arm so far."""

    seconds = LIVE_SECONDS

    def __init__(self, stream: TextIO) -> None:
        # Ray's output is redirected while a sweep runs; rich would redirect it once more.
        self._live = Live(
            console=Console(file=stream),
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._live.start()

    def show(self, snapshot: Snapshot) -> None:
        """Draw the state over the one before."""
        room = self._live.console.height - AROUND_ARMS
        self._live.update(drawn(snapshot, max(1, min(SHOWN_ARMS, room))), refresh=True)

    def say(self, text: str) -> None:
        """Print it above the drawing."""
        self._live.console.print(Text(text))

    def close(self) -> None:
        """Leave the last drawing on the screen."""
        self._live.stop()


def drawn(snapshot: Snapshot, room: int = SHOWN_ARMS) -> RenderableType:
    """The state of a sweep in lines of a terminal: a bar of epochs, counts of runs, and a table of arms."""
    progress = snapshot.progress
    head = Table.grid(padding=(0, 1))
    bar = ProgressBar(total=max(1, progress.epochs_total), completed=progress.epochs_done, width=40)
    head.add_row(bar, Text(epochs(snapshot)))
    time = Text(f"{fine_duration(snapshot.elapsed)} so far{pace(snapshot)}")
    arms = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    arms.add_column("arm", overflow="ellipsis", no_wrap=True, max_width=44)
    for name in ("runs", "running", "test accuracy"):
        arms.add_column(name, justify="right", no_wrap=True, min_width=len(name))
    shown = shown_arms(progress.arms, room)
    for arm in shown:
        arms.add_row(Text(arm.arm), f"{arm.completed}/{arm.runs}", str(arm.running or ""), accuracy(arm))
    more = len(progress.arms) - len(shown)
    over_at_once = snapshot.ended and snapshot.elapsed < LIVE_SECONDS  # a finished sweep that is watched
    parts: list[RenderableType] = [head, *(() if over_at_once else (time,)), Text(counts(snapshot)), arms]
    return Group(*parts, Text(f"and {counted(more, 'more arm')}")) if more > 0 else Group(*parts)


def shown_arms(arms: Sequence[ArmProgress], room: int = SHOWN_ARMS) -> list[ArmProgress]:
    """As many arms as there is room for, in the order of the file; those in training before the others."""

    def urgency(arm: ArmProgress) -> int:
        return 0 if arm.running else 1 if arm.completed < arm.runs else 2

    room += len(arms) == room + 1  # to say that there is one more takes a line as well
    chosen = {it.arm for it in sorted(arms, key=urgency)[:room]}
    return [it for it in arms if it.arm in chosen]


def accuracy(arm: ArmProgress) -> str:
    """The mean over completed runs, or over those in training, which says so."""
    if arm.test_accuracy is not None:
        return f"{arm.test_accuracy:.1%}"
    return "" if arm.so_far is None else f"so far {arm.so_far:.1%}"


def counts(snapshot: Snapshot) -> str:
    """`12/50 runs completed, 2 running, 36 waiting`; what went wrong, where something did."""
    progress = snapshot.progress
    text = f"{progress.counts['completed']}/{progress.runs} runs completed"
    for count, name in (
        (progress.counts["running"], "running"),
        (snapshot.waiting, "waiting"),
        (progress.counts["failed"], "failed"),
        (progress.counts["diverged"], "diverged"),
        (progress.counts["cancelled"], "cancelled"),
    ):
        text += f", {count} {name}" if count else ""
    return text + "".join(f"; {words}" for words in el2n_words(progress))


def el2n_words(progress: Progress) -> Iterator[str]:
    """`EL2N network 3 of 10`, or `EL2N networks 3, 5 of 10` of several runs; nothing where there are none."""
    for networks in dict.fromkeys(it.networks for it in progress.scoring):
        numbers = sorted(it.network for it in progress.scoring if it.networks == networks)
        noun = "network" if len(numbers) == 1 else "networks"
        yield f"EL2N {noun} {', '.join(map(str, numbers))} of {networks}"


def epochs(snapshot: Snapshot) -> str:
    """`600/2500 epochs`."""
    return f"{snapshot.progress.epochs_done}/{snapshot.progress.epochs_total} epochs"


def pace(snapshot: Snapshot) -> str:
    """`, 12.5 a second, 2 min 32 s left`, as far as known."""
    if snapshot.epochs_per_second is None or snapshot.seconds_left is None:
        return ""
    left = f", {fine_duration(snapshot.seconds_left)} left" if snapshot.seconds_left else ""
    return f", {snapshot.epochs_per_second:.3g} a second{left}"


def is_live(stream: TextIO, *, verbose: bool) -> bool:
    """Whether the stream is a terminal that can be drawn on, and that nothing else writes to."""
    return stream.isatty() and os.environ.get("TERM") not in ("dumb", "unknown") and not verbose
