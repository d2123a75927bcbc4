"""gst schema: the language of sweep files, for editors and for people."""

from __future__ import annotations

import sys
import textwrap
from typing import TYPE_CHECKING, Annotated

from gst.cli.options import Form, argument, choice
from gst.cli.output import print_rows, print_text, width_up_to
from gst.errors import InputError

if TYPE_CHECKING:
    from gst.config.reference import Key


def schema(
    below: Annotated[
        str | None, argument("KEY", "In words, that key and those inside it, as pruning or lr.")
    ] = None,
    keys: Annotated[bool, choice("In words, every key.", "--keys")] = False,
    form: Form = "table",
) -> None:
    """Print the form of sweep files as JSON Schema, or keys in words.

    `gst schema > gst.schema.json` writes a file by which editors complete and check sweep files; the first
    line of a sweep file names it: # yaml-language-server: $schema=gst.schema.json
    """
    if not keys and below is None:
        from gst.config.page import schema_text

        sys.stdout.write(schema_text())  # lines as they are: a broken one would be no JSON
        return
    found = _keys_below(below)
    if form == "table":
        print_text("\n".join(map(_told, found)))
    else:
        print_rows(("key", "of", "type", "default", "about"), found, form)


def _keys_below(prefix: str | None) -> list[Key]:
    """The keys at and inside that one, or called so elsewhere; all of them without one."""
    from gst.config.keys import meant
    from gst.config.reference import all_keys

    every = list(all_keys())
    if prefix is None:
        return every
    inside = [key for key in every if f"{key.key}.".startswith(f"{prefix}.")]
    found = inside or [key for key in every if key.key.endswith(f".{prefix}")]
    if not found:
        names = [key.key for key in every]
        raise InputError(f"no key {prefix!r}; {meant([prefix], names, names)}`gst schema --keys` lists all")
    return found


def _told(key: Key) -> str:
    of = f" of {key.of}" if key.of else ""
    default = f", default {key.default}" if key.default not in ("", "required") else ""
    need = ", required" if key.default == "required" else default
    width = width_up_to(100)
    head = textwrap.fill(f"{key.key}{of}: {key.type}{need}", width, subsequent_indent="  ")
    return f"{head}\n{textwrap.indent(textwrap.fill(key.about, width - 4), '    ')}"
