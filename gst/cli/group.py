"""The group of all commands: it turns what gst raises on purpose into a message and an exit code."""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from gst.cli import INTERRUPTED
from gst.cli.output import note
from gst.errors import GstError, InputError, suggestion

NOT_OURS = {
    errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EEXIST,
    errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EMFILE, errno.ENFILE, errno.ENAMETOOLONG,
}  # fmt: skip
"""Errors of files that no program can do anything about."""
_CHOICE = re.compile("'(.*?)' is not one of (.*)[.]")


class Group(TyperGroup):
    """Commands whose deliberate errors are one message on standard error, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except typer.BadParameter as error:
            error.message = _plain(error.message)
            raise
        except Exception as error:
            if (found := refusal(error)) is None:
                raise
            words, code = found
            note(f"gst: {words}")
            raise typer.Exit(code) from None


def _plain(message: str) -> str:
    """Typer's complaint of a value without pydantic's words, and with the nearest value that there is."""
    message = message.removeprefix("Value error, ").replace("Input should be", "expected")
    if found := _CHOICE.fullmatch(message):
        near = suggestion(found[1], re.findall("'([^']*)'", found[2])).rstrip()
        return f"{message[:-1]}; {near}" if near else message
    return message


def refusal(error: Exception) -> tuple[str, int] | None:
    """What to say of an error, and its exit code; None for one that may be a fault of gst."""
    store = sys.modules.get("gst.store")  # where it was not imported, it is not to blame
    fault = store and store.fault(error)
    match error:
        case GstError():  # a server that does not answer is no mistake of the command
            return str(error), GstError.exit_code if fault == "transient" else error.exit_code
        case UnicodeEncodeError():
            return f"{error.object[:80]!r}: is not text in UTF-8", InputError.exit_code
        case OSError():
            words = _outside(error)
            return None if words is None else (words, InputError.exit_code)
    if store is None or fault not in ("transient", "permanent"):
        return None
    return store.complaint(error), GstError.exit_code


def _outside(error: OSError) -> str | None:
    """What is wrong with a file, a disk or the working folder; None for what may be wrong with gst."""
    try:
        os.getcwd()
    except OSError as lost:
        return f"the working folder cannot be used: {lost.strerror}; go to another (cd) and try again"
    if error.errno not in NOT_OURS:
        return None
    return f"{str(error.filename)[:200]}: {error.strerror}" if error.filename else error.strerror
