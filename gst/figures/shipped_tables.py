"""What is said of an archive that comes with gst, as Markdown: where its runs are from, figures, verdicts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gst.analysis.levels import ChosenBy
from gst.archive import archives
from gst.archive.shipped import shipped_folder
from gst.compare.loading import load_published, shipped_file
from gst.compare.papers import compare
from gst.compare.results import VERDICTS, ClaimResult, Comparison, FigureResult
from gst.compare.telling import claim_row
from gst.errors import InputError, UnknownNameError
from gst.figures.book import FIGURES
from gst.figures.files.export import titled
from gst.figures.files.markup import markdown
from gst.figures.files.paper_table import PaperTable
from gst.figures.recipe import Figure
from gst.figures.sheet import Sheet
from gst.store import Store, Version
from gst.store.origin import Origin, origin
from gst.words import counted

_PART = re.compile(r"(?P<figure>\w+)(\.(?P<table>\d+))?(~(?P<words>\S+))?")
_TOLD = ("Archive", "Sweeps", "Completed runs", "Epochs", "Hours", "CPU hours", "On")
JUDGED = VERDICTS[:3]
PICTURE = ".svg"
CLAIMS: Mapping[str, ChosenBy | None] = {"claims": None, "claims-by-test": "test"}
ELSEWHERE = (
    "\\* By runs that differ from the paper's experiment: it counts neither for nor against the paper.\n"
)
FEW = 3
"""Parts of a claim up to which the numbers of each are told."""


class Shipped(NamedTuple):
    """An archive that comes with gst, in a store that it was taken into."""

    name: str
    store: Store
    versions: tuple[Version, ...]

    @property
    def origin(self) -> Origin:
        """Where its runs are from."""
        return origin(self.store, [it.sweep_id for it in self.versions])


def shipped(store: Store, name: str, path: Path) -> Shipped:
    """The archive of that name and path, which the store has."""
    named = {(it.name, it.digest) for archive in archives(path) for it in archive.manifest.sweeps}
    found = [it for it in store.sweeps() if (it.name, it.digest) in named]
    return Shipped(name, store, tuple(sorted(found, key=lambda it: (it.name, it.options or ""))))


def told(archives: Sequence[Shipped]) -> str:
    """A row for each archive: its sweeps, runs, epochs, hours and machine; the last row is of all."""
    rows = [_row(it.name, _names(it), it.origin) for it in archives]
    ids = sorted({version.sweep_id for it in archives for version in it.versions})
    if archives:
        rows.append(_row("all", "", origin(archives[0].store, ids)))
    return _table(_TOLD, rows)


def about(archive: Shipped) -> str:
    """A line on where the runs of the archive are from, and how to take them in."""
    of = archive.origin
    began = "" if of.began is None or of.ended is None else f", {of.began:%Y-%m-%d} to {of.ended:%Y-%m-%d}"
    missing = f" of {of.runs:,}" if of.completed < of.runs else ""
    return (
        f"`gst import --shipped {archive.name}`: {_names(archive)}; {of.completed:,}{missing} runs, "
        f"{of.epochs:,} epochs, {of.wall_hours:.1f} hours (of CPUs {_hours(of)}) on {', '.join(of.machines)}"
        f"{began}; data {', '.join(of.datasets)}; torch {', '.join(of.torch)}, numerics "
        f"{', '.join(map(str, of.numerics))}, commits {', '.join(of.commits) or 'not known'}.\n"
    )


def part(archive: Shipped, word: str) -> str:
    """What one word of a block's first line asks for.

    `claims`: what papers claim of its sweeps, and verdicts; `claims-by-test`: levels chosen by test error.
    `FIGURE`: the tables of that figure, sweep by sweep; `FIGURE.2` the second alone, all versions in one;
    `FIGURE.2~words` its rows with these words; `FIGURE.svg` a picture. Raises UnknownNameError for no figure,
    and InputError for a word of another form.
    """
    if word in CLAIMS:
        return claims(archive, CLAIMS[word])
    if word.endswith(PICTURE):
        return f"![{_figure(word.removesuffix(PICTURE)).title}](results/{picture(archive, word).name})\n"
    if not (asked := _PART.fullmatch(word)):
        raise InputError(
            f"{archive.name}: {word!r}: expected FIGURE, FIGURE.2, FIGURE.2~words, FIGURE.svg or claims"
        )
    sheets = [
        (version, _sheet(version, archive, asked["figure"])) for version in _of(archive, asked["figure"])
    ]
    tables = [(version, titled(sheet).for_papers) for version, sheet in sheets]
    if asked["table"] is None:
        return "\n".join(markdown(them, _label(version, archive)).lstrip("\n") for version, them in tables)
    at = int(asked["table"]) - 1
    if any(at >= len(them) for _, them in tables):
        raise InputError(f"{archive.name}: {word!r}: the figure has {len(tables[0][1])} tables")
    chosen = [(_label(version, archive), them[at]) for version, them in tables]
    return markdown([_stacked(chosen, (asked["words"] or "").replace("_", " "))], "").lstrip("\n")


def picture(archive: Shipped, word: str) -> Path:
    """The file of the picture that the word asks for, `FIGURE.svg`."""
    return shipped_folder() / f"{archive.name}-{word}"


def drawn(archive: Shipped, word: str) -> tuple[Sheet, str]:
    """The sheet of that picture, of the first sweep that it is of, and the name of the figure."""
    name = word.removesuffix(PICTURE)
    return _sheet(_of(archive, name)[0], archive, name), name


def claims(archive: Shipped, by: ChosenBy | None) -> str:
    """What papers claim of the archive's sweeps, with verdicts and the numbers that they rest on.

    `by` is the error by which optimal levels are chosen.
    """
    published = load_published(shipped_file())
    judged = []
    for version in archive.versions:
        own = [
            name
            for name, it in published.figures.items()
            if version.name == it.sweep or version.name in it.benchmarks.values()
        ]
        if own:
            other = None if version.meant else version.address
            found = compare(archive.store, published, own, sweep=other, select_by=by)
        else:
            found = compare(archive.store, published, (), others=[version.called])
        judged += [_claim(figure, it) for figure, it in _judged(found)]
    if not judged:
        return "No claim of a paper could be judged.\n"
    elsewhere = any(verdict.endswith("*") for _, _, verdict, _ in judged)
    head = f"With levels chosen by {by} error:\n\n" if by else ""
    return head + _table(("Of", "Claim", "Verdict", "Numbers"), judged) + f"\n{ELSEWHERE}" * elsewhere


def verdicts(store: Store) -> str:
    """The claims of papers that were judged by runs of their own experiment, counted, and then one by one."""
    published = load_published(shipped_file())
    found = compare(store, published, list(published.figures))
    judged = [(figure, it) for figure, it in _judged(found) if it.counts]
    numbers = Counter((figure.paper, it.verdict) for figure, it in judged)
    rows = [
        (paper, *(f"{numbers[paper, it]}" for it in JUDGED))
        for paper in dict.fromkeys(it.paper for it in found.figures)
    ]
    rows.append(("all", *(str(found.count(it)) for it in JUDGED)))
    counts = _table(("Paper", *JUDGED), rows)
    rows = [_claim(figure, it) for figure, it in judged]
    listed = _table(("Figure", "Claim", "Verdict", "Numbers"), rows) + "\n" if rows else ""
    by_test = compare(store, published, list(published.figures), select_by="test")
    others = ", ".join(f"{by_test.count(it)} {it}" for it in JUDGED)
    return (
        f"{counts}\n{listed}With levels chosen by test error, where the papers choose by validation error: "
        f"{others}. "
        f"{counted(found.elsewhere, 'more claim')} judged by runs that differ from the paper's experiment.\n"
    )


def _judged(found: Comparison) -> Iterator[tuple[FigureResult, ClaimResult]]:
    for figure in found.figures:
        yield from ((figure, it) for it in figure.claims if it.verdict != "not run")


def _claim(figure: FigureResult, claim: ClaimResult) -> tuple[str, ...]:
    """Its figure, words, verdict and numbers: those of each part, or of many parts the number that hold."""
    parts = [it for it in claim_row(claim, figure).parts if it.verdict != "left out"]
    told = "; ".join(f"{it.name} {it.numbers}".strip() for it in parts)
    if len(parts) > FEW:
        told = ", ".join(f"{n} of {len(parts)} {it}" for it, n in Counter(it.verdict for it in parts).items())
    verdict = claim.verdict if claim.counts else f"{claim.verdict}*"
    return figure.figure, claim.name, verdict, told


def _of(archive: Shipped, name: str) -> list[Version]:
    """The versions that the figure is of: those of its own sweeps where the archive has some, else all."""
    own = [it for it in archive.versions if it.name in _figure(name).sweeps]
    return own or list(archive.versions)


def _figure(name: str) -> Figure:
    if name not in FIGURES:
        raise UnknownNameError("figure", name, FIGURES)
    return FIGURES[name]


def _sheet(version: Version, archive: Shipped, name: str) -> Sheet:
    return _figure(name).numbers(archive.store, version.called)


def _label(version: Version, archive: Shipped) -> str:
    """What tells the version from the others of the archive; nothing where it is the only one."""
    names = {it.name for it in archive.versions}
    own = version.options or "as its file says"
    same = [it for it in archive.versions if it.name == version.name]
    return ", ".join([*([version.name] if len(names) > 1 else []), *([own] if len(same) > 1 else [])])


def _names(archive: Shipped) -> str:
    return ", ".join(f"{it.name}{f' {it.options}' if it.options else ''}" for it in archive.versions)


def _stacked(tables: Sequence[tuple[str, PaperTable]], words: str) -> PaperTable:
    """The rows with these words of tables of the same columns, with a column that tells the tables apart."""
    first = tables[0][1]
    apart = len(tables) > 1
    rows = [
        ((label, *row) if apart else row)
        for label, table in tables
        for row in table.rows
        if any(words in cell for cell in row)
    ]
    return PaperTable(
        (*(["Of"] if apart else []), *first.columns),
        tuple(rows),
        (*([False] if apart else []), *first.numeric),
    )


def _row(name: str, sweeps: str, of: Origin) -> tuple[str, ...]:
    runs = f"{of.completed:,}" + (f" of {of.runs:,}" if of.completed < of.runs else "")
    return name, sweeps, runs, f"{of.epochs:,}", f"{of.wall_hours:.1f}", _hours(of), ", ".join(of.machines)


def _hours(of: Origin) -> str:
    return f"{of.cpu_hours:.1f}" + (f" + {of.gpu_hours:.1f} of GPU" if of.gpu_hours else "")


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    listed = tuple(map(tuple, rows))
    return markdown([PaperTable(tuple(heads), listed, (False,) * len(heads))], "").lstrip("\n")
