"""gst logs: how attempts at a run ended, and what they said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from gst.cli.options import Db, argument, choice, opened, option
from gst.cli.output import Answer, note, print_json, print_text
from gst.cli.runs import FALLBACK, facts, indented
from gst.errors import UnknownNameError
from gst.words import short

SHOWN = ("outcome", "started", "ended", "seconds", "host", "pid", "device", "gpu", "peak_memory")


def logs(
    run: Annotated[str, argument("RUN", "The beginning of its key.")],
    attempt: Annotated[int | None, option("N", "Number of one attempt.", default="all")] = None,
    db: Db = None,
    form: Annotated[Answer, choice("For people or for programs.", "--format")] = "text",
) -> None:
    """Show how attempts at a run ended.

    With the traceback and the last lines of the log of those that failed.
    """
    with opened(db) as store:
        details = store.run(store.resolve(run))
    found = details.attempts
    if attempt is not None:
        found = tuple(each for each in found if each["attempt"] == attempt)
        if not found:
            known = [str(each["attempt"]) for each in details.attempts]
            raise UnknownNameError(f"attempt of run {short(details.key)}", str(attempt), known)
    if form == "json":
        names = ("attempt", *SHOWN, "fallback", "traceback", "log_tail")
        print_json([{name: each[name] for name in names} for each in found])
        return
    reason = details.run["reason"]
    note(f"run {details.key} is {details.run['status']}" + (f": {reason}" if reason else ""))
    if found:
        print_text("\n\n".join(section for each in found for section in _sections(each)))
    else:
        note("nobody has tried it yet")


def _sections(attempt: Mapping[str, Any]) -> Iterable[str]:
    number = attempt["attempt"]
    told = {name: attempt[name] for name in SHOWN}
    yield facts(f"attempt {number}", told | {"outcome": attempt["outcome"] or "running"})
    for column, title in (*FALLBACK, ("traceback", "traceback"), ("log_tail", "last lines of its log")):
        if attempt[column]:
            yield f"attempt {number}, {title}\n" + indented(attempt[column].rstrip())
