"""gst plan: what sweep files would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

from gst.cli.complete import sweep_files
from gst.cli.design import design_in_words
from gst.cli.files import shipped_sweeps, sweep_file
from gst.cli.options import Db, Form, Huge, Overrides, Scale, Seeds, Subset, argument, choice, opened
from gst.cli.output import Format, note, print_json, print_rows
from gst.errors import DataError, InputError
from gst.words import counted, fine_duration

if TYPE_CHECKING:
    from pathlib import Path

    from gst.config import SweepSpec
    from gst.launch.plan import ArmPlan, Plan
    from gst.launch.timing import Timing
    from gst.records import DatasetFacts

COLUMNS = (
    *("sweep", "arm", "runs", "completed", "failed", "shared"),
    *("epochs", "left", "events", "parameters", "removes"),
)
OF_PLAN = ("runs_left", "epochs", "epochs_left", "seconds_left", "estimated")
OF_ARM = (
    *("keys", "completed", "diverged", "failed", "cancelled", "shared", "unmeasured"),
    *("epochs", "epochs_left", "seconds_per_epoch", "unit", "events"),
)
LEGEND = "parameters: the share of what is pruned, then with all that has no effect any more without it"
SHOWN_LAYERS = 3


def plan_command(
    files: Annotated[
        list[str] | None,
        argument(
            "FILE...",
            "Sweep files, names of shipped sweeps, or - for standard input.",
            autocompletion=sweep_files,
        ),
    ] = None,
    every: Annotated[bool, choice("All sweeps that come with gst.", "--all")] = False,
    db: Db = None,
    seeds: Seeds = None,
    overrides: Overrides = None,
    scale: Scale = None,
    subset: Subset = None,
    huge: Huge = False,
    timed: Annotated[
        bool, choice("Where no run like it tells, time a few batches of each network here.", "--time")
    ] = False,
    form: Form = "table",
) -> None:
    """Show what sweeps would run, and what a store has of it.

    One row is an arm. `shared` counts runs that another sweep of the store has as well; they are
    trained once. A sweep with a design has all its seeds there, and its bounds and the seeds to expect below.
    Nothing is written. --all passes over sweeps of images that are not here to be counted.
    """
    if bool(files) == every:
        raise InputError("name sweep files, or give --all")
    from gst.config import load_sweep
    from gst.paths import store_url

    chosen = list(shipped_sweeps().values()) if every else [sweep_file(file) for file in files or ()]
    specs = [
        load_sweep(path, seeds=seeds, overrides=overrides or (), scale=scale, subset=subset, huge=huge)
        for path in chosen
    ]
    timing = _timing() if timed else None
    plans, lacking = [], []
    for spec in specs:
        note_remarks(spec)
        try:
            plan = stored_plan(spec, store_url(db))
            found = check(plan, store_url(db))
            plans.append(timing.timed(plan, found) if timing else plan)
        except DataError as error:
            if not every:
                raise
            note(f"{spec.name}: cannot be planned here: {error}")
            lacking.append(spec.name)
    show(plans, form, lacking)


def _timing() -> Timing:
    """Estimates times on this machine, where the store does not tell."""
    from gst.launch.networks import Networks
    from gst.launch.timing import Timing
    from gst.paths import data_folder

    return Timing(Networks(data_folder()), {})


def note_remarks(spec: SweepSpec) -> None:
    """Say what the command line's changes did not do as they were asked to."""
    for remark in spec.remarks:
        note(f"{spec.name}: {remark}")


def stored_plan(spec: SweepSpec, url: str) -> Plan:
    """The sweep's plan, given what the store at that URL has, if there is one."""
    from gst.launch.plan import sweep_plan
    from gst.paths import data_folder

    if not is_store(url):
        return sweep_plan(spec, data=data_folder())
    with opened(url) as store:
        return sweep_plan(spec, store, data=data_folder())


def check(
    plan: Plan, url: str, *, fetch: bool = False, retry_failed: bool = False, accept_data: bool = False
) -> Mapping[str, DatasetFacts]:
    """The data sets by label; what `gst sweep` refuses before its first run is refused.

    Where data sets are not here and are not to be fetched, say so instead.

    Raises DataError and ConfigError as dry_start does, and OtherData unless that is accepted.
    """
    from gst.launch.dry_start import dry_start
    from gst.paths import data_folder

    found = dry_start(plan.sweep, data=data_folder(), fetch=fetch)
    if found.passed_over:
        unknown = ", ".join(found.passed_over)
        note(f"{plan.sweep.name}: {unknown} not here, so whether the runs fit the data is not known")
    if found.datasets and is_store(url) and not accept_data:
        from gst.launch.same_data import refuse_other_data

        with opened(url) as store:
            refuse_other_data(
                store, plan.sweep, found.datasets, data=data_folder(), retry_failed=retry_failed
            )
    return found.datasets


def artifact_place(url: str) -> Path | str:
    """The place for checkpoints of the runs of that store, which need not be there yet."""
    from gst.launch.artifacts import place_for
    from gst.paths import artifact_folder

    if not is_store(url):
        return artifact_folder()
    with opened(url) as store:
        return place_for(store)


def is_store(url: str) -> bool:
    """Whether there is a store at that URL, rather than nothing yet."""
    from gst.store.connect import is_sqlite, parsed, sqlite_path
    from gst.store.filesystem import is_there
    from gst.store.migrate import found_version

    database = parsed(url)
    if is_sqlite(database) and not is_there(sqlite_path(database)):
        return False
    return found_version(database) is not None


def show(plans: Sequence[Plan], form: Format, lacking: Sequence[str] = ()) -> None:
    """The plans arm by arm, and what they come to without the sweeps that are lacking."""
    if form == "json":
        print_json([as_json(plan) for plan in plans])
        return
    rows = [_row(plan, arm) for plan in plans for arm in plan.arms]
    print_rows(COLUMNS, rows, form)
    if any("," in row[COLUMNS.index("parameters")] for row in rows):
        note(LEGEND)
    for plan in plans:
        note(total(plan))
        for widths in plan.sweep.equal_widths:
            note(f"{plan.sweep.name}: {widths}")
        if plan.sweep.design is not None:
            note(design_in_words(plan.sweep.design))
    if len(plans) > 1:
        note(together(plans, lacking))


def total(plan: Plan) -> str:
    """A sentence: how much there is to do, and how long it will take as far as the store knows."""
    runs, left = len(plan.keys), plan.runs_left
    most = " at most" if plan.undecided else ""
    measured = f"; {counted(plan.unmeasured, 'completed run')} to measure" if plan.unmeasured else ""
    if not left:
        nothing = f"nothing left to {'train' if measured else 'do'}"
        what = "to be decided on" if plan.undecided else nothing
        return f"{plan.sweep.name}: {counted(runs, 'run')}, {what}{measured}"
    seconds = plan.seconds_left
    took = f", about {fine_duration(seconds)} one after another" if seconds else ""
    if plan.estimated:
        took += ", by an estimate on this machine"
    if seconds is None:
        took = "; how long is not known, and `gst plan --time` estimates it"
    epochs = f"{plan.epochs_left} of {plan.epochs} epochs"
    order = f" ({plan.needing} once others have completed)" if plan.needing else ""
    return f"{plan.sweep.name}: {counted(runs, 'run')}{order}{most}, {left} to do, {epochs}{took}{measured}"


def together(plans: Sequence[Plan], lacking: Sequence[str] = ()) -> str:
    """A sentence: what several sweeps come to, each run and each configuration counted once."""
    from gst.config import config_hash

    arms = {arm.keys: arm for plan in plans for arm in plan.arms}.values()
    lengths = {key: arm.run_epochs for arm in arms for key in arm.keys}
    configurations = {config_hash(arm.config) for arm in arms}
    one_by_one = sum(len(plan.keys) for plan in plans)
    without = f", without {', '.join(lacking)}" if lacking else ""
    return (
        f"all together{without}: {len(configurations)} configurations, {len(lengths)} different runs"
        f" ({one_by_one - len(lengths)} of {one_by_one} are shared), {sum(lengths.values())} epochs"
    )


def _row(plan: Plan, arm: ArmPlan) -> tuple[Any, ...]:
    return (
        *(plan.sweep.name, arm.arm, len(arm.keys), arm.completed, arm.failed, arm.shared),
        *(arm.epochs, arm.epochs_left, len(arm.event_epochs), _parameters(arm), _removes(arm)),
    )


def _parameters(arm: ArmPlan) -> str:
    """The share of parameters that pruning takes; then, if it is another, the one of LEGEND."""
    total, own, compact = arm.reduction
    shares = dict.fromkeys(f"-{it / total:.1%}" for it in (own, compact) if it is not None)
    return ", ".join(shares) if own else ""


def _removes(arm: ArmPlan) -> str:
    """The units that all events together take from each layer: `conv7 460/512, conv8 460/512 filters`."""
    if not arm.layers:
        return ""
    unit = f"{arm.unit} (disturbed)" if arm.config.pruning.kind in ("zeroing", "gaussian") else arm.unit
    if len(arm.layers) > SHOWN_LAYERS:
        removed = sum(layer.total - layer.kept for layer in arm.layers)
        total = sum(layer.total for layer in arm.layers)
        return f"{removed}/{total} {unit} of {len(arm.layers)} layers"
    each = ", ".join(f"{layer.layer} {layer.total - layer.kept}/{layer.total}" for layer in arm.layers)
    return f"{each} {unit}"


def as_json(plan: Plan) -> dict[str, Any]:
    """The plan for programs."""
    return {
        "sweep": plan.sweep.name,
        "title": plan.sweep.title,
        "claim": plan.sweep.claim,
        "seeds": {config.arm: config.seeds for config in plan.sweep.configs},
        "design": plan.sweep.design and plan.sweep.design.model_dump(mode="json"),
        "equal_widths": [widths._asdict() for widths in plan.sweep.equal_widths],
        "runs": len(plan.keys),
        **{name: getattr(plan, name) for name in OF_PLAN},
        "arms": [
            {
                "arm": arm.arm,
                "config": arm.config.model_dump(mode="json"),
                **{name: getattr(arm, name) for name in OF_ARM},
                "parameters": arm.reduction._asdict(),
            }
            for arm in plan.arms
        ],
    }
