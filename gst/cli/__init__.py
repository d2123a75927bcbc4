"""The command line: `gst`, and the group of its commands as `app`, which takes a moment to import."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from gst.cli.commands import app

__all__ = ["app", "main"]

INTERRUPTED = 130


def __getattr__(name: str) -> Any:
    """The group of commands, on first use."""
    if name != "app":
        raise AttributeError(f"module 'gst.cli' has no attribute {name!r}")
    from gst.cli.commands import app

    return app


def main() -> NoReturn:
    """The entry point of the command `gst`."""
    try:
        from gst.cli.commands import run

        code = run()
    except KeyboardInterrupt:  # during the imports, or another one, while the first ended the command
        code = INTERRUPTED
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # one more ends the program, without a traceback
    if code == INTERRUPTED:
        sys.stderr.write("gst: interrupted\n")
    sys.exit(code)
