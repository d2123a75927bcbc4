"""gst compare: what papers report beside what the store has."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from gst.cli.options import Db, SelectBy, argument, choice, opened, option
from gst.cli.output import note, print_json, print_text
from gst.cli.selection import told_version
from gst.cli.summary import p_value
from gst.errors import Incomplete, InputError
from gst.words import counted, listed

if TYPE_CHECKING:
    from gst.compare.results import Comparison
    from gst.store import Store

CONTRADICTED, INCOMPLETE = 4, 3


ReportFormat = Literal["table", "json"]
"""How a comparison is written."""


def compare(
    figures: Annotated[
        list[str] | None,
        argument(
            "FIGURE",
            "Figures or tables: one (fig2_vgg11), a family (fig2) or a paper (gst2020). Or a sweep of "
            "your own: its paired differences, and what papers claim, asked of it. Or a sweep and two of its "
            "arms: the first less the second.",
            default=False,
        ),
    ] = None,
    everything: Annotated[bool, choice("All that is published.", "--all")] = False,
    sweep: Annotated[
        str | None, option("SWEEP", "A sweep of the store, in place of the figure's own.")
    ] = None,
    published: Annotated[
        Path | None, option("FILE", "Published numbers and claims of your own, in place of gst's.")
    ] = None,
    of: Annotated[str, option("QUANTITY", "Of two arms: what differs, as stability.")] = "final_accuracy",
    select_by: SelectBy = None,
    form: Annotated[ReportFormat, choice("How to write it.", "--format")] = "table",
    output: Annotated[
        Path | None, option("PATH", "Write a page with pictures too; .html.", "--output", "-o")
    ] = None,
    db: Db = None,
) -> None:
    """Compare results with what papers report.

    Numbers come beside ours with their intervals; claims hold, or do not, or are undecided. Runs that differ
    from the published experiment are judged too, and count neither for nor against it.
    Exit code 4 where a claim does not hold, 3 where something is not run yet.
    """
    _check_output(output)
    names = _names(figures, everything, sweep)
    with opened(db) as store:
        if _is_contrast(store, names):
            if output or published or sweep or select_by:
                raise InputError("a difference of two arms takes --of, --format and --db only")
            _contrast(store, names, of, form)
            return
        found = comparison(store, names, sweep, published, select_by)
    _write(found, form, output)
    if found.contradicted:
        raise typer.Exit(CONTRADICTED)
    if found.incomplete:
        raise typer.Exit(INCOMPLETE)


def comparison(
    store: Store,
    names: list[str],
    sweep: str | None = None,
    published: Path | None = None,
    select_by: Literal["validation", "test"] | None = None,
) -> Comparison:
    """Figures and sweeps of these names compared with what is published; all figures without a name.

    A note says which sweeps could stand for those that are not in the store.
    """
    from gst.compare.loading import figures_and_sweeps, load_published, shipped_file
    from gst.compare.papers import compare as compared
    from gst.compare.papers import stand_ins
    from gst.grouping import grouped
    from gst.store import sweep_names

    file = published or shipped_file()
    known = load_published(file)
    sweeps = sweep_names(store, None)
    chosen, others = figures_and_sweeps(known, names, sweeps)
    if others and sweep is not None:
        raise InputError(f"--sweep stands for the sweep of a figure, and {others[0]!r} is no figure")
    for name in others if sweep is None else (sweep,):
        told_version(store, name)
    chosen = chosen if names else tuple(known.figures)
    found = compared(store, known, chosen, sweep=sweep, name=file.name, select_by=select_by, others=others)
    lacking = [it.figure for it in found.figures if it.absent and it.reason] if names else []
    fitting = ((it, figure) for figure in lacking for it in stand_ins(store, known, figure, sweeps))
    for other, of in grouped(fitting).items():
        call = f"gst compare {of[0]} --sweep {other}"
        note(f"{listed(of, 15)}: sweep {other} of the store could stand in for the paper's: {call}")
    return found


def _is_contrast(store: Store, names: list[str]) -> bool:
    """Whether these are a sweep of the store and names of which one is an arm of it; two for a contrast."""
    from gst.store import sweep_names

    if len(names) < 2 or names[0].partition("@")[0] not in sweep_names(store, None):
        return False
    sweep, *others = names
    arms = [it.arm for it in store.progress(store.sweep_id(sweep)).arms]
    if len(others) != 2 and set(arms) & set(others):
        raise InputError(
            f"{sweep}: expected two arms, the first less the second, found {', '.join(map(repr, others))}; "
            f"there are: {listed(arms, 15)}"
        )
    return bool(set(arms) & set(others))


def _contrast(store: Store, names: list[str], of: str, form: ReportFormat) -> None:
    """Print one arm less another, paired by seed."""
    from gst.analysis.contrasts import contrast
    from gst.analysis.quantities import RUN_QUANTITIES

    sweep, first, other = names
    told_version(store, sweep)
    found = contrast(store, sweep, first, other, of)
    quantity = RUN_QUANTITIES[of]
    if form == "json":
        print_json(found.row(quantity.words))
        if found.test:
            return
    if found.test is None:
        raise Incomplete(f"{found.name}: not tested: {found.reason}")
    value, low, high = (quantity.in_unit(it) for it in found.test[:3])
    p = "" if found.p is None else f", p = {p_value(found.p)} (for this question alone)"
    unit = " points" if quantity.is_share else ""
    print_text(
        f"{found.name}: {quantity.words} {value:+.2f}{unit} [{low:+.2f}, {high:+.2f}], "
        f"{counted(found.test.n[0], 'seed')}{p}\n{found.test.method}."
    )


def _names(figures: list[str] | None, everything: bool, sweep: str | None) -> list[str]:
    if bool(figures) == everything:
        raise InputError("compare what? Name figures, such as fig2_vgg11, or --all, and not both")
    if everything and sweep is not None:
        raise InputError("--sweep stands for the sweep of one figure, so not with --all")
    return figures or []


def _check_output(output: Path | None) -> None:
    if output is None:
        return
    if output.suffix.lower() != ".html":
        raise InputError(f"{output}: a comparison is written as .html; for programs there is --format json")
    if not output.parent.is_dir():
        raise InputError(f"{output}: the folder {output.parent} does not exist; make it first")


def _write(found: Comparison, form: ReportFormat, output: Path | None) -> None:
    from gst.cli.comparison_text import comparison_text
    from gst.compare.results import to_dict

    if output is not None:
        from gst.figures.comparison_page import write_comparison

        write_comparison(found, output)
    if form == "json":
        print_json(to_dict(found))
    else:
        print_text(comparison_text(found))
    if output is not None:
        note(f"Page: {output.absolute()}")
