"""What a sweep tells people who do not watch it: runs that go wrong, a standstill, its end."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Literal, NamedTuple, Self

from gst.cli.display import counts
from gst.errors import GstError
from gst.words import counted, duration, fine_duration, short, visible

if TYPE_CHECKING:
    from gst.cli.notify import Place
    from gst.launch.progress import Snapshot, Watch
    from gst.store import Store

LOOK_SECONDS = 5.0
"""Between two looks at the sweep."""
DIGEST_SECONDS = 600.0
"""Between two notices of runs that went wrong, at least."""
STILL_SECONDS = 600.0
"""How long no run begins, ends or gives a sign of life until that is told: 20 signs are missing then."""
END_SECONDS = 10.0
"""How long the end of a sweep waits for the places to take the last notice."""
NAMED = 3
"""Runs that a notice names, and problems, at most."""

logger = logging.getLogger(__name__)


Kind = Literal["info", "success", "warning", "failure"]
"""Apprise's kinds of notices."""


class Notice(NamedTuple):
    """A message."""

    kind: Kind
    title: str
    text: str


class Troubled(NamedTuple):
    """A run that failed or diverged."""

    key: str
    arm: str
    seed: int
    status: str
    reason: str | None

    @property
    def words(self) -> str:
        """What became of it, in a line."""
        why = f": {self.reason}" if self.reason else ""
        return f"{self.arm}, seed {self.seed} ({short(self.key)}) {self.status}{why}"


class Ending(NamedTuple):
    """How driving the sweep ended: what kept runs from their end, or what was raised."""

    problems: Sequence[str] = ()
    error: BaseException | None = None

    def told(self) -> list[str]:
        """All of that in lines, without what may be secret in an error that is not gst's own."""
        from gst.store import STORE_ERRORS, complaint

        error = self.error
        if error is None or isinstance(error, KeyboardInterrupt):
            return list(self.problems)
        if isinstance(error, STORE_ERRORS):
            return [complaint(error)]
        return [str(error) if isinstance(error, GstError) else type(error).__name__]


class News:
    """Makes notices of what is seen of a sweep; moments are seconds of a clock that nobody sets."""

    def __init__(self, sweep: str, troubled: Callable[[], Sequence[Troubled]], moment: float) -> None:
        self._sweep = sweep
        self._troubled = troubled
        self._known: set[str] = set()  # runs that went wrong before, or are told
        self._wrong: int | None = None  # how many have, when it was looked at last
        self._began = self._moved = self._digest = moment
        self._sign: object = None
        self._ended = self._still = False

    def seen(self, snapshot: Snapshot, moment: float) -> list[Notice]:
        """The notices of the sweep as it stands at that moment; at first it is only remembered."""
        found = []
        progress, self._ended = snapshot.progress, snapshot.ended
        sign = progress.heartbeat, progress.epochs_done, tuple(progress.counts.items())
        if sign != self._sign:
            if self._still:
                text = f"After {duration(moment - self._moved)} without a sign of life: {counts(snapshot)}."
                found.append(self._notice("info", "goes on", text))
            self._sign, self._moved, self._still = sign, moment, False
        wrong = progress.counts["failed"] + progress.counts["diverged"]
        if wrong != self._wrong and moment >= self._digest:
            found += self._gone_wrong(snapshot, moment)
            self._wrong = wrong
        return found

    def unseen(self, moment: float) -> list[Notice]:
        """The notice that the sweep stands still, once it has for long enough."""
        silence = moment - self._moved
        if self._ended or self._still or silence < STILL_SECONDS:
            return []
        self._still = True
        text = (
            f"For {duration(silence)} no run has begun, ended or given a sign of life, or the store has not "
            f"answered. `gst status {self._sweep}` says how far it is, `gst doctor` what may be wrong."
        )
        return [self._notice("warning", "stands still", text)]

    def ended(self, snapshot: Snapshot | None, ending: Ending, moment: float) -> Notice:
        """The last notice; there is no snapshot where the store does not answer."""
        lines = [*_shown(ending.told(), "problem"), *_shown([it.words for it in self._new(snapshot)], "run")]
        lines.append(f"{counts(snapshot)}." if snapshot else "The store does not answer.")
        failed = snapshot is not None and snapshot.progress.counts["failed"] > 0
        complete = snapshot is not None and snapshot.ended and not failed
        if not complete:
            retried = ", with --retry-failed also with what failed" if failed else ""
            lines.append(f"The same command carries on{retried}.")
        lines.append(f"It took {fine_duration(moment - self._began)} on {socket.gethostname()}.")
        text = "\n".join(lines)
        if isinstance(ending.error, KeyboardInterrupt):
            return self._notice("warning", "was stopped", text)
        if ending.error is not None:
            return self._notice("failure", "ended with an error", text)
        if not complete:
            return self._notice("failure", "ended, and is not complete", text)
        return self._notice("success", "is complete", text)

    def _gone_wrong(self, snapshot: Snapshot, moment: float) -> list[Notice]:
        new = self._new(snapshot)
        self._known.update(it.key for it in new)
        if not new or self._wrong is None:
            return []
        self._digest = moment + DIGEST_SECONDS
        lines = _shown([it.words for it in new], "run")
        lines += [f"`gst logs {short(new[0].key)}` says more.", f"{counts(snapshot)}."]
        return [self._notice("warning", f"has {counted(len(new), 'run')} that went wrong", "\n".join(lines))]

    def _new(self, snapshot: Snapshot | None) -> list[Troubled]:
        return [it for it in self._troubled() if it.key not in self._known] if snapshot else []

    def _notice(self, kind: Kind, what: str, text: str) -> Notice:
        return Notice(kind, f"gst: {self._sweep} {what}", visible(text, lines=True))


def _shown(lines: Sequence[str], noun: str) -> list[str]:
    """The first lines, and how many more there are of that noun."""
    more = len(lines) - NAMED
    return [*lines[:NAMED], *([f"And {counted(more, f'more {noun}')}."] if more > 0 else [])]


def troubled_runs(store: Store, sweep: str) -> list[Troubled]:
    """The runs of that version that failed or diverged, in the order of its file."""
    from gst.cli.options import MOST
    from gst.store import Filter
    from gst.store.run_pages import listed_runs

    found = listed_runs(store, Filter(sweep, statuses=("failed", "diverged")), MOST)
    wanted = [found.columns.index(name) for name in Troubled._fields]
    return [Troubled(*(row[place] for place in wanted)) for row in found.rows]


class Teller:
    """Looks at a sweep from a thread of its own for as long as the context lasts, and sends what is new.

    A place that does not take a notice is warned of once, and nothing that goes wrong here is raised. The
    last notice is sent as the context ends; `problems` are what the sweep's driver returned.
    """

    def __init__(self, watch: Watch, news: News, places: Sequence[Place]) -> None:
        self.problems: Sequence[str] = ()
        self._watch = watch
        self._news = news
        self._places = places
        self._error: BaseException | None = None
        self._refused: set[str] = set()
        self._begun, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._loop, name="gst-teller", daemon=True)

    def __enter__(self) -> Self:
        if self._places:
            self._thread.start()
            self._begun.wait(END_SECONDS)  # what went wrong before is known before any run begins
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._places:
            return
        self._error = error
        self._over.set()
        self._thread.join(END_SECONDS)
        if self._thread.is_alive():
            logger.warning("not every place took the last notice within %.0f s", END_SECONDS)

    def _loop(self) -> None:
        over = False
        while not over:
            for notice in self._looked():
                self._send(notice)
            self._begun.set()
            over = self._over.wait(LOOK_SECONDS)
        self._send(self._last())

    def _looked(self) -> list[Notice]:
        """What is new."""
        moment = time.monotonic()
        try:
            found = self._news.seen(self._watch.snapshot(), moment)
        except Exception:  # of a store that is away: runs wait for it, or tell what is wrong with it
            found = []
        return found + self._news.unseen(moment)

    def _last(self) -> Notice:
        ending = Ending(self.problems, self._error)
        try:
            return self._news.ended(self._watch.snapshot(), ending, time.monotonic())
        except Exception:
            return self._news.ended(None, ending, time.monotonic())

    def _send(self, notice: Notice) -> None:
        for place in self._places:
            if not place.takes(notice) and place.name not in self._refused:
                self._refused.add(place.name)
                logger.warning("%s did not take a notice (%s)", place.name, notice.title)
