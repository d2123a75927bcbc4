"""gst data: the data sets in the data folder, how they come there, and whether they are those of the runs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from gst.cli.options import Db, Form, argument, opened, option
from gst.cli.output import note, print_rows, print_text
from gst.errors import DataError, GstError, NoData
from gst.words import visible

if TYPE_CHECKING:
    from pathlib import Path

    from gst.data.load import Listed
    from gst.data.remote import Begun
    from gst.store import Store

data = typer.Typer(no_args_is_help=True, help="List, fetch or verify data sets in GST_DATA_DIR.")

Names = Annotated[
    list[str] | None,
    argument(
        "[NAME...]",
        "mnist, cifar10, tiny_imagenet and the like, or an image folder's name.",
        default="all that are there",
    ),
]


@data.command("list")
def list_command(form: Form = "table") -> None:
    """List data sets.

    Where each is, whether it is complete, the hash of its content if that was read before, and its bytes.
    """
    from gst.data import data_sets_in
    from gst.paths import data_folder

    folder = data_folder()
    note(f"data sets in {folder}; digits come with scikit-learn")
    rows = [_row(it, folder) for it in data_sets_in(folder)]
    print_rows(("data", "state", "place", "content_hash", "bytes"), rows, form)


def _row(it: Listed, folder: Path) -> tuple[str, str, Path | None, str | None, int | None]:
    from gst.data.cache import decoded
    from gst.data.load import config_of
    from gst.published import is_here

    if it.stored is None:
        packed = it.problem is None and is_here(config_of(it.label), folder)
        return it.label, it.problem or ("packed" if packed else "not here"), None, None, None
    try:
        size = sum(file.st_size for file in it.stored.files().values())
        dataset = decoded(folder, it.stored)
    except DataError as error:
        return it.label, str(error), it.stored.place, None, None
    return it.label, "complete", it.stored.place, None if dataset is None else dataset.content_hash, size


@data.command()
def fetch(
    names: Annotated[
        list[str],
        argument(
            "NAME...",
            "mnist, fashion_mnist, svhn, cifar10, cifar100, tiny_imagenet; "
            "with --from also imagenet, an image folder.",
        ),
    ],
    origin: Annotated[
        str | None,
        option(
            "PLACE",
            "A folder, or a URL such as https:// or s3://, that has them.",
            "--from",
            default="where they are published",
        ),
    ] = None,
) -> None:
    """Bring data sets into GST_DATA_DIR.

    Each is compared with what is published, where that is known, and has its name only once it is
    whole. Stopped halfway, the same command begins again. Nothing is ever overwritten.
    """
    from gst.store.password import masked

    try:
        _fetch(names, origin)
    except GstError as error:
        if origin is None:
            raise
        place = origin.rstrip("/")
        raise type(error)(str(error).replace(place, masked(place))) from None


def _fetch(names: list[str], origin: str | None) -> None:
    from gst.data.fetch import fetch as brought
    from gst.data.fetch import refuse_other
    from gst.data.load import config_of, wanted
    from gst.data.whole import read_whole
    from gst.paths import data_folder

    folder = data_folder()
    configs = [config_of(name) for name in names]
    for config in configs:
        wish = wanted(config, folder)
        was_there = wish.place(folder) is not None
        with _shown() as begun:
            place = brought(wish, folder, origin, begun)
        if was_there and wish.official:
            read_whole(config, folder)
        elif was_there and origin is not None:
            refuse_other(wish, folder, origin)
        print_text(f"{config.label}: {place}{' was there' if was_there else ''}")


@contextmanager
def _shown() -> Iterator[Begun]:
    """Shows, on a terminal, of each file that is copied in the context how much is there."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    from gst.cli.display import is_live

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    hidden = not is_live(sys.stderr, verbose=False)
    with Progress(*columns, console=Console(file=sys.stderr), disable=hidden, transient=True) as progress:

        def begun(file: str, size: int | None) -> Callable[[int], object]:
            for done in (task.id for task in progress.tasks if task.finished):
                with suppress(KeyError):  # by another thread
                    progress.remove_task(done)
            task = progress.add_task(visible(file), total=size)

            def told(count: int) -> None:
                with suppress(KeyError):  # it has more than it was said to have
                    progress.advance(task, count)

            return told

        yield begun


class Verified(NamedTuple):
    """A data set, whether it is as it should be, and what was found."""

    data: str
    status: str
    content_hash: str | None
    found: str


@data.command()
def verify(names: Names = None, db: Db = None, form: Form = "table") -> None:
    """Read data sets from beginning to end, and compare them.

    With what is published, where that is known, and with those that runs of the store were trained on.
    Exit code 1 if any differs or is missing.
    """
    from gst.cli.plan import is_store
    from gst.paths import data_folder, store_url
    from gst.store.password import masked

    folder, url = data_folder(), store_url(db)
    if is_store(url):
        with opened(url) as store:
            rows = [_verified(label, folder, store) for label in names or _labels(folder, store)]
    else:
        note(f"{masked(url)}: is no store yet, so there are no runs to compare with")
        rows = [_verified(label, folder, None) for label in names or _labels(folder, None)]
    print_rows(Verified._fields, rows, form)
    wrong = [it.data for it in rows if it.status != "ok"]
    if wrong:
        raise GstError(f"{len(wrong)} of {len(rows)} data sets differ or are missing: {', '.join(wrong)}")


def _labels(folder: Path, store: Store | None) -> list[str]:
    """The data sets that are here, by the labels that the store's runs have for them."""
    from gst.data import data_sets_in
    from gst.store.same_data import labels

    known = labels(store) if store is not None else set()
    found = ["digits"]
    for it in data_sets_in(folder):
        if it.stored is None and it.problem is None:
            continue
        inside = it.label.partition(":")[2]
        names = (f":{inside}", f":{inside.removesuffix('.zip')}")
        found += sorted(label for label in known if inside and label.endswith(names)) or [it.label]
    return found


def _verified(name: str, folder: Path, store: Store | None) -> Verified:
    from gst.data.load import config_of, meant
    from gst.data.whole import read_whole
    from gst.launch.provenance import facts, place_of
    from gst.store.same_data import Found, trained_on_others

    config = config_of(name)
    try:
        found = facts(read_whole(config, folder))
    except DataError as error:
        status, hint = ("missing", meant(config)) if isinstance(error, NoData) else ("differs", "")
        return Verified(config.label, status, None, f"{hint}{error}")
    place = place_of(found, folder)
    others = trained_on_others(store, config.label, found) if store is not None else []
    if others:
        told = Found(found, place).differs(others[0], len(others))
        return Verified(config.label, "differs", found.content_hash, told)
    return Verified(config.label, "ok", found.content_hash, place)
