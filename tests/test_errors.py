from __future__ import annotations

import re

import pytest

from gst import errors
from gst.errors import ConfigError, GstError, UnknownNameError, suggestion


def every_kind(of=GstError):
    yield of
    for child in of.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from every_kind(child)


def test_the_docstring_draws_the_tree_as_it_is():
    drawn = {}
    parents = []
    for indent, name in re.findall(r"^([│├└─ ]*)(\w+) {2,}", errors.__doc__, re.MULTILINE):
        depth = len(indent) // 4
        parents[depth:] = [name]
        drawn[name] = parents[depth - 1] if depth else "Exception"
    assert drawn == {kind.__name__: kind.__base__.__name__ for kind in every_kind()}


@pytest.mark.parametrize("kind", list(every_kind()), ids=lambda kind: kind.__name__)
def test_exit_codes(kind):
    wanted = 2 if issubclass(kind, errors.InputError) else 3 if kind is errors.Incomplete else 1
    assert kind.exit_code == wanted


def test_an_unknown_name_is_answered_with_the_nearest_and_with_all():
    error = UnknownNameError("query", "fial", ["tradeoff", "final"])
    assert str(error) == "no query 'fial'; did you mean 'final'? There are: final, tradeoff"


def test_an_unknown_name_that_is_near_nothing():
    assert str(UnknownNameError("arm", "xyz", ["final"])) == "no arm 'xyz'; there are: final"
    assert str(UnknownNameError("arm", "xyz", [])) == "no arm 'xyz'; there are: none"


def test_suggestion_is_of_the_nearest_name_only():
    assert suggestion("epoch", ["epochs", "every", "end"]) == "did you mean 'epochs'? "
    assert suggestion("epoch", ["kind"]) == ""


def test_input_errors_are_caught_as_one():
    with pytest.raises(errors.InputError):
        raise ConfigError("anything")
