"""What a value or claim is asked of, and why some cannot be asked at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from gst.compare.published import Paper, PublishedFigure
from gst.compare.quantities import QUANTITIES
from gst.compare.relations import Only
from gst.compare.selection import Selection, Sweeps


class Question(NamedTuple):
    """A figure, the sweeps of the store that stand for its own, and what gst does not measure.

    `benchmarks` are those of the figure that are asked about, `benchmark` is the one at hand.
    """

    figure: PublishedFigure
    paper: Paper
    sweeps: Sweeps
    tolerance: float
    unmeasured: Mapping[str, str]
    benchmarks: tuple[str, ...] = ()
    benchmark: str = ""

    def refusal(self, unavailable: str, quantities: Sequence[str]) -> str:
        """Why it cannot be measured, whatever is run; an empty text where it can."""
        if reason := unavailable or self.figure.unavailable:
            return reason
        missing = [name for name in quantities if name not in QUANTITIES]
        return "; ".join(dict.fromkeys(self.unmeasured[name] for name in missing))

    def each(self, names: Iterable[str] = ()) -> Iterator[Question]:
        """The question about each benchmark of those names, or of all; itself in a figure without any."""
        if not self.figure.benchmarks:
            yield self
        for name in self.wanted(names):
            if name in self.benchmarks:
                yield self._replace(benchmark=name)

    def wanted(self, names: Iterable[str]) -> tuple[str, ...]:
        """The benchmarks that something of these benchmarks, or of all, is about."""
        return tuple(names) or tuple(self.figure.benchmarks)

    def unasked(self, names: Iterable[str]) -> str:
        """The complaint where not all of these benchmarks are asked about, or an empty text."""
        missing = [name for name in self.wanted(names) if name not in self.benchmarks]
        return f"{', '.join(missing)} left out, and this takes all of them" if missing else ""

    def select(self, name: str, exclude: Iterable[str] = (), only: Only | None = None) -> Selection:
        """The runs of that group or arm, of the benchmark at hand; see Sweeps.select."""
        published = self.figure.benchmarks.get(self.benchmark, self.figure.sweep)
        return self.sweeps.select(self.figure.groups, published, name, exclude=exclude, only=only)
