"""gst help: all commands, one of them, or what exit codes say."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from gst.cli.complete import command_names
from gst.cli.options import argument
from gst.cli.output import print_text
from gst.errors import UnknownNameError

EXIT_CODES = """\
0    done, and nothing is missing
1    a store, a place for files or gst itself failed; or a check did (doctor, data verify, db check)
2    something in the command or in a file is wrong; the message says what would work
3    not all is there: runs failed or were stopped, a claim has no runs, a figure is not drawn
4    what was asked about does not hold: gst compare, gst verify
130  stopped by Ctrl-C, SIGTERM or SIGHUP; the same command carries on
141  whoever read the output, such as head, has seen enough"""


def help_command(
    context: typer.Context,
    words: Annotated[
        list[str] | None, argument("[COMMAND]", "A command, or exit-codes.", autocompletion=command_names)
    ] = None,
) -> None:
    """Explain a command, or all exit codes: gst help exit-codes."""
    if words == ["exit-codes"]:
        print_text(EXIT_CODES)
        return
    found: Any = context.find_root()
    for word in words or ():
        known = getattr(found.command, "commands", {})
        if word not in known:
            raise UnknownNameError("command", word, [*known, *([] if found.parent else ["exit-codes"])])
        found = typer.Context(known[word], info_name=word, parent=found)
    print_text(found.command.get_help(found))
