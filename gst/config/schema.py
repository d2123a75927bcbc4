"""JSON Schema of a sweep file, by which editors complete and check it."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel

from gst.config.design import Design, Question
from gst.config.execution import CheckpointPolicy, Resources
from gst.config.file import SweepFile
from gst.config.reference import Fragment, fragments, kinds_of
from gst.config.run import RunConfig
from gst.config.seeds import LARGEST, SeedRange
from gst.config.structure import fields, models_of

REQUIRED = ("title", "seeds", "base", "arms")
WHOLE = (SeedRange, Design, Question, Resources, CheckpointPolicy)
"""Models whose keys stand together; those of a run may be spread over base, arms and grids."""
SEED = {"type": "integer", "minimum": 0, "maximum": LARGEST}


def sweep_schema() -> Fragment:
    """The schema: keys of a run stand in base and arms, nested or dotted, and in grids with lists."""
    keys = _run_keys()
    lists = {key: {"type": "array", "minItems": 1, "items": _ref(key)} for key in keys}
    own = {"grid": _ref("grid"), "zip": _ref("grid"), "seeds": _ref("seeds")}
    forms = {
        "base": _object(_references(keys)),
        "arms": {
            "type": "object",
            "additionalProperties": _object(_references(keys) | own) | {"type": ["object", "null"]},
        },
        "resources": _ref("Resources"),
        "checkpoints": _ref("CheckpointPolicy"),
        **own,
    }
    properties = {
        name: {"description": it["description"], "allOf": [forms[name]]} if name in forms else it
        for name, it in fragments(SweepFile).items()
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A sweep of gst",
        **_object(properties),
        "if": {"required": ["extends"]},
        "else": {"required": list(REQUIRED), "properties": {"arms": {"minProperties": 1}}},
        "definitions": keys
        | {"grid": _object(lists), "seeds": _SEEDS}
        | {model.__name__: _whole(model) for model in WHOLE},
    }


_SEEDS = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "array", "items": SEED, "minItems": 1, "uniqueItems": True},
        {"$ref": "#/definitions/SeedRange"},
        {"$ref": "#/definitions/Design"},
    ]
}


def _ref(name: str) -> Fragment:
    return {"$ref": f"#/definitions/{name}"}


def _references(keys: Iterable[str]) -> dict[str, Fragment]:
    """Each key, and the definition of its value."""
    return {key: _ref(key) for key in keys}


def _object(properties: Mapping[str, Fragment]) -> Fragment:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False}


def _whole(model: type[BaseModel]) -> Fragment:
    """A model of which a file must have all required keys."""
    required = [name for name, field in fields(model).items() if field.is_required()]
    return _object(fragments(model)) | ({"required": required} if required else {})


def _run_keys() -> dict[str, Fragment]:
    """The value of each dotted key of a run; where several kinds have the key, that of any of them."""
    found: dict[str, list[Fragment]] = {}
    for key, it in _values(RunConfig):
        among = found.setdefault(key, [])
        if not any(it | {"description": other["description"]} == other for other in among):
            among.append(it)
    values = {key: its[0] if len(its) == 1 else {"anyOf": its} for key, its in found.items()}
    return {key: _with_inner(key, it, values) for key, it in values.items()}


def _with_inner(key: str, it: Fragment, keys: Iterable[str]) -> Fragment:
    """The value of a key with those inside it, where it is a mapping."""
    inside = {other.removeprefix(f"{key}."): _ref(other) for other in keys if other.startswith(f"{key}.")}
    return _object(inside) | it if inside else it


def _values(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Fragment]]:
    about = fragments(model)
    for name, field in fields(model).items():
        inner = models_of(field.annotation)
        if not inner:
            yield f"{prefix}{name}", about[name]
            continue
        form: Fragment = {"description": about[name]["description"], "type": "object"}
        if type(None) in typing.get_args(field.annotation):
            form["type"] = ["object", "null"]
        if len(inner) > 1:
            form["allOf"] = [_of_kind(it) for it in inner]
        yield f"{prefix}{name}", form
        for part in inner:
            yield from _values(part, f"{prefix}{name}.")


def _of_kind(model: type[BaseModel]) -> Fragment:
    """The rule that a mapping which names the model's kind has no keys of other kinds."""
    named = {"properties": {"kind": {"enum": list(kinds_of(model))}}, "required": ["kind"]}
    return {"if": named, "then": {"propertyNames": {"enum": list(fields(model))}}}
