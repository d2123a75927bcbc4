"""The mistakes and refusals that gst reports, as one small tree.

GstError                  anything that gst itself raises on purpose; exit code 1
├── InputError            something the user gave is wrong; one message, no traceback; exit code 2
│   ├── ConfigError       a sweep file, a key or a value in it
│   ├── UnknownNameError  a name that does not exist, with the nearest one that does
│   ├── DataError         a data set that is missing, truncated or of the wrong shape
│   │   ├── NoData        a data set that is not there
│   │   └── OtherData     a data set that is not the one that runs were trained on before
│   └── StoreError        a database that is missing, unreadable or of another schema; exit code 1 if silent
├── Incomplete            some runs did not complete; exit code 3
├── Unreachable           a place for files does not answer, which says nothing of the files
├── GpuLost               the GPU can no longer be used by this process, and can be by another one
├── Diverged              training met a loss that is not a finite number
└── Fenced                a newer attempt or driver owns what this process wanted to write
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from gst.words import listed

_LONGEST_NAME = 100
"""Characters of a name for which a nearest one is looked for."""
_LISTED = 15
"""Number of names up to which all are listed; of more, the _NEAREST are named."""
_NEAREST = 3


class GstError(Exception):
    """Anything that gst raises on purpose."""

    exit_code = 1


class InputError(GstError):
    """Something the user gave is wrong; the message says what was found and what would work."""

    exit_code = 2


class ConfigError(InputError):
    """A sweep file, or a key or value in it, is wrong."""


class UnknownNameError(InputError):
    """A name does not exist.

    >>> print(UnknownNameError("query", "fial", ["final", "tradeoff"]))
    no query 'fial'; did you mean 'final'? There are: final, tradeoff
    """

    def __init__(self, what: str, name: object, known: Iterable[str]) -> None:
        known, name = sorted(known), str(name)  # it may have been read as a number
        many = len(known) > _LISTED
        hint = suggestion(name, known, _NEAREST if many else 1)
        there = f"are {len(known)}" if many and hint else f"are: {listed(known, _LISTED) or 'none'}"
        super().__init__(f"no {what} {name!r}; {hint}{'There' if hint else 'there'} {there}")


class DataError(InputError):
    """A data set is missing, truncated or not of the expected form."""


class NoData(DataError):
    """A data set is not where it is looked for."""


class OtherData(DataError):
    """A data set is whole, and not the one that a run, or others of its sweep, were trained on."""


class StoreError(InputError):
    """A database is missing, unreadable or of another schema version."""


class Incomplete(GstError):
    """Some runs did not complete."""

    exit_code = 3


class Unreachable(GstError):
    """A place for files does not answer, or refuses access: the files may well be there."""


class GpuLost(GstError):
    """The GPU can no longer be used by this process, and can be by another one."""


class Diverged(GstError):
    """Training met a loss that is not a finite number."""


class Fenced(GstError):
    """A newer attempt or a newer driver owns the run; this process must stop writing."""


def suggestion(name: str, known: Iterable[str], most: int = 1) -> str:
    """`did you mean 'x' or 'y'? ` for so many of the nearest known names, or an empty string."""
    if len(name) > _LONGEST_NAME:  # comparing takes time with the square of the length
        return ""
    near = {it.casefold(): it for it in known if len(it) <= _LONGEST_NAME}
    found = difflib.get_close_matches(name.casefold(), near, n=most, cutoff=0.6)
    *others, last = [repr(near[it]) for it in found] or [""]
    either = f"{', '.join(others)} or {last}" if others else last
    return f"did you mean {either}? " if found else ""
