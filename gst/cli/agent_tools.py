"""What `gst mcp` can be asked: the tools of an agent, each an answer that a command has too.

A tool's docstring is what an agent reads of it. Nothing is written by any of them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gst.cli.compare import comparison
from gst.cli.figure import LISTED, figure_rows, figures_of, refuse_parameters
from gst.cli.files import shipped_sweeps
from gst.cli.options import opened
from gst.cli.output import note
from gst.cli.plan import as_json, check, note_remarks, stored_plan, total
from gst.cli.runs import STATUS, run_facts, run_filter, status_row
from gst.cli.selection import told_version
from gst.cli.summary import known_values
from gst.errors import InputError, UnknownNameError
from gst.records import Status

SECONDS = 30.0
"""How long a question in SQL may take."""
MOST_BYTES = 200_000
"""Bytes of its answer before it is put into JSON."""
MOST_ROWS = 1000


class AgentTools:
    """The tools, on the store at that URL, which each call opens and closes."""

    def __init__(self, url: str) -> None:
        self._url = url

    def sweeps(self) -> dict[str, Any]:
        """List the sweeps of the store: each version with its claim, options, runs by status and progress.

        Other tools take a sweep by its `sweep` (the version that the name means) or by its `version`.
        """
        from gst.store.reading import sweep_states

        with opened(self._url) as store:
            states = sweep_states(store)
        return {
            "sweeps": [
                {
                    **dict(
                        zip(STATUS, status_row(it.progress._replace(name=it.version.called)), strict=True)
                    ),
                    **{
                        name: getattr(it.version, name)
                        for name in ("title", "claim", "options", "registered")
                    },
                    "version": it.version.address,
                }
                for it in states
            ]
        }

    def runs(
        self,
        sweep: str | None = None,
        arm: str | None = None,
        status: Status | None = None,
        tag: str | None = None,
        text: str = "",
        first: int = 0,
        most: int = 50,
    ) -> dict[str, Any]:
        """List runs, a page at a time: `most` of them after the `first` ones; `total` counts all.

        `arm` needs `sweep`. `text` has words that must occur in a run's key, model, data, pruning, status,
        arm or tags. Accuracies and stability are fractions of 1, of one run each; for means with intervals
        ask `figure` or `contrast`.
        """
        from gst.store.run_pages import run_page

        _refuse_page(first, most)
        with opened(self._url) as store:
            chosen = run_filter(store, sweep, arm, status, tag)._replace(text=text)
            page = run_page(store, chosen, first, most)
        rows = [{name: it for name, it in row.items() if name != "run_id"} for row in page.rows]
        return {"total": page.total, "first": first, "runs": rows}

    def run(self, run: str) -> dict[str, Any]:
        """Show everything about one run, named by the beginning of its key.

        Configuration, attempts with machine and software, epochs, pruning events, levels, measurements.
        """
        from gst.store.samples import attempt_samples

        with opened(self._url) as store:
            details = store.run(store.resolve(run))
            return run_facts(details, attempt_samples(store, details.key))

    def sql(
        self, statement: str, parameters: dict[str, str | int | float] | None = None, most: int = 200
    ) -> dict[str, Any]:
        """Ask the store in SQL: one statement that reads, at most `most` rows (1000 at most), 30 seconds.

        `@NAME` asks a query that comes with gst, as `@tradeoff` with parameters {"sweep": "quickstart"}.
        The resource gst://schema describes tables and views, with examples; gst://queries lists the named
        queries. Epochs count from 0; accuracies are fractions of 1. `more` says that rows were left out.
        """
        from gst.store import Limits

        _refuse_page(0, most)
        with opened(self._url) as store:
            given = parameters or {}
            if statement.startswith("@") and "sweep" in given:
                told_version(store, str(given["sweep"]))
            found = store.answer(statement.removeprefix("@"), given, Limits(SECONDS, most, MOST_BYTES))
        return found._asdict()

    def plan(self, sweep: str | None = None, text: str | None = None) -> dict[str, Any]:
        """Plan a sweep without running it: runs, epochs, pruning events, filters removed, what is left to do.

        Give the name of a sweep that comes with gst, or the text of a sweep file of your own (YAML; the
        resource gst://keys describes it), which may extend a sweep that comes with gst.
        """
        from gst.config import load_sweep
        from gst.config.sweep import expand

        if (sweep is None) == (text is None):
            raise InputError("give the name of a sweep, or the text of a sweep file; one of the two")
        shipped = shipped_sweeps()
        if sweep is not None and sweep not in shipped:
            raise UnknownNameError("sweep", sweep, shipped)
        spec = expand(_document(text)) if sweep is None else load_sweep(shipped[sweep])
        note_remarks(spec)
        found = stored_plan(spec, self._url)
        check(found, self._url)
        note(total(found))
        return as_json(found)

    def contrast(self, sweep: str, first: str, other: str, of: str = "final_accuracy") -> dict[str, Any]:
        """Compare two arms of a sweep: the first less the other, paired by seed.

        With the mean difference as `value`, its 95% interval `low` to `high`, the number of seeds `n`, and
        `p` for this one question. `of` is the quantity, such as final_accuracy, best_accuracy or stability.
        """
        from gst.analysis.contrasts import contrast
        from gst.analysis.quantities import RUN_QUANTITIES

        with opened(self._url) as store:
            told_version(store, sweep)
            found = contrast(store, sweep, first, other, of)
        quantity = RUN_QUANTITIES[of]
        return {"unit": "fraction of 1" if quantity.is_share else quantity.unit, **found.row(quantity.words)}

    def compare(self, names: list[str], sweep: str | None = None) -> dict[str, Any]:
        """Compare results with what papers published: numbers beside ours, claims with a verdict.

        `names` are figures or tables (fig2_vgg11), families (fig2), papers (gst2020), or sweeps of the store,
        of which the papers' claims are then asked. `sweep` stands for the sweep of the one figure that is
        named. A verdict that does not count (`counts`) is of runs that differ from the paper's.
        """
        from gst.compare.results import to_dict

        if not names:
            raise InputError("compare what? Name figures, papers or sweeps, such as fig2_vgg11")
        with opened(self._url) as store:
            return to_dict(comparison(store, names, sweep))

    def figure(
        self,
        name: str | None = None,
        sweep: str | None = None,
        parameters: dict[str, str | int | float | bool] | None = None,
    ) -> dict[str, Any]:
        """Compute the numbers of a figure, each statistic with its `n` and interval (`low`, `high`).

        Without a name: list the figures, and which of their runs the store has. `tradeoff` shows any sweep:
        means of arms, contrasts, correlations of stability and accuracy.
        """
        from gst.figures import FIGURES

        if name is None:
            return {"figures": [dict(zip(LISTED, row, strict=True)) for row in figure_rows(self._url)]}
        given = parameters or {}
        pairs = figures_of(name, sweep)
        if len(pairs) > 1:
            named = ", ".join(f"{it} of sweep {of}" for it, of in pairs)
            raise InputError(f"{name!r} stands for several figures; name one, and its sweep: {named}")
        ((member, of_sweep),) = pairs
        refuse_parameters(member, given)
        with opened(self._url) as store:
            told_version(store, of_sweep)
            sheet = FIGURES[member].numbers(store, of_sweep, **given)
        for words in (*sheet.departures(), *sheet.source.mixed, *sheet.notes):
            note(words)
        return {
            "figure": member,
            "sweep": sheet.source.label,
            "title": FIGURES[member].title,
            "rows": known_values(sheet.table()),
        }


def _refuse_page(first: int, most: int) -> None:
    if first < 0 or not 1 <= most <= MOST_ROWS:
        raise InputError(f"expected first from 0 and most from 1 to {MOST_ROWS}, found {first} and {most}")


def _document(text: str | None) -> Any:
    """The document of that text; all that it may read is a sweep that comes with gst. Raises ConfigError."""
    from gst.config.document import MOST_BYTES, parse_document

    if len((text or "").encode()) > MOST_BYTES:
        raise InputError(f"text: it is too large, expected at most {MOST_BYTES:,} bytes")
    document = parse_document(text or "", Path("text.yaml"))
    if isinstance(other := document.values.get("extends"), str):
        shipped = {path.name: path for path in shipped_sweeps().values()}
        if other not in shipped:
            unknown = UnknownNameError("file of a sweep that comes with gst", other, shipped)
            raise document.error(("extends",), str(unknown))
        document = document._replace(path=shipped[other].with_name(document.path.name))
    return document
