"""Reading files of published numbers, what is wrong with them, and which of their figures a user means."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from pydantic import ValidationError

from gst.analysis.effects import EFFECTS
from gst.compare.published import OF_RULE, Published, PublishedFigure, Value, measured_unit
from gst.compare.quantities import QUANTITIES
from gst.compare.relations import AnyRelation
from gst.config.document import Document, KeyPath, load_document
from gst.config.problem import Problem, explained
from gst.errors import ConfigError, InputError, UnknownNameError, suggestion
from gst.paths import project_folder


def shipped_file() -> Path:
    """The file of published numbers that comes with gst."""
    return project_folder("sweeps") / "published.yaml"


def load_published(path: Path) -> Published:
    """The published numbers and claims in that file.

    Raises ConfigError, a line for each mistake: a key or value that does not fit, a paper that is not
    listed, a quantity that is neither measured nor listed under `unmeasured`.
    """
    document = load_document(path)
    try:
        published = Published.model_validate_json(json.dumps(document.values))
    except ValidationError as error:
        raise _refusal(document, explained(error, Published)) from None
    if mistakes := tuple(_mistakes(published)):
        raise _refusal(document, mistakes)
    return published


def _refusal(document: Document, problems: Iterable[Problem]) -> ConfigError:
    """One error, with a line for each problem."""
    lines = []
    for key, message in problems:
        # An item of a list has no line of its own: it is where its first key is.
        inside = [line for place, line in document.lines.items() if place[: len(key)] == key]
        line = document.line(key) if key in document.lines or not inside else min(inside)
        lines.append(f"{document.path}:{line}: {'.'.join(map(str, key))}: {message}")
    return ConfigError("\n".join(lines))


def _mistakes(published: Published) -> Iterator[Problem]:
    known = {*QUANTITIES, *published.unmeasured}
    yield from _wrong_sweeps(published)
    for name, figure in published.figures.items():
        place: KeyPath = ("figures", name)
        yield from _unknown((*place, "paper"), "paper", [figure.paper], published.papers)
        if figure.unavailable:
            continue  # nothing of it is measured, whatever its quantities and arms are called
        paper = published.papers.get(figure.paper)
        ruled = paper is not None and paper.rule is not None
        for number, value in enumerate(figure.values):
            key: KeyPath = (*place, "values", number)
            yield from _unknown(key, "quantity", value.quantities, known)
            yield from _wrong_unit(key, value)
            yield from _without_sweep(key, figure, value.arms)
            yield from _unknown((*key, "benchmarks"), "benchmark", value.benchmarks, figure.benchmarks)
            if value.statistic in OF_RULE and not ruled:
                yield Problem(
                    (*key, "statistic"), f"{value.statistic} needs a `rule` of the paper {figure.paper!r}"
                )
        for number, claim in enumerate(figure.claims):
            key = (*place, "claims", number)
            yield from _unknown((*key, "benchmarks"), "benchmark", claim.benchmarks, figure.benchmarks)
            key = (*key, claim.kind)
            yield from _unknown(key, "quantity", claim.relation.quantities, known)
            yield from _without_sweep(key, figure, claim.relation.names)
            if ruled:
                yield from _beside_rule(key, claim.relation)


def _wrong_sweeps(published: Published) -> Iterator[Problem]:
    """The complaints about sweeps that no figure has, and about assumed keys that no configuration has."""
    used = published.measured_sweeps
    for name, sweep in published.sweeps.items():
        yield from _unknown(("sweeps", name), "sweep", [name], used)
        for key in sweep.assumed:
            yield from _unknown(("sweeps", name, "assumed", key), "key", [key], EFFECTS)


def _unknown(key: KeyPath, what: str, names: Iterable[str], known: Collection[str]) -> Iterator[Problem]:
    """The complaint about each of the names at that place that is not known."""
    for name in names:
        if name not in known:
            there = f"{suggestion(name, known)}there are: {', '.join(sorted(known))}"
            yield Problem(key, f"unknown {what} {name!r}; {there}")


def _wrong_unit(key: KeyPath, value: Value) -> Iterator[Problem]:
    """The complaint where the unit is not the one in which gst measures the quantity."""
    unit = measured_unit(value)
    if unit is not None and value.unit != unit:
        what = value.quantity or value.statistic
        yield Problem((*key, "unit"), f"{what} is measured in {unit}, found {value.unit!r}")


def _beside_rule(key: KeyPath, relation: AnyRelation) -> Iterator[Problem]:
    """The complaint about what a relation has for judging by intervals, where a paper's own rule judges."""
    for name in ("within", "alpha", "test", "significant"):
        if name in relation.model_fields_set:
            yield Problem((*key, name), "the paper has a `rule` of its own, which this would not change")


def _without_sweep(key: KeyPath, figure: PublishedFigure, names: Iterable[str]) -> Iterator[Problem]:
    """The complaint about arms that belong to no sweep."""
    for name in names:
        group = figure.groups.get(name)
        if not figure.sweep and not figure.benchmarks and (group is None or group.sweep is None):
            yield Problem(
                key,
                f"{name!r} is of no sweep: give the figure a `sweep`, or make it one of the figure's "
                "`groups`, with a sweep of its own; or say why the figure is `unavailable`",
            )


def figures_named(published: Published, names: Iterable[str], sweeps: Iterable[str] = ()) -> tuple[str, ...]:
    """The figures of those names, families and papers, each once, in the order of the file.

    A family is what several names begin with: fig2 is fig2_vgg11 and fig2_resnet18, figE is figE1 to figE6.
    A figure's own name means that figure alone. Raises UnknownNameError, which knows these sweeps too.
    """
    chosen: set[str] = set()
    for name in names:
        found = _members(published, name)
        if not found:
            known = {*published.figures, *published.papers, *families(published), *sweeps}
            raise UnknownNameError("published figure", name, known)
        chosen |= found
    return tuple(name for name in published.figures if name in chosen)


def figures_and_sweeps(
    published: Published, names: Iterable[str], sweeps: Iterable[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The figures of those names, and the names that are sweeps of the store which no figure is about.

    Raises UnknownNameError for what is neither, and InputError for a sweep that a figure is about.
    """
    asked, known = list(names), list(sweeps)
    others = tuple(
        name for name in asked if name.partition("@")[0] in known and not _members(published, name)
    )
    for name in others:
        about = [it for it, figure in published.figures.items() if name.partition("@")[0] in figure.sweeps]
        if about:
            raise InputError(
                f"{name!r} is the sweep of {', '.join(about)}; compare it with: gst compare {about[0]} "
                f"--sweep {name}"
            )
    return figures_named(published, [name for name in asked if name not in others], known), others


def without_figure(published: Published, sweeps: Iterable[str]) -> list[str]:
    """The sweeps that no published figure is about."""
    used = published.measured_sweeps
    return [sweep for sweep in sweeps if sweep not in used]


def families(published: Published) -> tuple[str, ...]:
    """The names that stand for several figures, in alphabetical order."""
    starts = {start for name in published.figures for start in _starts(name)}
    return tuple(
        sorted(it for it in starts if it not in published.figures and len(_members(published, it)) > 1)
    )


def _members(published: Published, name: str) -> set[str]:
    if name in published.figures:
        return {name}
    if name in published.papers:
        return {figure for figure, its in published.figures.items() if its.paper == name}
    return {figure for figure in published.figures if name in _starts(figure)}


def _starts(name: str) -> set[str]:
    """The short forms of a name: up to an underscore, or without a number after a capital."""
    starts = {name[: match.start()] for match in re.finditer("_", name)}
    if numbered := re.fullmatch(r"(.*[A-Z])\d+", name):
        starts.add(numbered[1])
    return starts
