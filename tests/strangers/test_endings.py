"""How failures are told: the exception's type and the first line of what it says."""

import traceback

import pytest
from sqlalchemy.exc import OperationalError

from gst.words import exception_line


def trace_of(error: Exception) -> str:
    try:
        raise error
    except Exception:
        return traceback.format_exc()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            trace_of(OperationalError("SELECT 1", {}, Exception("the server\nis gone"))),
            "sqlalchemy.exc.OperationalError: (builtins.Exception) the server",
        ),
        (trace_of(ValueError("one\n  two\nthree")), "ValueError: one"),
        (trace_of(KeyError("x")), "KeyError: 'x'"),
        ("RuntimeError: broken", "RuntimeError: broken"),
        ("Traceback\nRuntimeError: broken", "RuntimeError: broken"),
        ("", ""),
    ],
)
def test_the_reason_of_a_failure_is_its_type_and_first_line(text, line):
    assert exception_line(text) == line


def test_of_a_chain_of_exceptions_the_last_one_is_told():
    try:
        try:
            raise KeyError("first")
        except KeyError as error:
            raise ValueError("second\nand more") from error
    except ValueError:
        assert exception_line(traceback.format_exc()) == "ValueError: second"
