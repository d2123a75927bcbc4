"""Where the files of runs lie: a folder, or an object store that fsspec can reach.

Files go by names relative to the place, such as `<key>/3-20.pt`, which the store keeps: another
machine may mount the folder elsewhere. Whoever reads a file finds the whole of it or none.
"""

from __future__ import annotations

import errno
import io
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol, TypeAlias

from gst.archive.write import sync
from gst.errors import InputError, suggestion
from gst.paths import artifact_folder, place_of_files
from gst.store import Store
from gst.store.password import masked

Fill: TypeAlias = Callable[[BinaryIO], object]
"""Writes a file's content to what it is given."""


class StoredFile(NamedTuple):
    """A file of that name, its size in bytes, and when it was written, where that is known."""

    name: str
    size: int
    written: datetime | None


class Artifacts(Protocol):
    """A place for files, each of which is there whole or not at all."""

    def write(self, name: str, fill: Fill) -> None:
        """Put the file there; a crash at any moment leaves the old one of that name, or none."""

    def read(self, name: str) -> BinaryIO:
        """The file, to be read and closed. Raises FileNotFoundError where there is no regular file."""

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def remove(self, name: str) -> None:
        """Remove the file, if it is there."""

    def files(self, folder: str = "") -> Iterator[StoredFile]:
        """All files at any depth below that folder, in the order of their names."""

    def tidy(self, folder: str) -> None:
        """Remove the folder if nothing is left in it; object stores have no folders."""

    def __str__(self) -> str:
        """Where it is, without passwords."""


def artifacts_at(place: str | Path) -> Artifacts:
    """The folder at that path, or what an fsspec URL such as s3://bucket/folder names.

    Raises InputError for a URL that nothing here can open, with what to install where that helps.
    """
    where = place_of_files(place)
    return ObjectStore.at(where) if isinstance(where, str) else Folder(where)


def place_for(store: Store) -> Path | str:
    """The place for checkpoints of that store's runs.

    GST_ARTIFACT_DIR, else where the last one went, else `gst-artifacts` in the working folder.
    """
    last = store.artifacts()
    if last is not None:
        reachable = "***" not in last if "://" in last else os.access(last, os.W_OK | os.X_OK)
        last = last if reachable else None  # without its password, on another machine, or someone else's
    return artifact_folder(last)


@contextmanager
def proof(artifacts: Artifacts) -> Iterator[str]:
    """The name of a small file that is there as long as the context lasts.

    Raises InputError where none can be written.
    """
    name = f".proof-{secrets.token_hex(4)}"
    try:
        artifacts.write(name, lambda file: file.write(b"gst was here"))
    except Exception as error:  # each file system has its own
        raise InputError(f"{artifacts}: cannot be written: {error} (GST_ARTIFACT_DIR)") from error
    try:
        yield name
    finally:
        artifacts.remove(name)


class Folder:
    """Files in a folder of this machine, or in one that a network file system shares."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __str__(self) -> str:
        return str(self._path)

    def write(self, name: str, fill: Fill) -> None:
        """Put the file there: under another name, then, once it is on the disk, under its own."""
        path = self._path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                fill(file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        sync(path.parent)  # the rename itself

    def read(self, name: str) -> BinaryIO:
        """The file, to be read and closed."""
        if not self.exists(name):  # nor is a pipe or a device opened, which might never end
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path / name))
        return (self._path / name).open("rb")

    def exists(self, name: str) -> bool:
        """Whether there is a file of that name."""
        return (self._path / name).is_file()

    def remove(self, name: str) -> None:
        """Remove the file, if it is there."""
        (self._path / name).unlink(missing_ok=True)

    def files(self, folder: str = "") -> Iterator[StoredFile]:
        """All files below that folder; one that goes away meanwhile is passed over."""
        for path in sorted((self._path / folder).rglob("*")):
            try:
                found = path.lstat()
            except FileNotFoundError:
                continue
            if path.is_file() and not path.is_symlink():
                written = datetime.fromtimestamp(found.st_mtime, UTC)
                yield StoredFile(path.relative_to(self._path).as_posix(), found.st_size, written)

    def tidy(self, folder: str) -> None:
        """Remove the folder if it is empty."""
        try:
            (self._path / folder).rmdir()
        except OSError:  # it is not there, or something is in it
            return


class ObjectStore:
    """Files in an object store, where a whole object appears under its name at once."""

    def __init__(self, files: Any, root: str, url: str) -> None:
        self._files = files  # an fsspec file system
        self._root = root.rstrip("/")
        self._url = url

    @classmethod
    def at(cls, url: str) -> ObjectStore:
        """The place that the URL names; nothing is read or written yet. Raises InputError."""
        from fsspec.core import url_to_fs  # here, because most sweeps keep their files in a folder

        try:
            files, root = url_to_fs(url)
        except ImportError as error:
            raise InputError(f"{masked(url)}: {_missing_package(url, error)}") from None
        except ValueError as error:
            raise InputError(f"{masked(url)}: {_unknown_scheme(url, error)}") from None
        return cls(files, root, url)

    def __str__(self) -> str:
        return masked(self._url)

    def write(self, name: str, fill: Fill) -> None:
        """Put the object there in one piece: a stream that breaks off would leave the part that it has."""
        content = io.BytesIO()
        fill(content)
        path = self._path(name)
        try:
            self._files.pipe_file(path, content.getvalue())
        except FileNotFoundError:  # other than object stores, some want the folder first
            if self._kind(self._root) is None:
                raise
            self._files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self._files.pipe_file(path, content.getvalue())

    def read(self, name: str) -> BinaryIO:
        """The object, all of it fetched already."""
        return io.BytesIO(self._files.cat_file(self._path(name)))

    def exists(self, name: str) -> bool:
        """Whether there is an object of that name now."""
        return self._kind(self._path(name)) == "file"

    def remove(self, name: str) -> None:
        """Remove the object, if it is there."""
        with suppress(FileNotFoundError):
            self._files.rm_file(self._path(name))

    def files(self, folder: str = "") -> Iterator[StoredFile]:
        """All objects whose names begin with that folder's."""
        self._files.invalidate_cache()
        found = self._files.find(self._path(folder), detail=True)
        for path, facts in sorted(found.items()):
            name = path.removeprefix(self._root).removeprefix("/")
            yield StoredFile(name, int(facts["size"] or 0), _written(facts))

    def tidy(self, folder: str) -> None:
        """Nothing: what holds no objects does not exist."""

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}".rstrip("/")

    def _kind(self, path: str) -> str | None:
        """The kind of entry, `file` or `directory`; what cannot be reached is an error, no absence."""
        self._files.invalidate_cache()
        try:
            return str(self._files.info(path)["type"])
        except FileNotFoundError:
            return None


def _written(facts: dict[str, Any]) -> datetime | None:
    """When an object was written; each file system has its own name and form for that."""
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        found = facts.get(name)
        if isinstance(found, float | int):
            return datetime.fromtimestamp(found, UTC)
        if isinstance(found, str):
            with suppress(ValueError):
                found = datetime.fromisoformat(found)
        if isinstance(found, datetime):
            return found if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _missing_package(url: str, error: ImportError) -> str:
    """The package to install for a URL's scheme, as fsspec names it, else fsspec's own message."""
    from fsspec.registry import known_implementations

    home = known_implementations.get(url.partition("://")[0], {}).get("class", "fsspec").partition(".")[0]
    if home == "fsspec":
        return f"cannot be opened here: {error}"
    return f"needs the package {home}, which is not installed: pip install {home}"


def _unknown_scheme(url: str, error: ValueError) -> str:
    from fsspec import available_protocols

    scheme, known = url.partition("://")[0], available_protocols()
    if scheme in known:
        return f"is not a place for files: {error}"
    return f"nothing here knows {scheme}://; {suggestion(scheme, known)}use a folder, s3:// or gs://"
