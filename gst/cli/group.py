"""The group of all commands: it turns what gst raises on purpose into a message and an exit code."""

from __future__ import annotations

import errno
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from gst.cli.output import note
from gst.errors import GstError, InputError

INTERRUPTED = 130


class Group(TyperGroup):
    """Commands whose deliberate errors are one message on standard error, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command that the arguments name."""
        try:
            return super().invoke(ctx)
        except GstError as error:
            note(f"gst: {error}")
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            raise typer.Exit(INTERRUPTED) from None
        except UnicodeEncodeError as error:
            note(f"gst: {error.object[:80]!r}: is not text in UTF-8")
            raise typer.Exit(InputError.exit_code) from None
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            note(f"gst: {str(error.filename)[:80]}...: {error.strerror}")
            raise typer.Exit(InputError.exit_code) from None
        except Exception as error:
            store = sys.modules.get("gst.store")  # where it was not imported, it is not to blame
            if store is None or store.fault(error) not in ("transient", "permanent"):
                raise
            note(f"gst: {store.complaint(error)}")
            raise typer.Exit(1) from None
