"""A sweep file that extends another one: the other's values, under its own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gst.config.document import Document, KeyPath, load_document
from gst.config.expand import Part, Values, lay_over, refuse_two_spellings, replaces
from gst.config.problem import shown
from gst.errors import ConfigError

WITH_OWN_FORM = ("grid", "zip", "seeds")
"""Keys of an arm that are no part of its configuration."""
MOST_FILES = 20
"""Files of a chain in which each extends the next."""


def extended(document: Document) -> Document:
    """The document with the values of the one that it `extends`, where it does not say otherwise.

    Mappings are merged key by key, unless they name a `kind`; lists and `seeds` are replaced. A path is
    relative to the file that has it.
    Raises ConfigError for a file that is not there, for one that extends itself by way of others, and
    for more than MOST_FILES.
    """
    return _extended(document, (document.path.resolve(),))


def _extended(document: Document, chain: tuple[Path, ...]) -> Document:
    if "extends" not in document.values:
        return document
    given = document.values["extends"]
    if not isinstance(given, str) or not given:
        raise document.error(("extends",), f"expected the path of a sweep file, found {shown(given)}")
    if len(chain) >= MOST_FILES:
        message = (
            f"expected a chain of at most {MOST_FILES} files, each of which extends the next, found more"
        )
        raise document.error(("extends",), message)
    path = document.path.parent / given
    if path.resolve() in chain:
        raise document.error(("extends",), f"{given} extends {document.path} in its turn")
    try:
        other = load_document(path)
    except ConfigError as error:
        raise document.error(("extends",), str(error)) from None
    return _over(_extended(other, (*chain, path.resolve())), document)


def _over(other: Document, document: Document) -> Document:
    """The document's values over the other's, with the lines and files of both."""
    below, above = _nested(other), _nested(document)
    new = {key: value for key, value in above.values.items() if key != "extends"}
    taken: set[KeyPath] = set()
    values = _merged(below.values, new, (), taken)
    from_other = {
        place for place in below.lines if any(place[:length] in taken for length in range(1, len(place) + 1))
    }
    return Document(
        document.path,
        f"{document.text.rstrip()}\n--- # {other.path.name}\n{other.text}",
        values,
        {place: below.lines[place] for place in from_other} | above.lines,
        {place: below.files.get(place, other.path) for place in from_other - above.lines.keys()},
    )


def _merged(old: Mapping[str, Any], new: Mapping[str, Any], at: KeyPath, taken: set[KeyPath]) -> Values:
    """The new values over the old ones; the places of those that are taken from the old ones are noted."""
    values: Values = Part() if isinstance(old, Part) else {}
    for name, value in old.items():
        place = (*at, name)
        if name not in new:
            values[name] = value
            taken.add(place)
        elif _are_merged(value, new[name], place):
            values[name] = _merged(value, new[name], place, taken)
        else:
            values[name] = new[name]
    values.update((name, value) for name, value in new.items() if name not in old)
    return values


def _are_merged(old: object, new: object, place: KeyPath) -> bool:
    return isinstance(old, dict) and isinstance(new, dict) and not replaces(new) and place[-1] != "seeds"


def _nested(document: Document) -> Document:
    """The document with one part of a key to a level in base and arms, so that a key has one spelling."""
    values = dict(document.values)
    if isinstance(base := values.get("base"), dict):
        values["base"] = _one_spelling(document, ("base",), base)
    if isinstance(arms := values.get("arms"), dict):
        values["arms"] = {
            arm: _one_spelling(document, ("arms", arm), own) if isinstance(own, dict) else own
            for arm, own in arms.items()
        }
    lines = {_split(place): line for place, line in document.lines.items()}
    return document._replace(values=values, lines=lines)


def _one_spelling(document: Document, place: KeyPath, values: Values) -> Values:
    configuration = {key: value for key, value in values.items() if key not in WITH_OWN_FORM}
    refuse_two_spellings(document, place, configuration)
    nested = Part()
    lay_over(nested, configuration)
    nested.update((key, values[key]) for key in WITH_OWN_FORM if key in values)
    return nested


def _split(place: KeyPath) -> KeyPath:
    fixed = {"base": 1, "arms": 2}.get(str(place[0]), len(place)) if place else 0
    if place[fixed : fixed + 1] and place[fixed] in WITH_OWN_FORM:
        return place
    parts: Iterator[Sequence[str | int]] = (
        it.split(".") if isinstance(it, str) else (it,) for it in place[fixed:]
    )
    return (*place[:fixed], *itertools.chain.from_iterable(parts))
