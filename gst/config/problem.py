"""Pydantic's complaints, in the words of a sweep file: the dotted key, what was found, what would work."""

from __future__ import annotations

import json
import re
import typing
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gst.config.base import Misfit
from gst.config.document import KeyPath
from gst.config.structure import fields, is_model, member_called, members, models_of
from gst.errors import suggestion

_WORDS = {
    "a valid array": "a list",
    "a valid list": "a list",
    "a valid dictionary": "a mapping",
    "an object": "a mapping",
    "a valid boolean": "true or false",
    "a valid integer": "a whole number",
    "a valid number": "a number",
    "a valid string": "a text",
}
LONGEST = 200
"""Characters of a value that a message has at most."""
MOST_LISTED = 20
"""Number of choices that are listed."""
LEAST_PERCENTAGE = 3
"""The smallest number that is taken for a percentage where a share is expected."""
_PERCENTAGE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_MISSING = "is required, and missing"
_UNKNOWN = "unknown key; "


class Problem(NamedTuple):
    """The fault of the value at a key."""

    key: KeyPath
    message: str

    @property
    def is_missing(self) -> bool:
        """Whether the key is not there, and must be."""
        return self.message == _MISSING

    @property
    def is_unknown(self) -> bool:
        """Whether nothing can be at that key."""
        return self.message.startswith(_UNKNOWN)


Meant = Callable[[KeyPath, Sequence[str]], str]
"""The suggestion for an unknown key, given its valid siblings: `did you mean 'x'? `, or nothing."""


def _sibling(key: KeyPath, siblings: Sequence[str]) -> str:
    return suggestion(str(key[-1]), siblings)


def explained(error: ValidationError, model: type[BaseModel], meant: Meant = _sibling) -> tuple[Problem, ...]:
    """One problem for each wrong key, in the order in which pydantic met them."""
    found: dict[KeyPath, list[str]] = {}
    for details in error.errors(include_url=False):
        key, owner, wanted = _locate(details["loc"], model)
        if details["type"] == "union_tag_invalid":
            key = (*key, "kind")
        if isinstance(fault := details.get("ctx", {}).get("error"), Misfit):
            key = (*key, *fault.key.split("."))
        messages = found.setdefault(key, [])
        message = _message(details, sorted(fields(owner)) if owner else [], partial(meant, key), wanted)
        if message not in messages:
            messages.append(message)
    problems = [Problem(key, _joined(found[key])) for key in found if not _has_deeper(key, found)]
    return tuple(it for it in problems if not _is_misspelt(it, problems))


def faults(model: type[BaseModel], values: dict[str, Any]) -> str:
    """The keys at which these values do not fit the model, in a line; empty where they do."""
    try:
        model.model_validate(values)
    except ValidationError as error:
        return in_a_line(error, model)
    return ""


def in_a_line(error: ValidationError, model: type[BaseModel]) -> str:
    """Each key at which values do not fit the model, and why, as `most: expected ...; first: ...`."""
    return "; ".join(f"{'.'.join(map(str, key))}: {message}" for key, message in explained(error, model))


def shown(value: object) -> str:
    """The value as a sweep file would spell it, its beginning if it is long."""
    text = json.dumps(value, default=repr) if not isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _has_deeper(key: KeyPath, others: typing.Iterable[KeyPath]) -> bool:
    """Whether another complaint lies inside this value: a union's other members complain of the whole."""
    return any(len(other) > len(key) and other[: len(key)] == key for other in others)


def _is_misspelt(problem: Problem, others: list[Problem]) -> bool:
    """Whether a missing key is there under a name that another complaint already takes for it."""
    *parent, name = problem.key or ("",)
    names = (name, ".".join(map(str, problem.key)))
    return problem.is_missing and any(
        list(other.key[:-1]) == parent and any(f"did you mean {it!r}?" in other.message for it in names)
        for other in others
    )


def _joined(messages: list[str]) -> str:
    """The complaints of a union's members as one: `expected A or B, found x`."""
    heads = [message.rpartition(", found ") for message in messages]
    if len(messages) > 1 and all(head.startswith("expected ") for head, _, _ in heads):
        wanted = " or ".join(dict.fromkeys(head.removeprefix("expected ") for head, _, _ in heads))
        return f"expected {wanted}, found {heads[0][2]}"
    return "; ".join(messages)


def _message(
    details: ErrorDetails, known: Sequence[str], meant: Callable[[Sequence[str]], str], wanted: Any
) -> str:
    """What is wrong, where the keys are known that may stand there, and the annotation of what is wanted."""
    kind, value = details["type"], details["input"]
    if kind == "extra_forbidden":
        return f"{_UNKNOWN}{meant(known)}valid keys here: {', '.join(known)}"
    if kind == "missing":
        return _MISSING
    if kind == "union_tag_not_found":
        return "says no `kind`; give one, such as none, filters or weights"
    if kind == "union_tag_invalid":
        given, names = str(details["ctx"]["tag"]), _choices(details["ctx"]["expected_tags"])
        return f"unknown kind {given!r}; {suggestion(given, names)}there are: {', '.join(names)}"
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind == "too_short":
        return f"expected {details['ctx']['min_length']} or more, found {shown(value)}"
    expected = details["msg"].removeprefix("Input should be ").partition(", unable to parse")[0]
    expected = _WORDS.get(expected, expected)
    choices = _choices(expected) if kind == "literal_error" else []
    near = _hint(details, choices, wanted)
    if len(choices) > MOST_LISTED:
        expected = f"one of {len(choices)} names"
    return f"expected {expected}, found {shown(value)}{f'; {near}' if near else ''}"


def _hint(details: ErrorDetails, choices: list[str], wanted: Any) -> str:
    """`a share of 1: 0.5?` and the like, for a value where `wanted` is annotated; empty without any."""
    value, context = details["input"], details.get("ctx", {})
    is_share = 1 in (context.get("le"), context.get("lt"))
    if choices:
        return suggestion(str(value), choices).rstrip()
    if is_share and LEAST_PERCENTAGE <= value <= 100:
        return f"a share of 1: {value / 100:g}?"
    if isinstance(value, str) or value is None:
        return _of_text(details["type"], "none" if value is None else value, wanted)
    return ""


def _of_text(kind: str, value: str, wanted: Any) -> str:
    number = kind in ("int_type", "float_type")
    if number and (percentage := _PERCENTAGE.fullmatch(value)):
        return f"a share of 1: {float(percentage[1]) / 100:g}?"
    if number and _NUMBER.fullmatch(value):
        return f"without quotes: {value}?"
    if kind == "tuple_type" and value != "none":
        return f"[{value}]?"
    if kind in ("model_type", "dict_type"):
        return next((f"{{{name}: {value}}}?" for name in _naming(wanted, value)), "")
    return ""


def _naming(wanted: Any, value: str) -> list[str]:
    """The fields of the wanted models, such as `name`, of which that value is a choice."""
    return [
        name
        for model in models_of(wanted)
        for name, field in model.model_fields.items()
        if typing.get_origin(field.annotation) is typing.Literal
        and value in typing.get_args(field.annotation)
    ]


def _choices(listed: str) -> list[str]:
    return [part.strip(" '") for part in listed.replace(" or ", ", ").split(",")]


def _locate(
    location: tuple[int | str, ...], model: type[BaseModel]
) -> tuple[KeyPath, type[BaseModel] | None, Any]:
    """The key as the user wrote it, without union members; the model that owns it; its annotation."""
    key: list[str | int] = []
    owner: type[BaseModel] | None = None
    here: Any = model
    for part in location:
        of_union = members(here)
        if len(of_union) > 1:
            here = member_called(of_union, str(part))
            continue
        key.append(part)
        (here,) = of_union
        if is_model(here):
            owner = here
            field = fields(here).get(str(part))
            here = field.annotation if field else None
        else:  # a tuple's or a mapping's values
            arguments = typing.get_args(here)
            here = arguments[-1 if isinstance(part, str) else 0] if arguments else None
    return tuple(key), owner, here
