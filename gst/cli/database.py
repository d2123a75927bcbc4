"""gst db: the schema of a store, and whether what it holds is whole."""

from __future__ import annotations

from typing import Annotated

import typer

from gst.cli.options import Db, choice, opened
from gst.cli.output import Answer, note, print_json, print_text
from gst.cli.transfer import copy_command
from gst.errors import GstError
from gst.words import counted

db = typer.Typer(no_args_is_help=True, help="Upgrade, check or copy a store.")

db.command("copy")(copy_command)


AnswerAs = Annotated[Answer, choice("How to write the answer.", "--format")]


@db.command()
def upgrade(db: Db = None, form: AnswerAs = "text") -> None:
    """Bring a store to this gst's schema, or make one."""
    from gst.paths import store_url
    from gst.store.migrate import upgrade as bring_up

    before, after = bring_up(store_url(db))
    if form == "json":
        print_json({"before": before, "after": after})
        return
    print_text(f"schema {after}" if before == after else f"schema {before or 'none'} -> {after}")


@db.command()
def check(db: Db = None, form: AnswerAs = "text") -> None:
    """Check that a store is whole.

    No page of an SQLite file is damaged, the schema is this gst's, every run is what its key says, has all
    its epochs and is in a sweep, every pruning event has its layers, and no sweep mixes data. Exit code 1 if
    anything is wrong. Other differences between runs of a sweep, such as torch or the device, are
    told and not wrong.
    """
    from gst.paths import store_url
    from gst.store import mixtures, run_states
    from gst.store.connect import parsed
    from gst.store.faults import DAMAGED
    from gst.store.health import file_damage
    from gst.store.integrity import integrity_problems

    url = store_url(db)
    if damage := file_damage(parsed(url)):
        raise GstError("\n  ".join(("the file is damaged:", *damage, DAMAGED)))
    with opened(url) as store:
        problems, runs = list(integrity_problems(store)), len(run_states(store))
        for version in (it for it in store.sweeps() if it.meant):
            for mixed in mixtures(store, version.sweep_id):
                said = f"sweep {version.name}: {mixed.words}"
                problems.append(said) if mixed.what == "data" else note(said)
    if form == "json":
        print_json({"runs": runs, "problems": problems})
    if problems:
        raise GstError("the store is not whole:\n  " + "\n  ".join(problems))
    if form == "text":
        print_text(f"{counted(runs, 'run')}, all as they should be")
