"""gst status, gst ls and gst show: what is in a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress
from typing import TYPE_CHECKING, Annotated, Any

from gst import records
from gst.cli.annotate import WithArchived
from gst.cli.complete import stored_sweeps
from gst.cli.options import Db, Form, argument, choice, count, opened, option
from gst.cli.output import Answer, Format, cell, note, print_json, print_rows, print_text, table
from gst.cli.selection import print_runs, told_sweep, told_version
from gst.errors import InputError, UnknownNameError
from gst.words import SHORT, counted, cut

if TYPE_CHECKING:
    from gst.store import Filter, Progress, RunDetails, Store, Version
    from gst.store.annotate import Note
    from gst.store.queries import Rows

STATUSES = ("completed", "running", "pending", "interrupted", "failed", "diverged", "cancelled")
"""The statuses in the order for people: done, going on, left to do, ended otherwise."""
assert set(STATUSES) == set(records.STATUSES)

SHOWN = 5
"""Lost attempts that `gst status SWEEP` tells of, the latest, and runs that wait in vain."""

SweepName = Annotated[
    str | None, option("SWEEP", "Runs of that sweep only.", "--sweep", autocompletion=stored_sweeps)
]


def status(
    sweep: Annotated[
        str | None, argument("[SWEEP]", "One sweep, arm by arm.", autocompletion=stored_sweeps)
    ] = None,
    listed: Annotated[bool, choice("List the versions, and what each is called.", "--versions")] = False,
    archived: WithArchived = False,
    db: Db = None,
    watch: Annotated[
        bool, choice("Show it again and again, until no run is left to do.", "--watch", "-w")
    ] = False,
    form: Form = "table",
) -> None:
    """Show how far sweeps have come.

    All of them, or one arm by arm, with the last decision of one that has a design, and with the runs
    that were lost with a process or a machine, and who took them over. A name means the version with the
    options of its file, or else the newest; NAME@DIGITS, another one.
    """
    if watch:
        _watch(sweep, db, form)
        return
    with opened(db) as store:
        if listed:
            _list_versions(
                store.sweeps() if sweep is None else store.sweeps(name=store.version(sweep).name), form
            )
            return
        if sweep is not None:
            _show_sweep(store, sweep, form)
            return
        found = [it for it in store.sweeps() if archived or not it.archived]
        hidden = len(store.sweeps()) - len(found)
        progress = [store.progress(it.sweep_id)._replace(name=it.called) for it in found]
    if hidden:
        note(f"{counted(hidden, 'archived sweep')}: gst status --archived")
    for p in progress:
        if p.silent:
            note(f"{p.name}: {p.silent.words}")
    if form == "table":
        print_text(table(SHORT_STATUS, [_short_status(p) for p in progress]))
        return
    print_rows(STATUS, [status_row(p) for p in progress], form)


def _show_sweep(store: Store, sweep: str, form: Format) -> None:
    """Print a sweep arm by arm, and note what its readers must know."""
    from gst.analysis.looks import decision_in_words
    from gst.store import mixtures
    from gst.store.reading import takeovers
    from gst.store.sources import blocked

    version = told_version(store, sweep)
    sweep_id = version.sweep_id
    _show_progress(store.progress(sweep_id)._replace(name=version.called), form)
    if (decision := decision_in_words(store, sweep_id)) is not None:
        note(decision)
    for mixed in mixtures(store, sweep_id):
        note(f"{sweep}: {mixed.words}")
    for told, others in (
        (blocked(store, sweep_id), "runs wait so"),
        (takeovers(store, sweep_id), "attempts were lost; `gst show RUN` lists a run's"),
    ):
        for words in cut([it.words for it in told], SHOWN, f"more {others}"):
            note(words)
    for said in store.notes(sweep_id):
        note(_noted(said))


def _list_versions(found: Sequence[Version], form: Format) -> None:
    for_people = form == "table"
    meant, when = (
        ("meant by its name alone", "last run or imported") if for_people else ("by_name", "registered")
    )
    rows = [
        (it.address, it.meant, it.words if for_people else it.options, it.runs, it.completed, it.registered)
        for it in found
    ]
    print_rows(("version", meant, "options", "runs", "completed", when), rows, form)


STATUS = ("sweep", "runs", *STATUSES, "epochs", "of", "last_written")


def status_row(p: Progress) -> tuple[Any, ...]:
    """A sweep by the columns of STATUS."""
    return p.name, p.runs, *(p.counts[it] for it in STATUSES), p.epochs_done, p.epochs_total, p.heartbeat


SHORT_STATUS = ("sweep", "runs", "epochs", "last written", "not completed")


def _short_status(p: Progress) -> tuple[Any, ...]:
    """A sweep in a line of a terminal."""
    others = ", ".join(f"{p.counts[it]} {it}" for it in STATUSES[1:] if p.counts[it])
    runs, epochs = f"{p.counts['completed']}/{p.runs}", f"{p.epochs_done}/{p.epochs_total}"
    return p.name, runs, epochs, p.heartbeat and f"{p.heartbeat:%Y-%m-%d %H:%M}", others


def _watch(sweep: str | None, db: str | None, form: Format) -> None:
    """Show a sweep, or all, until nothing is left to do or somebody has seen enough."""
    import sys
    import time

    from gst.cli.display import is_live, view_on
    from gst.launch.progress import Watch

    if sweep is None or form != "table":
        raise InputError("--watch shows one sweep to people: gst status SWEEP --watch")
    with opened(db) as store, suppress(KeyboardInterrupt):
        watched = Watch(store, told_version(store, sweep).sweep_id)
        with closing(view_on(sys.stdout, live=is_live(sys.stdout, verbose=False))) as view:
            view.show(snapshot := watched.snapshot())
            while not snapshot.ended:
                time.sleep(view.seconds)
                view.show(snapshot := watched.snapshot())


def _show_progress(progress: Progress, form: Format) -> None:
    from gst.cli.display import el2n_words

    if form == "json":
        print_json(progress)
        return
    print_rows(
        ("arm", "runs", "completed", "running", "test_accuracy", "so_far"),
        [(it.arm, it.runs, it.completed, it.running, it.test_accuracy, it.so_far) for it in progress.arms],
        form,
    )
    counts = ", ".join(f"{progress.counts[s]} {s}" for s in STATUSES if progress.counts[s])
    note(f"{progress.name}: {progress.epochs_done} of {progress.epochs_total} epochs; {counts}")
    if progress.silent:
        note(progress.silent.words)
    for words in el2n_words(progress):
        note(f"in training: {words}")
    if progress.counts["failed"]:
        note(f"see why with: gst ls --sweep {progress.name} --status failed, then gst logs RUN")


def ls(
    sweep: SweepName = None,
    arm: Annotated[str | None, option("ARM", "Runs of that arm only; needs --sweep.")] = None,
    status: Annotated[records.Status | None, choice("Runs with that status only.")] = None,
    tag: Annotated[str | None, option("TAG", "Runs with that tag only.")] = None,
    limit: Annotated[int, count("Number of runs at most.")] = 1000,
    archived: WithArchived = False,
    db: Db = None,
    form: Form = "table",
) -> None:
    """List runs.

    Those of a sweep in the order of its file, else the newest first. The table has the columns that fit into
    80 characters; --format csv or json has all of them, and whole names of arms.
    """
    from gst.store import silent_runs
    from gst.store.run_pages import listed_runs

    with opened(db) as store:
        chosen = run_filter(store, sweep, arm, status, tag)
        chosen = chosen if archived else chosen._replace(hidden=store.archived())
        found, silent = listed_runs(store, chosen, limit + 1), silent_runs(store, chosen)
        more = len(found.rows) > limit
    found = found._replace(rows=found.rows[:limit])
    found = _narrow(found) if form == "table" else found
    print_runs(found.columns, found.rows, form)
    if chosen.hidden and sweep is None:
        note(f"{counted(len(chosen.hidden), 'archived sweep')}: gst ls --archived")
    if silent:
        note(silent.words)
    if more:
        note(f"there are more than {limit} runs; see them with --limit")


def run_filter(
    store: Store, sweep: str | None, arm: str | None, status: str | None, tag: str | None
) -> Filter:
    """The filter for these runs. Raises InputError and UnknownNameError for what the store does not have."""
    from gst.store import Filter
    from gst.store.reading import tag_names

    told_sweep(store, sweep, arm)
    if tag is not None and tag not in (known := tag_names(store)):
        raise UnknownNameError("tag", tag, known)
    return Filter(sweep, arm, () if status is None else (status,), tag=tag)


LISTED = {
    "key": "key",
    "arm": "arm",
    "seed": "seed",
    "status": "status",
    "epochs": "epochs",
    "final_test_accuracy": "accuracy",
    "mean_stability": "stability",
}
"""Columns of a list for people, and their headings."""
COLUMNS_OF_A_TERMINAL = 80


def _narrow(found: Rows) -> Rows:
    """The columns of LISTED, the names of arms shortened so that a line fits into a terminal."""
    headings = tuple(LISTED.values())
    places = [found.columns.index(name) for name in LISTED]
    rows = [[row[place] for place in places] for row in found.rows]
    others = table(headings[2:], [row[2:] for row in rows])
    left = COLUMNS_OF_A_TERMINAL - SHORT - 4 - max(map(len, others.splitlines()))
    return found._replace(columns=headings, rows=[(key, _cut(arm, left), *rest) for key, arm, *rest in rows])


def _cut(text: str | None, most: int) -> str:
    """The text, or its beginning and its end, which is where arms of a grid differ."""
    text, end = text or "", (most - 3) // 2
    return text if len(text) <= most else f"{text[: most - 3 - end]}...{text[len(text) - end :]}"


def run_facts(details: RunDetails, samples: Mapping[int, Any]) -> dict[str, Any]:
    """Everything about a run for programs, with what its attempts used of their machine."""
    return {**details._asdict(), "system_samples": samples}


def show(
    run: Annotated[str, argument("RUN", "The beginning of its key.")],
    db: Db = None,
    form: Annotated[Answer, choice("For people or for programs.", "--format")] = "text",
) -> None:
    """Show everything about one run.

    Its configuration, where and with what it was trained, its pruning events and epochs, and why it failed.
    """
    from gst.store.samples import attempt_samples, system_use

    with opened(db) as store:
        details = store.run(store.resolve(run))
        samples = attempt_samples(store, details.key)
    if form == "json":
        print_json(run_facts(details, samples))
    else:
        print_text("\n\n".join(_sections(details, [system_use(*it).words for it in samples.items()])))


RUN = (
    *("status", "reason", "seed", "attempt", "last_epoch", "checkpoint"),
    *("seconds", "created", "started", "ended"),
)
ATTEMPT = ("attempt", "outcome", "first_epoch", "started", "ended", "host", "pid", "device", "gpu")
FALLBACK = (("fallback", "why it did not go on from the last checkpoint"),)
SOFTWARE = (
    *("attempt", "torch", "python", "gst", "git_commit", "git_dirty"),
    *("precision", "deterministic", "numerics"),
)
EVENT = (
    *("epoch", "kind", "removed", "test_accuracy_before", "test_accuracy_after", "stability"),
    *("churn", "ece_before", "ece_after", "regrown", "test_accuracy_regrown", "mask_hash"),
)
LAYER = ("epoch", "layer", "total", "kept_before", "kept_after", "regrown", "mean_score")
FLATNESS = ("epoch", "eigenpairs", "images", "hessian_trace", "gradient_trace", "refined_epsilon", "seconds")
NORMALITY = ("epoch", "layer", "statistics", "ks", "kurtosis", "n")
LEVEL = (
    *("level", "epoch", "weights_left", "test_accuracy", "validation_accuracy", "train_loss"),
    *("original_loss", "noisy_loss"),
)
EXAMPLES = ("trained", "held_out", "noisy", "el2n")
EPOCH = (
    *("epoch", "train_loss", "train_accuracy", "test_loss", "test_accuracy", "test_ece"),
    *("lr", "distance", "parameters_left"),
)


def _sections(details: RunDetails, used: Sequence[str]) -> Iterable[str]:
    import yaml

    from gst.config.user_code import readable

    told = {name: details.run[name] for name in RUN} | {"tags": " ".join(details.tags)}
    if details.silent:
        told["status"] = f"running, but: {details.silent.words}"
    yield facts(f"run {details.key}", told)
    if details.notes:
        yield "notes\n" + indented("\n".join(_noted(said) for said in details.notes))
    yield "configuration\n" + indented(
        yaml.safe_dump(readable(details.config_json), sort_keys=False).rstrip()
    )
    yield _rows("sweeps", ("name", "arm", "position"), details.sweeps)
    yield _rows("attempts", ATTEMPT, details.attempts)
    yield _rows("software", SOFTWARE, details.attempts)
    if used:
        yield "system\n" + indented("\n".join(used))
    for title, columns, rows in (
        ("pruning events", EVENT, details.events),
        ("layers", LAYER, details.layers),
        ("probes", tuple(details.probes[0]) if details.probes else (), details.probes),
        ("flatness", FLATNESS, details.flatness),
        ("normality of activations", NORMALITY, details.normality),
        ("training images", EXAMPLES, details.examples),
        ("levels", LEVEL, details.levels),
        ("epochs", EPOCH, details.epochs),
    ):
        if rows:
            yield _rows(title, columns, rows)
    for attempt in details.attempts:
        for column, title in (*FALLBACK, ("log_tail", "last lines of its log"), ("traceback", "traceback")):
            if attempt[column]:
                yield f"attempt {attempt['attempt']}, {title}\n" + indented(attempt[column].rstrip())


def facts(title: str, row: Mapping[str, Any]) -> str:
    """The title, and under it what is known of the row, one thing a line."""
    known = {name: cell(value) for name, value in row.items() if cell(value)}
    width = max(map(len, known))
    return "\n".join([title, *(f"  {name.ljust(width)}  {value}" for name, value in known.items())])


def _noted(said: Note) -> str:
    about = f" on sweep {said.sweep}" if said.sweep else ""
    return f"{cell(said.written)}{about}: {said.text}"


def _rows(title: str, columns: tuple[str, ...], rows: Iterable[Mapping[str, Any]]) -> str:
    cells = [[row[column] for column in columns] for row in rows]
    return f"{title}\n" + indented(table(columns, cells))


def indented(text: str) -> str:
    """The text, two columns to the right."""
    return "\n".join(f"  {line}" for line in text.splitlines())
