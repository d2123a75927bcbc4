from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from gst.config.base import Config
from gst.config.problem import explained, shown


class Left(Config):
    kind: Literal["left"]
    width: int


class Right(Config):
    kind: Literal["right", "upright"]
    angle: Annotated[float, Field(lt=90)]


class Range(Config):
    start: int
    stop: int = 9


class Whole(Config):
    side: Annotated[Left | Right, Field(discriminator="kind")]
    amount: int | tuple[int, ...] | Range = 1
    size: Literal["small", "large"] = "small"
    parts: tuple[Range, ...] = ()
    named: dict[str, Range | None] = Field(default_factory=dict)
    wide: bool = False


LEFT = {"kind": "left", "width": 1}


@pytest.mark.parametrize(
    ("values", "problems"),
    [
        ({}, [("side", "is required, and missing")]),
        ({"side": LEFT, "siez": 1}, [("siez", "unknown key; did you mean 'size'? "
          "valid keys here: amount, named, parts, side, size, wide")]),
        ({"side": LEFT | {"widht": 1}},
         [("side.widht", "unknown key; did you mean 'width'? valid keys here: kind, width")]),
        ({"side": {"kind": "left", "widht": 1}},
         [("side.widht", "unknown key; did you mean 'width'? valid keys here: kind, width")]),
        ({"side": {"kind": "left", "xyz": 1}},
         [("side.width", "is required, and missing"),
          ("side.xyz", "unknown key; valid keys here: kind, width")]),
        ({"side": {"width": 1}}, [("side", "says no `kind`; give one, such as none, filters or weights")]),
        ({"side": {"kind": "lift"}},
         [("side.kind", "unknown kind 'lift'; did you mean 'left'? there are: left, right, upright")]),
        ({"side": {"kind": "upright", "angle": 91}}, [("side.angle", "expected less than 90, found 91")]),
        ({"side": {"kind": "right", "angle": "4"}}, [("side.angle", "expected a number, found '4'; without quotes: 4?")]),
        ({"side": {"kind": "right", "angle": True}}, [("side.angle", "expected a number, found true")]),
        ({"side": 3}, [("side", "expected a mapping, found 3")]),
        ({"side": LEFT | {"width": True}}, [("side.width", "expected a whole number, found true")]),
        ({"side": LEFT | {"width": 1.0}}, [("side.width", "expected a whole number, found 1.0")]),
        ({"side": LEFT, "wide": 1}, [("wide", "expected true or false, found 1")]),
        ({"side": LEFT, "size": "smal"},
         [("size", "expected 'small' or 'large', found 'smal'; did you mean 'small'?")]),
        ({"side": LEFT, "size": None}, [("size", "expected 'small' or 'large', found null")]),
        ({"side": LEFT, "amount": "x"},
         [("amount", "expected a whole number or a list or a mapping, found 'x'")]),
        ({"side": LEFT, "amount": [1, "x"]}, [("amount.1", "expected a whole number, found 'x'")]),
        ({"side": LEFT, "amount": {"start": 0, "stpo": 3}},
         [("amount.stpo", "unknown key; did you mean 'stop'? valid keys here: start, stop")]),
        ({"side": LEFT, "amount": {"stop": 3}}, [("amount.start", "is required, and missing")]),
        ({"side": LEFT, "parts": [{"start": 1}, {"start": 1, "x": 1}]},
         [("parts.1.x", "unknown key; valid keys here: start, stop")]),
        ({"side": LEFT, "named": {"a": None, "b": {"start": "x"}}},
         [("named.b.start", "expected a whole number, found 'x'")]),
        ({"side": LEFT, "named": [1]}, [("named", "expected a mapping, found [1]")]),
        ({"side": {"kind": "left", "width": "a"}, "wide": 3},
         [("side.width", "expected a whole number, found 'a'"), ("wide", "expected true or false, found 3")]),
    ],
)  # fmt: skip
def test_each_wrong_key_is_named_as_it_was_written(values, problems):
    with pytest.raises(ValidationError) as caught:
        Whole.model_validate_json(json.dumps(values))
    found = [(".".join(map(str, key)), message) for key, message in explained(caught.value, Whole)]
    assert found == problems


@pytest.mark.parametrize(
    ("value", "text"), [(True, "true"), (None, "null"), ("a", "'a'"), (1.5, "1.5"), ([1, "a"], '[1, "a"]')]
)
def test_values_are_shown_as_a_file_spells_them(value, text):
    assert shown(value) == text
