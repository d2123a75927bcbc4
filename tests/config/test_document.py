from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gst.config.document import load_document, parse_document, parse_value
from gst.errors import ConfigError

HERE = Path("s.yaml")


def refusal_of(text):
    with pytest.raises(ConfigError) as caught:
        parse_document(text, HERE)
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001), ("1E3", 1000.0), (".5", 0.5), ("5.", 5.0), ("-2.5e+1", -25.0),
        ("10", 10), ("+3", 3), ("-3", -3), ("010", 10),
        ("true", True), ("False", False), ("yes", "yes"), ("on", "on"), ("null", None), ("~", None), ("", None),
        ("2024-01-01", "2024-01-01"), ("1:30", "1:30"), ("1_000", "1_000"), ("0x10", "0x10"), (".inf", ".inf"),
        ("=", "="), ("'5'", "5"), ("[3, 4]", [3, 4]), ("{a: {b: 1}}", {"a": {"b": 1}}), ("!!str 5", "5"),
        ("!!float 5", 5.0),
    ],
)  # fmt: skip
def test_plain_values(text, value):
    found = parse_value(text)
    assert found == value
    assert type(found) is type(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_that_python_writes_is_read_back(number):
    assert parse_value(repr(number)) == number


@given(st.integers())
def test_every_whole_number_is_read_back(number):
    found = parse_value(str(number))
    assert found == number
    assert type(found) is int


def test_lines_of_keys():
    text = "a: 1\n\n# a comment\nb:\n  c.d: 2\n  e:\n    - 1\n    - {f: 3}\n"
    document = parse_document(text, HERE)
    assert document.values == {"a": 1, "b": {"c.d": 2, "e": [1, {"f": 3}]}}
    assert document.lines == {("a",): 1, ("b",): 4, ("b", "c.d"): 5, ("b", "e"): 6, ("b", "e", 1, "f"): 8}
    assert document.line(("b", "e", 0)) == 6
    assert document.line(("b", "x", "y")) == 4
    assert document.line(("x",)) == 1
    assert document.line(()) == 1


def test_an_error_names_file_line_and_key():
    document = parse_document("a: 1\nb: {c: 2}\n", HERE)
    assert str(document.error(("b", "c"), "is wrong")) == "s.yaml:2: b.c: is wrong"
    assert str(document.error((), "is wrong")) == "s.yaml:1: is wrong"


def test_merged_mappings():
    text = "a: &a {x: 1, y: 2}\nb: &b\n  <<: *a\n  y: 3\nc: *b\nd: {<<: *b, x: 4}\n"
    document = parse_document(text, HERE)
    assert document.values["b"] == document.values["c"] == {"x": 1, "y": 3}
    assert document.values["d"] == {"x": 4, "y": 3}
    assert document.line(("b", "y")) == 4
    assert document.line(("b", "x")) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", "s.yaml:3: a: given twice"),
        ("a:\n  b: 1\n  'b': 2\n", "s.yaml:3: a.b: given twice"),
        ("a:\n  - {b: 1, b: 2}\n", "s.yaml:2: a.0.b: given twice"),
        ("a: 1\n? [b, c]\n: 2\n", "s.yaml:2: a key must be a plain name"),
        ("", "s.yaml: expected a mapping of keys such as title, base and arms"),
        ("- a\n- b\n", "s.yaml: expected a mapping of keys such as title, base and arms"),
        ("just text", "s.yaml: expected a mapping of keys such as title, base and arms"),
        ("a: 1\nb: !!python/object/apply:os.system [ls]\n",
         "s.yaml:2: tag tag:yaml.org,2002:python/object/apply:os.system is not allowed, plain values only"),
        ("a: !!python/name:os.system\n",
         "s.yaml:1: tag tag:yaml.org,2002:python/name:os.system is not allowed, plain values only"),
        ("a: !own 1\n", "s.yaml:1: tag !own is not allowed, plain values only"),
        ("a: !!binary aGk=\n", "s.yaml:1: tag tag:yaml.org,2002:binary is not allowed, plain values only"),
        ("a: !!timestamp 2024-01-01\n",
         "s.yaml:1: tag tag:yaml.org,2002:timestamp is not allowed, plain values only"),
        ("a: !!set {b, c}\n", "s.yaml:1: tag tag:yaml.org,2002:set is not allowed, plain values only"),
        ("a: 1\nb: !!int five\n", "s.yaml:2: 'five' is not of the type tag:yaml.org,2002:int"),
        ("a: !!float five\n", "s.yaml:1: 'five' is not of the type tag:yaml.org,2002:float"),
        ("a: !!bool perhaps\n", "s.yaml:1: 'perhaps' is not of the type tag:yaml.org,2002:bool"),
        ('a: "\\ud800"\n', "s.yaml:1: is not valid YAML: found invalid Unicode character escape code"),
        ("a: &a [*a]\n", "s.yaml:1: nested more than 64 levels deep, or a value that contains itself"),
        ("a: " + "[" * 5000, "s.yaml:1: nested more than 64 levels deep, or a value that contains itself"),
        ("a: 1\n---\nb: 2\n", "s.yaml:2: is not valid YAML: but found another document"),
        ("a: 1\nb: *nowhere\n", "s.yaml:2: is not valid YAML: found undefined alias 'nowhere'; a text that begins with * needs quotes"),
        ("a: 1\n b: 2\n", "s.yaml:2: is not valid YAML: mapping values are not allowed in this context; a key's colon"
             " needs a space, a text with ': ' in it quotes"),
        ("a: 1\nb: 'x\nc: 2\n\n", "s.yaml:2: is not valid YAML: found unexpected end of stream; a quote that begins here is not"
             " closed"),
        ("a: \0", "s.yaml:1: the character U+0000 is not part of a text; remove it"),
    ],
)  # fmt: skip
def test_refusals(text, message):
    assert refusal_of(text) == message


def test_a_tag_of_python_runs_nothing(tmp_path):
    witness = tmp_path / "witness"
    assert "is not allowed" in refusal_of(f"a: !!python/object/apply:os.mkdir ['{witness}']\n")
    assert not witness.exists()


def test_unreadable_files(tmp_path):
    with pytest.raises(ConfigError, match=r"none\.yaml: cannot be read: No such file or directory"):
        load_document(tmp_path / "none.yaml")
    (tmp_path / "mine.yaml").write_text("a: 1\n")
    with pytest.raises(ConfigError, match=r"mine\.yml: cannot be read: .*; did you mean 'mine\.yaml'\?$"):
        load_document(tmp_path / "mine.yml")
    with pytest.raises(ConfigError, match="cannot be read: it is a folder"):
        load_document(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("title: façade".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"latin\.yaml: is not UTF-8 text"):
        load_document(latin)


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_bytes(b"\xef\xbb\xbftitle: x\n")
    assert load_document(path).values == {"title": "x"}
