"""Pydantic's complaints, in the words of a sweep file: the dotted key, what was found, what would work."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gst.config.document import KeyPath
from gst.errors import suggestion


class Problem(NamedTuple):
    """What is wrong with the value at a key."""

    key: KeyPath
    message: str


def explained(error: ValidationError, model: type[BaseModel]) -> tuple[Problem, ...]:
    """One problem for each wrong key, in the order in which pydantic met them."""
    found: dict[KeyPath, list[str]] = {}
    for details in error.errors(include_url=False):
        key, owner = _locate(details["loc"], model)
        messages = found.setdefault(key, [])
        message = _message(details, owner)
        if message not in messages:
            messages.append(message)
    return tuple(Problem(key, _joined(messages)) for key, messages in found.items())


def _joined(messages: list[str]) -> str:
    """The complaints of a union's members as one: `expected A or B, found x`."""
    heads = [message.rpartition(", found ") for message in messages]
    if len(messages) > 1 and all(head.startswith("expected ") for head, _, _ in heads):
        wanted = " or ".join(dict.fromkeys(head.removeprefix("expected ") for head, _, _ in heads))
        return f"expected {wanted}, found {heads[0][2]}"
    return "; ".join(messages)


def _message(details: ErrorDetails, owner: type[BaseModel] | None) -> str:
    kind, value = details["type"], details["input"]
    if kind == "extra_forbidden":
        known = sorted(owner.model_fields) if owner else []
        hint = suggestion(str(details["loc"][-1]), known)
        return f"unknown key; {hint}valid keys here: {', '.join(known)}"
    if kind == "missing":
        return "is required, and missing"
    if kind in ("union_tag_not_found", "union_tag_invalid"):
        tags = details["ctx"]["expected_tags"] if "expected_tags" in details.get("ctx", {}) else ""
        given = details.get("ctx", {}).get("tag")
        names = [name.strip(" '") for name in tags.split(",")] if tags else []
        hint = suggestion(str(given), names) if given else ""
        said = f"unknown kind {given!r}; {hint}" if given else "says no `kind`; "
        return said + (f"there are: {', '.join(names)}" if names else "give one, such as none, filters or weights")
    if kind == "value_error":
        return str(details["ctx"]["error"])
    message = details["msg"].removeprefix("Input should be ")
    if kind == "literal_error":
        hint = suggestion(str(value), [part.strip(" '") for part in message.replace(" or ", ", ").split(",")])
        return f"expected {message}, found {value!r}{'; ' + hint.rstrip() if hint else ''}"
    return f"expected {message}, found {value!r}"


def _locate(location: tuple[int | str, ...], model: type[BaseModel]) -> tuple[KeyPath, type[BaseModel] | None]:
    """The key as the user wrote it, and the model that owns it: pydantic's location names union members too."""
    key: list[str | int] = []
    owner: type[BaseModel] | None = model
    choices: tuple[type[BaseModel], ...] = ()
    for part in location:
        if choices and len(choices) > 1:
            owner, choices = _tagged(choices, str(part)), ()
            continue
        if choices:
            owner, choices = choices[0], ()
        if owner is None:
            if isinstance(part, int):
                key.append(part)
            continue
        key.append(part)
        field = owner.model_fields.get(str(part))
        if field is not None:
            choices = tuple(_models(field.annotation))
            if not choices:
                owner = None
    return tuple(key), (choices[0] if len(choices) == 1 else owner)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in typing.get_args(annotation):
        yield from _models(argument)


def _tagged(choices: tuple[type[BaseModel], ...], tag: str) -> type[BaseModel] | None:
    """The union member whose `kind` may be that tag."""
    for choice in choices:
        if "kind" in choice.model_fields and tag in typing.get_args(choice.model_fields["kind"].annotation):
            return choice
    return None
