"""The parts of a configuration as their models declare them, and the keys of each part."""

from __future__ import annotations

import types
import typing
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gst.config.other_run import OtherRun


def fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by their keys, which Python need not take for names."""
    return {it.alias or name: it for name, it in model.model_fields.items()}


def members(annotation: Any) -> list[Any]:
    """The members of a union but None, or the annotation itself as the only one."""
    if typing.get_origin(annotation) is typing.Annotated:
        return members(typing.get_args(annotation)[0])
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        return [member for member in typing.get_args(annotation) if member is not type(None)]
    return [annotation]


def is_model(annotation: Any) -> TypeGuard[type[BaseModel]]:
    """Whether the annotation is a model, whose fields are keys inside its own."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def models_of(annotation: Any) -> list[type[BaseModel]]:
    """The models among the members of an annotation."""
    return [it for it in members(annotation) if is_model(it)]


def member_called(among: list[Any], tag: str) -> Any:
    """The member that pydantic calls by that tag: a model's name or its `kind`, or the form of a type."""
    for member in among:
        if is_model(member):
            kind = member.model_fields.get("kind")
            if tag == member.__name__ or (kind and tag in typing.get_args(kind.annotation)):
                return member
        elif tag.startswith("tuple[") and typing.get_origin(member) is tuple:
            return member
    return None


def keys_at(model: type[BaseModel], values: Mapping[str, Any], path: Sequence[str]) -> Collection[str] | None:
    """The keys that the part at `path` of a model may have, given the values of which it is to be made.

    None where its kind is not given or unknown; no keys where there is no such part, where it is a plain
    value, where the values say null, or do not have it and it needs another run.
    """
    part: Any = values
    for name in path:
        if name not in fields(model):
            return ()
        field, is_there = fields(model)[name], name in part
        part = part.get(name, {})
        if not isinstance(part, Mapping):
            return ()
        models: list[Any] = list(models_of(field.annotation))
        if not (is_there or field.is_required()) and any(map(_names_another, models)):
            return ()
        if len(models) > 1:
            models = [member_called(models, str(part.get("kind")))]
            if models == [None]:
                return None
        if not models:
            return ()
        (model,) = models
    return fields(model)


def paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The dotted keys of a model and of the models inside it; of a union those of each member."""
    for name, field in fields(model).items():
        yield f"{prefix}{name}"
        for inner in models_of(field.annotation):
            yield from paths(inner, f"{prefix}{name}.")


def _names_another(model: type[BaseModel]) -> bool:
    """Whether it says nothing without another run."""
    needed = [
        it for field in fields(model).values() if field.is_required() for it in members(field.annotation)
    ]
    return OtherRun in needed or any(_names_another(it) for it in needed if is_model(it))
