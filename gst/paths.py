"""Where things lie: the project's own folders, data sets, artifacts, the default store; strangers' files."""

from __future__ import annotations

import os
import re
import stat
from io import BufferedReader
from pathlib import Path
from typing import Literal

import platformdirs

LONGEST_STEM = 150
"""Characters of the name of a sweep; files of figures have more words after it."""
ProjectFolder = Literal["sweeps", "db", "dashboards"]

LOCAL_SCHEMES = ("file://", "local://")
_SQLITE = re.compile(r"(sqlite(?:\+pysqlite)?:///)(?!:memory:|file:)(.+)", re.DOTALL)
NO_URL = re.compile(
    r":memory:|sqlite\w*(\+\w+)?:(?!//)|postgres\w*(\+\w+)?(:(?!//)|//|/.*@)"
    r"|(?!.*://)((host|user|port|dbname)\w*\s*=|.*\bpassword\s*=)",
    re.DOTALL | re.IGNORECASE,
)
"""Beginnings that are meant as an address of a database, and would be taken for a path."""


def project_folder(name: ProjectFolder) -> Path:
    """The folder of that name: inside the package in an installed wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parent
    for folder in (package / "_project" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise AssertionError(f"the installation lacks its folder {name!r}")


def data_folder() -> Path:
    """Where data sets are looked for and cached: GST_DATA_DIR, else the user's cache folder.

    The path is absolute: processes that work in other folders are given it.
    """
    given = os.environ.get("GST_DATA_DIR")
    return _absolute(given) if given else user_cache_folder() / "data"


def user_cache_folder() -> Path:
    """The user's cache folder, or `gst-cache` in the working folder for one without a home."""
    try:
        folder = Path(platformdirs.user_cache_dir("gst"))
    except RuntimeError:
        return Path.cwd() / "gst-cache"
    return folder if folder.is_absolute() else Path.cwd() / "gst-cache"  # older platformdirs leave the ~


def artifact_folder(otherwise: str | None = None) -> Path | str:
    """Where checkpoints are kept: GST_ARTIFACT_DIR, else that place, else `gst-artifacts` where we are.

    A folder is an absolute path; what has a scheme, such as s3://bucket/folder, is a URL and stays a text.
    """
    return place_of_files(os.environ.get("GST_ARTIFACT_DIR") or otherwise or "gst-artifacts")


def place_of_files(given: str | Path) -> Path | str:
    """The absolute path of a folder, also of one given as file://, or the URL of an object store as it is."""
    text = str(given)
    for scheme in LOCAL_SCHEMES:
        if text.startswith(scheme):
            return Path(text.removeprefix(scheme)).absolute()
    return text if "://" in text else _absolute(text)


def store_url(given: str | None = None) -> str:
    """The store to use: the one given, else GST_DB_URL, else `gst.db` in the working folder.

    A plain path is read as an SQLite file, and the path of one is absolute: processes that work in other
    folders are given the URL. A path may have any characters, even a question mark. What is meant as an
    address and is none stays as it is, for the store to refuse.
    """
    chosen = given or os.environ.get("GST_DB_URL") or "gst.db"
    if file := _SQLITE.fullmatch(chosen):
        return f"{file[1]}{Path(file[2]).absolute()}"
    return chosen if "://" in chosen or NO_URL.match(chosen) else f"sqlite:///{_absolute(chosen)}"


def _absolute(given: str) -> Path:
    """The absolute path; the ~ of a user who is not known, or has no home, stays as in a shell."""
    return Path(os.path.expanduser(given)).absolute()


def is_file_stem(name: str) -> bool:
    """Whether a file of that name, with some ending, lies in the folder that it is put in, everywhere."""
    unsafe = set('/\\:*?"<>|') & set(name)
    return 0 < len(name) <= LONGEST_STEM and not unsafe and name.strip(" .") == name and name.isprintable()


def open_regular(path: Path) -> BufferedReader:
    """The file, opened for reading. Raises OSError for what is none: a pipe or a device might never end."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe would wait for a writer
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
            raise OSError(0, f"it is {kind}, expected a file", str(path))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_regular(path: Path, most: int) -> bytes:
    """The content of that file. Raises OSError for what is none, and for one of more than `most` bytes."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(min(size, most) + 1)  # to make room for `most` bytes takes longer than most reads
        if size < len(content) <= most:  # it grows, or is of the kernel's files, which have no size
            content += file.read(most + 1 - len(content))
    if len(content) > most:
        raise OSError(0, f"it is too large, expected at most {most:,} bytes", str(path))
    return content
