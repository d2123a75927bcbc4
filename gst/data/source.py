"""A folder or a zip file with pictures in it: what lies where, and the content of a file."""

from __future__ import annotations

import os
import stat
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple, Protocol

from gst.data.picture import MOST_BYTES
from gst.errors import DataError, NoData, suggestion
from gst.paths import open_regular, read_regular

_CLUTTER = ("__macosx", "@eadir", "thumbs.db", "desktop.ini")


class Entry(NamedTuple):
    """Something in a folder: a file, whose size in bytes is told, or a folder, which has none.

    `problem` is the reason why it is neither. `clutter` is what file managers leave behind, and whatever is
    hidden: nobody looks into it.
    """

    name: str
    size: int | None = None
    clutter: bool = False
    problem: str | None = None

    @property
    def is_folder(self) -> bool:
        """Whether there is something in it to look at."""
        return self.size is None and self.problem is None


class Source(Protocol):
    """A tree of folders and files; places in it are paths with slashes, and "" is its top."""

    def entries(self, place: str) -> list[Entry]:
        """What lies in that folder, in the order of the names. Raises DataError for what cannot be read."""
        ...

    def read(self, file: str) -> bytes:
        """The content of that file. Raises OSError, or what zipfile raises, for one that cannot be read."""
        ...


def joined(place: str, name: str) -> str:
    """The path of what has that name in that place."""
    return f"{place}/{name}" if place else name


def path_of(folder: Path, name: str) -> Path:
    """Where a folder or file of that name is in the data folder. Raises DataError for no plain name."""
    if PurePosixPath(name).name != name or name == "..":
        raise DataError(f"data.folder: must be a plain name in the data folder {folder}, found {name!r}")
    return folder / name


def located(folder: Path, name: str) -> Path:
    """The folder or file of that name in the data folder, or else the zip file of it.

    Raises DataError for a name that leads elsewhere, and NoData for what is not there.
    """
    path = path_of(folder, name)
    zipped = path_of(folder, f"{name}.zip")
    try:
        if not path.exists() and zipped.is_file():
            return zipped
        path.stat()
    except FileNotFoundError:
        known = sorted(p.name for p in folder.glob("[!.]*") if p.suffix == ".zip" or p.is_dir())
        hint = suggestion(name, known)
        raise NoData(
            f"no folder or zip file {name!r} in {folder}; {hint}{'There' if hint else 'there'} are: "
            f"{', '.join(known) or 'none'} (GST_DATA_DIR names another data folder)"
        ) from None
    except OSError as error:
        raise DataError(f"{path}: cannot be read: {error.strerror}") from error
    return path


@contextmanager
def opened_source(path: Path) -> Iterator[Source]:
    """The folder or zip file at that path. Raises DataError for what is neither, or damaged."""
    if path.is_dir():
        yield _Folder(path)
        return
    with ExitStack() as stack:
        try:
            file = stack.enter_context(open_regular(path))
            if not zipfile.is_zipfile(file):
                raise DataError(f"{path}: is neither a folder nor a readable zip file")
            source = _Zip(path, zipfile.ZipFile(file))
        except DataError:
            raise
        except OSError as error:
            raise DataError(f"{path}: cannot be read: {error.strerror or error}") from error
        except Exception as error:  # of a broken directory zipfile raises whatever it stumbles over
            raise DataError(f"{path}: is damaged: {error}") from error
        yield source


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def entries(self, place: str) -> list[Entry]:
        folder = self._path / place
        try:
            with os.scandir(folder) as found:
                return sorted(map(_entry, found))
        except OSError as error:
            raise DataError(f"{folder}: cannot be read: {error.strerror}") from error

    def read(self, file: str) -> bytes:
        return read_regular(self._path / file, MOST_BYTES)


def _entry(found: os.DirEntry[str]) -> Entry:
    if _is_clutter(found.name):
        return Entry(found.name, clutter=True)
    try:
        stats = found.stat()
    except FileNotFoundError:
        return Entry(found.name, problem="is a link to what is not there")
    except OSError as error:
        return Entry(found.name, problem=f"cannot be read: {error.strerror}")
    if stat.S_ISDIR(stats.st_mode):
        return Entry(found.name)
    if not stat.S_ISREG(stats.st_mode):
        return Entry(found.name, problem="is a pipe or a device, expected a file")
    return Entry(found.name, stats.st_size)


class _Zip:
    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._files: dict[str, zipfile.ZipInfo] = {}
        self._folders: dict[str, set[str]] = {"": set()}  # the names in each
        for info in archive.infolist():
            place, is_folder = _inside(path, info)
            if is_folder:
                self._add_folder(place)
                continue
            if place in self._files:
                raise DataError(f"{path}: has two files called {place}")
            folder, _, name = place.rpartition("/")
            self._add_folder(folder)
            self._folders[folder].add(name)
            self._files[place] = info
        if both := sorted(self._files.keys() & self._folders.keys()):
            raise DataError(f"{path}: has a file and a folder called {both[0]!r}")

    def _add_folder(self, place: str) -> None:
        if place not in self._folders:
            self._folders[place] = set()
            above, _, name = place.rpartition("/")
            self._add_folder(above)
            self._folders[above].add(name)

    def entries(self, place: str) -> list[Entry]:
        found = []
        for name in sorted(self._folders[place]):
            info = self._files.get(joined(place, name))
            found.append(Entry(name, None if info is None else info.file_size, _is_clutter(name)))
        return found

    def read(self, file: str) -> bytes:
        info = self._files[file]
        if info.file_size > MOST_BYTES:
            raise OSError(0, f"it is too large, expected at most {MOST_BYTES:,} bytes", file)
        with self._archive.open(info) as content:
            return content.read(MOST_BYTES)


def _inside(path: Path, info: zipfile.ZipInfo) -> tuple[str, bool]:
    """The place of what the zip file has under that name, and whether it is a folder."""
    name = info.filename
    if "/" not in name:  # some programs for Windows write backslashes, against the format's rules
        name = name.replace("\\", "/")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if name.startswith("/") or name[1:3] == ":/" or ".." in parts:
        raise DataError(f"{path}: has a file {info.filename!r}, a path that leads out of it")
    if info.flag_bits & 0x1:
        raise DataError(
            f"{path}: {info.filename} is encrypted; gst asks for no password: unpack it into a folder"
        )
    return "/".join(parts), name.endswith("/")


def _is_clutter(name: str) -> bool:
    return name.startswith(".") or name.lower() in _CLUTTER
