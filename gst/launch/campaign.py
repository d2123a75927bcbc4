"""A campaign: sweeps trained one after another, at the lowest priority, into the archives that come with gst.

Each line of a list names an archive and what `gst sweep` is told; the first is worth most. An archive has a
store of its own, which begins with what is shipped already, so that only what is missing is trained. Stopped
at any moment, by Ctrl-C or a power cut, it loses nothing: the stores are the truth, and an archive is
replaced whole, when a sweep ends and every few minutes before that. The same command goes on.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from gst.archive import archives
from gst.archive.shipped import shipped_folder
from gst.errors import ConfigError, GstError, Incomplete, InputError
from gst.paths import is_file_stem
from gst.store import Store

GST = (sys.executable, "-c", "from gst.cli import main; main()")
INTERRUPTED = 130
LOWEST = 19
"""The lowest priority of a process."""


class Entry(NamedTuple):
    """A line of the list: the archive that the runs go into, and the arguments of `gst sweep`."""

    archive: str
    arguments: tuple[str, ...]


class Places(NamedTuple):
    """The folder of the campaign's own files, and the folder that archives are shipped in."""

    own: Path
    shipped: Path

    def store(self, archive: str) -> str:
        """The store of that archive."""
        return str(self.own / f"{archive}.db")


def entries(path: Path) -> Iterator[Entry]:
    """The lines of the list, without remarks. Raises ConfigError for one of another form."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        archive, _, rest = line.partition(":")
        try:
            words = tuple(shlex.split(rest))
        except ValueError as error:
            raise ConfigError(f"{path}:{number}: {line!r}: {error}") from None
        if not words or not is_file_stem(archive):
            raise ConfigError(
                f"{path}:{number}: {line!r}: expected ARCHIVE: SWEEP OPTIONS, as in `mine: fig3 --seeds 4`"
            )
        yield Entry(archive, words)


def campaign(listed: Sequence[Entry], places: Places, every: float, options: Sequence[str]) -> list[Entry]:
    """Train what is missing of each, with these options for all, and ship it; those that are not complete."""
    places.own.mkdir(parents=True, exist_ok=True)
    for name in dict.fromkeys(it.archive for it in listed):
        _take_in(name, places)
    left = []
    for entry in listed:
        _say(f"{entry.archive}: gst sweep {shlex.join(entry.arguments)}")
        try:
            if _trained(entry, places, every, options):
                left.append(entry)
        finally:
            ship(entry.archive, places)
    return left


def _take_in(name: str, places: Places) -> None:
    """Begin the archive's store with what is shipped; what the store has already stays."""
    file = places.shipped / f"{name}.zip"
    with Store.open(places.store(name), create=True) as store:
        if file.exists():
            store.merge(file, conflicts="keep")


def _trained(entry: Entry, places: Places, every: float, options: Sequence[str]) -> int:
    """The exit code of `gst sweep`, while which the archive is shipped again `every` so many seconds."""
    command = [*GST, "sweep", *entry.arguments, *options, "--quiet", "--db", places.store(entry.archive)]
    child = subprocess.Popen(command, cwd=places.own, start_new_session=True)  # Ctrl-C reaches it through us
    try:
        while True:
            with suppress(subprocess.TimeoutExpired):
                return child.wait(every)
            ship(entry.archive, places)
    finally:
        if child.returncode is None:
            child.terminate()  # not SIGINT, which processes of a shell's background ignore
            child.wait()


def ship(name: str, places: Places) -> bool:
    """Replace the archive by what its store has of ended runs; False where it says that already."""
    fresh, file = places.own / f"{name}.zip", places.shipped / f"{name}.zip"
    with Store.open(places.store(name), readonly=True) as store:
        written = store.export(fresh, ended=True, replace=True)
    if not written.tables["epochs"].rows:
        return False
    if file.exists() and next(archives(file)).manifest.tables == written.tables:
        return False
    partial = file.with_name(f".{name}.partial")  # beside it, for a file moves whole within one disk only
    partial.write_bytes(fresh.read_bytes())
    partial.replace(file)
    return True


def _arguments() -> tuple[argparse.Namespace, list[str]]:
    parser = argparse.ArgumentParser(
        prog="make campaign ARGS=...",
        description="Train what is missing of the results that come with gst. Other options go to gst sweep.",
    )
    parser.add_argument("list", nargs="?", type=Path, default=shipped_folder() / "campaign.txt")
    parser.add_argument("--folder", type=Path, default=Path("gst-campaign"), help="of stores and checkpoints")
    parser.add_argument("--results", type=Path, default=shipped_folder(), help="where archives are shipped")
    parser.add_argument("--every", type=float, default=600.0, help="seconds after which to ship again")
    return parser.parse_known_args()


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")
    sys.stderr.flush()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    """Run the campaign of the command line; the exit code, 3 where something is left."""
    given, options = _arguments()
    signal.signal(signal.SIGTERM, _interrupt)
    os.nice(LOWEST)
    try:
        left = campaign(
            list(entries(given.list)),
            Places(given.folder.absolute(), given.results.absolute()),
            given.every,
            options,
        )
    except KeyboardInterrupt:
        _say("stopped; the same command goes on")
        return INTERRUPTED
    except (GstError, OSError) as error:
        _say(f"gst: {error}")
        return error.exit_code if isinstance(error, GstError) else InputError.exit_code
    for entry in left:
        _say(f"not complete: gst sweep {shlex.join(entry.arguments)}")
    return Incomplete.exit_code if left else 0


if __name__ == "__main__":
    sys.exit(main())
