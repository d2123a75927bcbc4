"""The results of a sweep: its arms and correlations as text, and its figures as files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gst.cli.level_table import levels_in_words
from gst.cli.output import Answer, note, print_json, print_text, table
from gst.errors import InputError

if TYPE_CHECKING:
    from gst.analysis.contrasts import ArmContrast
    from gst.analysis.source import Table
    from gst.config import DataConfig, SweepSpec
    from gst.figures.means import RunMean
    from gst.figures.panels.arm_means import Arm
    from gst.figures.panels.contrasts import Contrasts
    from gst.figures.panels.fit import Fit
    from gst.figures.sheet import Sheet
    from gst.stats.correlation import Correlation
    from gst.stats.mixed import Slope
    from gst.store import Store, Version

ACCURACY = {
    "final": "Accuracy is of the last epoch",
    "best": "Accuracy is the best since the last pruning event",
}


def figure_files(spec: SweepSpec, output: Path | None, label: str) -> dict[str, Path]:
    """Where each figure of the sweep with that label goes; to be checked before it starts, not after hours.

    Raises InputError for a file that cannot be.
    """
    if output is None:
        files = {name: Path(f"{figure_name(name, label)}.html") for name in spec.figures}
        for file in files.values():
            check_file(file)
        return files
    if not spec.figures:
        raise InputError(
            f"{output}: the sweep names no figures to write there; give it `figures: [tradeoff]`"
        )
    check_file(output)
    if len(spec.figures) == 1:
        return {spec.figures[0]: output}
    return {name: output.with_stem(f"{output.stem}-{name}") for name in spec.figures}


def figure_name(name: str, label: str) -> str:
    """The name of a figure's file: for a paper's figure of its own sweep, the figure's name.

    With the benchmark behind it where there is a sweep for each of several, and the digits of a version that
    is not the file's own.
    """
    from gst.figures import FIGURES

    sweep, at, digest = label.partition("@")
    if FIGURES[name].sweep == sweep:
        return f"{name}{at}{digest}"
    if sweep in FIGURES[name].family:
        return f"{name}_{sweep.rpartition('_')[2]}{at}{digest}"
    return f"{label}-{name}"


def check_file(output: Path) -> None:
    """Refuse a figure's file before the work that it would take to find out."""
    from gst.figures import SUFFIXES

    if output.suffix.lower() not in SUFFIXES:
        raise InputError(f"{output}: a figure is written as one of {', '.join(SUFFIXES)}")
    place = Path(os.path.realpath(output)) if output.is_symlink() else output
    folder = place.parent
    if not folder.is_dir():
        raise InputError(f"{output}: the folder {folder} does not exist; make it first")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{output}: the folder {folder.absolute()} cannot be written")
    if output.exists() and not output.is_file():
        raise InputError(f"{output}: cannot be written: it is no file")


def print_summary(
    store: Store, version: Version, spec: SweepSpec, files: dict[str, Path], form: Answer = "text"
) -> None:
    """Print the numbers of that version of the sweep and write its figures."""
    from gst.figures import FIGURES, export

    try:
        found = FIGURES["tradeoff"].numbers(store, version.address)
    except InputError as error:  # not one run completed
        note(str(error))
        return
    if form == "text":
        print_text(summary(found, spec, levels_in_words(store, found.source)))
    for name, path in files.items():
        numbers = found if name == "tradeoff" else FIGURES[name].numbers(store, version.address)
        export(FIGURES[name].draw(numbers), numbers, path, name=name)
        if form == "text":
            print_text(f"Figure: {path.absolute()}")
    if form == "json":
        written = {name: str(path.absolute()) for name, path in files.items()}
        print_json({"sweep": version.called, "figures": written, "rows": known_values(found.table())})


def known_values(found: Table) -> list[dict[str, object]]:
    """The rows of a figure's table, each by column, without what a row does not have."""
    return [
        {name: value for name, value in zip(found.columns, row, strict=True) if value is not None}
        for row in found.rows
    ]


def write_figure(store: Store, name: str, sweep: str, path: Path, **parameters: object) -> None:
    """Draw that figure of that sweep into a file."""
    from gst.figures import FIGURES, export

    figure = FIGURES[name]
    numbers = figure.numbers(store, sweep, **parameters)
    export(figure.draw(numbers), numbers, path, name=name, parameters=parameters)


def summary(found: Sheet, spec: SweepSpec, levels: str = "") -> str:
    """The trade-off in words: contrasts, arms, correlations, and what the numbers rest on.

    What levels came to is told in the place of contrasts and correlations, which know one level each.
    """
    from gst.figures.panels.arm_means import ArmMeans
    from gst.figures.panels.scatter import Scatter
    from gst.figures.style import sentences

    arms, fit = found.panel(ArmMeans), found.panel(Scatter).fit
    lines = [""]
    if not levels:
        lines += _contrasts(found)
    columns = ("arm", "runs", f"{arms.accuracy} test accuracy", "mean stability")
    lines += [table(columns, [_arm(arm) for arm in arms.arms]), ""]
    lines += [levels, ""] if levels else [*_correlations(fit), *_knobs(found), *fit.notes]
    method = f" Intervals of means: {arms.method}." if arms.method else ""
    lines.append(f"{ACCURACY[arms.accuracy]}, on {images_tested_on(spec)}.{method}")
    if found.runs.scales:
        scales = ", ".join(f"{scale:g}" for scale in found.runs.scales)
        lines.append(f"Runs are shrunk, to a scale of {scales}.")
    lines += sentences(found.source.mixed)
    lines += map(str, spec.equal_widths)
    if spec.note:
        lines.append(spec.note)
    return "\n".join(lines)


def images_tested_on(spec: SweepSpec) -> str:
    """The test images that accuracies are of, in words."""
    return " or ".join(dict.fromkeys(_tested_on(it.config.data) for it in spec.configs))


def _tested_on(data: DataConfig) -> str:
    if data.test_per_class is not None:
        return f"{data.test_per_class} test images of each class"
    whole = data.name != "digits" or data.per_class is None
    return "the whole test set" if whole else "all images that a run is not trained on"


def _contrasts(found: Sheet) -> Iterator[str]:
    """The table of differences between arms, or that none is tested; nothing where no arms can be paired."""
    from gst.figures.panels.contrasts import HOLM, LOOKED, Contrasts

    paired = found.panel(Contrasts)
    if not paired.tested:
        if paired.found:
            yield from ("No difference of arms is tested, for want of seeds or variation.", "")
        return
    rows = [(it.name, *_numbers(it, paired)) for it in paired.found]
    yield table(("paired by seed, in points", "difference", "seeds", "p"), rows)
    yield f"Differences in {paired.quantity.words}: {paired.method}; {HOLM if paired.has_p else LOOKED}."
    yield from (f"Not tested: {why}." for why in dict.fromkeys(it.reason for it in paired.found) if why)
    yield ""


def _numbers(it: ArmContrast, paired: Contrasts) -> tuple[object, ...]:
    if it.test is None:
        return "", "", "not tested"
    return paired.interval(it.test), it.test.n[0], "" if it.adjusted is None else p_value(it.adjusted)


def _correlations(fit: Fit) -> Iterator[str]:
    from gst.figures.panels import scatter
    from gst.figures.panels.fit import CORRELATIONS

    if fit.pearson is None:
        return
    yield f"Stability and accuracy over {fit.pearson.n} pruned runs:"
    rows = []
    for name, it in fit.correlations():
        p = "" if it.p is None else p_value(it.p)
        rows.append((f"  {CORRELATIONS[name]}", f"{it.value:+.2f}{_interval(it)}", f"{it.n} {it.unit}", p))
    yield table(("  correlation", "", "n", "p"), rows)
    yield from dict.fromkeys(f"{it.method.capitalize()}." for _, it in fit.correlations() if it.low is None)
    if words := fit.weakest_words():
        yield words
    if fit.model:
        between, within = (_slope(slope) for slope in (fit.model.between, fit.model.within))
        yield (
            f"A point less of stability goes with {between} points of accuracy between configurations, and "
            f"with {within} within them (mixed model, configurations and seeds random)."
        )
    yield scatter.CROSSED


def _knobs(found: Sheet) -> Iterator[str]:
    from gst.analysis.knobs import knobs_in_words
    from gst.figures.panels.fit import Knobs

    of_knobs = found.panel(Knobs).found
    if any(it.groups for it in of_knobs.knobs.values()):
        yield from knobs_in_words(of_knobs)


def p_value(p: float) -> str:
    """A p value with two digits."""
    return "< 0.0001" if p < 0.0001 else f"{p:.2g}"


def _slope(slope: Slope) -> str:
    return f"{-slope.value:+.2f} [{-slope.high:+.2f}, {-slope.low:+.2f}]"


def _arm(arm: Arm) -> tuple[object, ...]:
    return arm.name, arm.accuracy.n, _mean(arm.accuracy, 1), _mean(arm.stability, 2)


def _mean(found: RunMean | None, digits: int) -> str:
    if found is None:
        return ""
    interval = found.estimate
    bounds = f" [{interval.low:.{digits}%}, {interval.high:.{digits}%}]" if interval else ""
    return f"{found.mean:.{digits}%}{bounds}"


def _interval(found: Correlation) -> str:
    if found.low is None or found.high is None:
        return " (no interval)"
    return f" [{found.low:+.2f}, {found.high:+.2f}]"
