"""Every key of a sweep file with its type, default and meaning, read from the models that check the file."""

from __future__ import annotations

import ast
import inspect
import itertools
import json
import textwrap
import typing
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import BaseModel, TypeAdapter

from gst.config.base import MOST_EPOCHS
from gst.config.design import Design
from gst.config.file import SweepFile
from gst.config.problem import MOST_LISTED
from gst.config.run import RunConfig
from gst.config.seeds import SeedRange
from gst.config.structure import fields, is_model, members, models_of

Fragment = dict[str, Any]
"""A piece of JSON Schema."""


class Key(NamedTuple):
    """A key of a sweep file; those of a run stand in its base, its arms and its grids."""

    key: str
    of: str  # the kinds that have it, where not all do
    type: str
    default: str
    about: str


def all_keys() -> tuple[Key, ...]:
    """The keys of the file, then those of a run."""
    seeds = (*_keys(SeedRange, "seeds."), *_keys(Design, "seeds."))
    return (*_keys(SweepFile), *seeds, *_of_each_kind(_keys(RunConfig)))


def kinds_of(model: type[BaseModel]) -> tuple[str, ...]:
    """The kinds that a model stands for; none for one that is no variant."""
    kind = model.model_fields.get("kind")
    return typing.get_args(kind.annotation) if kind else ()


def abouts(model: type[BaseModel]) -> Mapping[str, str]:
    """The text under each field of a model, or else what the model says that the field holds."""
    found: dict[str, str] = {}
    for part in reversed([it for it in model.__mro__ if is_model(it) and it is not BaseModel]):
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(part))).body
        assert isinstance(tree, ast.ClassDef)
        for field, text in itertools.pairwise(tree.body):
            match field, text:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(about))):
                    found[name] = " ".join(about.split())
    for name, info in model.model_fields.items():
        inner = models_of(info.annotation)
        if info.alias and name in found:
            found[info.alias] = found.pop(name)
        name = info.alias or name
        if name not in found and (name == "kind" or len(inner) == 1):
            found[name] = inspect.getdoc(model if name == "kind" else inner[0]) or ""
    return found


def fragments(model: type[BaseModel]) -> dict[str, Fragment]:
    """The JSON Schema of each field of a model, with its description; models are under `definitions`."""
    schema = TypeAdapter(model).json_schema(ref_template="#/definitions/{model}")
    about = abouts(model)
    return {
        name: {key: value for key, value in it.items() if key != "title" and not _says_nothing(key, value)}
        | {"description": about.get(name, "")}
        for name, it in schema["properties"].items()
    }


def _says_nothing(key: str, value: object) -> bool:
    """Whether it is the default of what may be left out without a word."""
    return key == "default" and (value in (None, "", [], {}) or isinstance(value, dict))


def _keys(model: type[BaseModel], prefix: str = "", of: Sequence[str] = ()) -> Iterator[Key]:
    schema = fragments(model)
    for name, field in fields(model).items():
        inner = models_of(field.annotation)
        is_mapping = inner and len(inner) == len(members(field.annotation))
        words = "mapping" if is_mapping else in_words(schema[name])
        yield Key(f"{prefix}{name}", ", ".join(of), words, _default(field), schema[name]["description"])
        if name == "seeds":
            continue  # has its own form
        for part in inner:
            yield from _keys(part, f"{prefix}{name}.", kinds_of(part))


def _default(field: Any) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True)
    if value in (None, "", (), {}) or isinstance(value, BaseModel):
        return ""
    return json.dumps(value)


def _of_each_kind(keys: Iterator[Key]) -> list[Key]:
    """The keys with those that several kinds have alike as one."""
    joined: dict[Key, list[str]] = {}
    for key in keys:
        joined.setdefault(key._replace(of=""), []).append(key.of)
    return [key._replace(of=", ".join(filter(None, of))) for key, of in joined.items()]


FAR = MOST_EPOCHS
"""The size of a bound that nobody meets, and no reader needs."""


def in_words(schema: Fragment) -> str:
    """The values that a piece of JSON Schema allows, for people: `number from 0 to 1 or list of them`."""
    match schema:
        case {"anyOf": [*choices]}:
            words = [in_words(it) for it in choices if it.get("type") != "null"]
            if len(words) == 2 and words[1] == _list_of(words[0]):
                return f"{words[0]}, or a list"
            return " or ".join(words)
        case {"enum": [*values]} if len(values) > MOST_LISTED:
            return f"{len(values)} names"
        case {"enum": [*values]}:
            return ", ".join(map(str, values))
        case {"const": value}:
            return str(value)
        case {"type": "array", "items": items}:
            return _list_of(in_words(items)) if items else "list"
        case {"type": "integer" | "number" as kind}:
            return ("whole number" if kind == "integer" else "number") + _range(schema)
        case {"type": "boolean"}:
            return "true or false"
        case {"type": "string"}:
            return "text"
        case _:
            return "mapping"


def _list_of(words: str) -> str:
    return f"list of {words.replace('number', 'numbers').replace('text', 'texts')}"


def _range(schema: Fragment) -> str:
    bounds = (
        ("minimum", "from"),
        ("exclusiveMinimum", "above"),
        ("maximum", "to"),
        ("exclusiveMaximum", "below"),
    )
    told = ((word, schema[name]) for name, word in bounds if name in schema and abs(schema[name]) < FAR)
    return "".join(f" {word} {value:,}" for word, value in told)
