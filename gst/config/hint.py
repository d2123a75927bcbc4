"""What was probably meant by a value that is not of the type that its key wants."""

from __future__ import annotations

import re
import typing
from typing import Any

from pydantic_core import ErrorDetails

from gst.config.structure import models_of
from gst.errors import suggestion

LEAST_PERCENTAGE = 3
"""The smallest number that is taken for a percentage where a share is expected."""
_PERCENTAGE = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?%")
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def hint(details: ErrorDetails, choices: list[str], wanted: Any) -> str:
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
