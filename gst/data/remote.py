"""Places that data sets are copied from: folders, web servers, and whatever else fsspec reaches."""

from __future__ import annotations

import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from urllib.parse import quote

from gst.errors import DataError, InputError

SILENCE_SECONDS = 60
"""How long a web server may be silent."""

PIECE = 2**18
"""Bytes that are copied before anybody is told, or may stop it."""

Begun: TypeAlias = Callable[[str, int | None], Callable[[int], object]]
"""Is told of a file that is about to be copied, and of its bytes; what it returns is told of each piece's."""


class Remote(Protocol):
    """A tree of files somewhere; their places in it are paths with slashes.

    What cannot be reached raises OSError, or what the library of its kind of place raises.
    """

    def sizes(self, place: str) -> dict[str, int | None]:
        """Bytes of the file at that place, or of each below the folder there, by their places.

        Empty where nothing is there; None for a file whose size is not told.
        """
        ...

    def copy(self, file: str, to: Path, begun: Begun) -> None:
        """Write the file there. Raises OSError where it breaks off."""
        ...


def remote_at(place: str) -> Remote:
    """The folder at that path, or what a URL names. Raises InputError for what nothing here can open."""
    if place.startswith(("http://", "https://")):
        return Web(place)
    from fsspec.core import url_to_fs

    try:
        return Files(*url_to_fs(place))
    except (ImportError, ValueError) as error:
        raise InputError(
            f"{place}: cannot be opened here: {error}; give a folder, or a URL such as https:// or s3://"
        ) from None


class Web:
    """Files of a web server, which need not list its folders."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def __str__(self) -> str:
        return self._url

    def sizes(self, place: str) -> dict[str, int | None]:
        """The size of that file, if the server has it; of a folder nothing."""
        try:
            with self._answer(place, "HEAD") as answer:
                return {} if answer.url.endswith("/") else {place: _length(answer)}  # a page that lists files
        except urllib.error.HTTPError as refused:
            if refused.code in (403, 404, 410):  # object stores forbid what is not there
                return {}
            raise

    def copy(self, file: str, to: Path, begun: Begun) -> None:
        """Write the file there."""
        try:
            with self._answer(file, "GET") as answer:
                wanted = _length(answer)
                size = _written(answer, to, begun(file, wanted))
        except http.client.HTTPException as error:
            raise OSError(f"{self._url}/{file}: {type(error).__name__} {error}") from error
        if wanted not in (None, size):
            raise OSError(f"{self._url}/{file}: ended after {size} of {wanted} bytes")

    def _answer(self, file: str, method: str) -> AbstractContextManager[Any]:
        request = urllib.request.Request(f"{self._url}/{quote(file)}", method=method)
        answer: AbstractContextManager[Any] = urllib.request.urlopen(request, timeout=SILENCE_SECONDS)
        return answer


def _length(answer: Any) -> int | None:
    told = answer.headers["Content-Length"]
    return None if told is None else int(told)


class Files:
    """Files of a file system of fsspec, below a folder of it."""

    def __init__(self, files: Any, root: str) -> None:
        self._files = files
        self._root = root.rstrip("/")

    def __str__(self) -> str:
        return self._root

    def sizes(self, place: str) -> dict[str, int | None]:
        """The sizes of the file or of all below the folder. Raises DataError for one that leads out of it."""
        path = f"{self._root}/{place}"
        if not self._files.isdir(path):
            return {place: self._files.size(path)} if self._files.isfile(path) else {}
        found: dict[str, int | None] = {}
        for file, facts in self._files.find(path, detail=True).items():
            inside = file.removeprefix(self._root).removeprefix("/")
            if ".." in inside.split("/") or not inside.startswith(f"{place}/"):
                raise DataError(f"{file}: is not in the folder {place}")
            if facts.get("islink") and self._files.isdir(file):
                found |= self.sizes(inside)
            else:
                found[inside] = facts["size"]
        return found

    def copy(self, file: str, to: Path, begun: Begun) -> None:
        """Write the file there."""
        with self._files.open(f"{self._root}/{file}", "rb") as source:
            _written(source, to, begun(file, getattr(source, "size", None)))


def _written(source: Any, to: Path, told: Callable[[int], object]) -> int:
    """Write all of the source there, to the disk; its bytes."""
    with to.open("wb") as file:
        while piece := source.read(PIECE):
            file.write(piece)
            told(len(piece))
        file.flush()
        os.fsync(file.fileno())
        return file.tell()
