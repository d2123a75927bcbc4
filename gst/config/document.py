"""A YAML file as plain values that remember on which line each key stands."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import yaml
from yaml.composer import Composer

from gst.errors import ConfigError, suggestion
from gst.paths import read_regular
from gst.words import control_character

KeyPath = tuple[str | int, ...]

MOST_BYTES = 128 * 1024
"""The size of the largest file that is read; the longest that comes with gst has half of it."""
MOST_VALUES = 20_000
"""Number of keys and values that a file may have once its aliases are expanded."""
MOST_LEVELS = 64
"""The depth to which mappings and lists may be nested."""


STANDARD_INPUT = Path("-")
"""The path that stands for standard input, which messages and a sweep's name call stdin."""


class Document(NamedTuple):
    """The values of a file, and the line (1-based) of each key path in it.

    `files` has the key paths that come from another file, which this one extends.
    """

    path: Path
    text: str
    values: dict[str, Any]
    lines: dict[KeyPath, int]
    files: Mapping[KeyPath, Path] = MappingProxyType({})

    def _nearest(self, key: KeyPath) -> KeyPath:
        """The key path, or the longest beginning of it that the file has."""
        return next((key[:length] for length in range(len(key), 0, -1) if key[:length] in self.lines), ())

    def line(self, key: KeyPath) -> int:
        """The line of a key path, or of the nearest part of it that the file has."""
        return self.lines.get(self._nearest(key), 1)

    def file(self, key: KeyPath) -> Path:
        """The file that has that key path, or the nearest part of it."""
        return self.files.get(self._nearest(key), self.path)

    def where(self, key: KeyPath) -> str:
        """The file and that line: `sweep.yaml:7`; `base.yaml:7 (extended by sweep.yaml)` of another file."""
        other = self.files.get(self._nearest(key))
        by = f" (extended by {self.path})" if other else ""
        return f"{other or self.path}:{self.line(key)}{by}"

    def error(self, key: KeyPath, message: str) -> ConfigError:
        """An error that names the file, the line and the key."""
        name = ".".join(str(part) for part in key)
        return ConfigError(f"{self.where(key)}: {name + ': ' if name else ''}{message}")


class _TooMuch(yaml.MarkedYAMLError):
    """A text that is valid and goes beyond a bound."""


class _Loader(Composer, yaml.CSafeLoader):
    """YAML 1.2's plain values: 1e-3 is a number, 010 is ten, and only true and false are booleans.

    Parsed by libyaml, in a tenth of the time; composed in Python, which stops at the first node that is
    nested too deeply.
    """

    _level = 0

    def __init__(self, stream: str) -> None:
        yaml.CSafeLoader.__init__(self, stream)
        Composer.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """The node at this place of the text."""
        if self._level > MOST_LEVELS:
            event: Any = self.peek_event()
            raise _TooMuch(problem=_TOO_DEEP, problem_mark=event.start_mark)
        self._level += 1
        node: yaml.Node | None = super().compose_node(parent, index)
        self._level -= 1
        return node


_TOO_DEEP = f"nested more than {MOST_LEVELS} levels deep, or a value that contains itself"


_TAG = "tag:yaml.org,2002:"
_PLAIN = {"map", "seq", "str", "null", "bool", "int", "float"}
_REPLACED = {_TAG + name for name in ("bool", "float", "timestamp", "int", "value")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(_TAG + _name, re.compile(rf"^(?:{_pattern})$"), list(_first))


def _decimal(loader: yaml.SafeLoader, node: yaml.Node) -> int:
    return int(node.value)


_Loader.add_constructor(_TAG + "int", _decimal)


def load_document(path: Path) -> Document:
    """The document in that file, or in standard input.

    Raises ConfigError for a file that cannot be read or is too large, is no YAML mapping, gives a key twice,
    or has characters in it that no text has.
    """
    try:
        if path == STANDARD_INPUT:
            path, content = Path("stdin"), sys.stdin.buffer.read(MOST_BYTES + 1)
            if len(content) > MOST_BYTES:
                raise ConfigError(f"{path}: it is too large, expected at most {MOST_BYTES:,} bytes")
        else:
            content = read_regular(path, MOST_BYTES)
        text = content.decode("utf-8-sig")
    except OSError as error:
        files = () if path.exists() else path.parent.glob("*.y*ml")
        near = suggestion(path.name, (it.name for it in files)).rstrip()
        raise ConfigError(f"{path}: cannot be read: {error.strerror}{near and f'; {near}'}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text: {error}") from error
    return parse_document(text, path)


def parse_value(text: str) -> Any:
    """The value that a piece of YAML stands for, such as `1e-3` or `[3, 4]`."""
    return parse_document(f"value: {text}", Path("value")).values["value"]


def parse_document(text: str, path: Path) -> Document:
    """The document with that text; `path` is only for messages."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    _refuse_lines(text, path)
    try:
        root = yaml.compose(text, _Loader)
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"{path}: expected a mapping of keys such as title, base and arms")
        _refuse_expansion(root)
        builder = _Builder(path)
        return Document(path, text, builder.mapping(root, ()), builder.lines)
    except yaml.YAMLError as error:
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        marks = [getattr(error, name, None) for name in ("problem_mark", "context_mark")]
        mark = marks[problem == _OPEN_QUOTE] or marks[0] or marks[1]
        where = f":{mark.line + 1}" if mark else ""
        said = "" if isinstance(error, _TooMuch) else "is not valid YAML: "
        meant = next((it for beginning, it in _MEANT.items() if problem.startswith(beginning)), "")
        raise ConfigError(f"{path}{where}: {said}{problem}{meant}") from error


_OPEN_QUOTE = "found unexpected end of stream"
"""What libyaml says at the end of a file in which a quote stays open; its context mark is at that quote."""
_MEANT = {
    _OPEN_QUOTE: "; a quote that begins here is not closed",
    "found character that cannot start": "; indent with spaces, not tabs",
    "mapping values are not allowed": "; a key's colon needs a space, a text with ': ' in it quotes",
    "did not find expected key": "; keys of one mapping stand below each other, at one indentation",
    "did not find expected ',' or": "; a bracket that was opened is not closed",
    "found undefined alias": "; a text that begins with * needs quotes",
}
"""What is mostly wrong where libyaml says so."""


def _refuse_lines(text: str, path: Path) -> None:
    """Refuse control characters, and `${...}`, by which other programs' files refer to values."""
    for number, line in enumerate(text.split("\n"), start=1):
        if (character := control_character(line, lines=True)) is not None:
            raise ConfigError(f"{path}:{number}: the character {character} is not part of a text; remove it")
        if found := _REFERENCE.search(line):
            raise ConfigError(
                f"{path}:{number}: {found[1]} is not filled in: write the value itself; to vary one, list "
                "its values under `grid`, as in grid: {pruning.fraction: [0.3, 0.6]}"
            )


_REFERENCE = re.compile(r"^(?:[^#]|(?<=\S)#)*?(\$\{[^}]{0,80}\}?)")


class _Extent(NamedTuple):
    """Number of values in a node, itself included and aliases expanded, and how deep they are nested."""

    values: int
    levels: int


def _refuse_expansion(root: yaml.Node) -> None:
    """Raise YAMLError for more values or levels than are allowed, in time that grows with the file alone."""
    known: dict[int, _Extent | None] = {}

    def extent(node: yaml.Node) -> _Extent:
        if id(node) not in known:
            known[id(node)] = None  # until its extent is known: an alias to it from inside never ends
            parts = [extent(child) for child in _inside(node)]
            levels = max((part.levels for part in parts), default=0)
            known[id(node)] = _Extent(1 + sum(part.values for part in parts), 1 + levels)
        found = known[id(node)]
        if found is None or found.levels > MOST_LEVELS + 1:
            raise _TooMuch(problem=_TOO_DEEP, problem_mark=node.start_mark)
        if found.values > MOST_VALUES:
            wanted = f"expected at most {MOST_VALUES:,} keys and values once aliases are expanded"
            count = f"{found.values:,}" if found.values < 1e15 else "very many"
            raise _TooMuch(problem=f"{wanted}, found {count}", problem_mark=node.start_mark)
        return found

    extent(root)


def _inside(node: yaml.Node) -> Iterable[yaml.Node]:
    match node:
        case yaml.MappingNode():
            return itertools.chain.from_iterable(node.value)
        case yaml.SequenceNode():
            return node.value  # type: ignore[no-any-return]
        case _:
            return ()


class _Builder:
    """Makes plain values of YAML nodes and notes the line of each key."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lines: dict[KeyPath, int] = {}
        self._loader = _Loader("")
        self._flat: set[int] = set()  # mappings whose `<<` is resolved: an alias brings one here again

    def value(self, node: yaml.Node, key: KeyPath) -> Any:
        if node.tag.removeprefix(_TAG) not in _PLAIN:
            raise self._error(node, f"tag {node.tag} is not allowed, plain values only")
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, key)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(child, (*key, index)) for index, child in enumerate(node.value)]
        try:
            value = self._loader.construct_object(node)
        except (ValueError, KeyError):
            raise self._error(node, f"{node.value[:80]!r} is not of the type {node.tag}") from None
        self._refuse_character(node)
        return value

    def mapping(self, node: yaml.MappingNode, key: KeyPath) -> dict[str, Any]:
        if id(node) not in self._flat:
            self._flat.add(id(node))
            self._refuse_twice(node, key)
            # `<<: *anchor`: merged keys come first, the mapping's own keys win
            self._loader.flatten_mapping(node)
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
            self._refuse_character(key_node)
            inner = (*key, key_node.value)
            self.lines[inner] = key_node.start_mark.line + 1
            built[key_node.value] = self.value(value_node, inner)
        return built

    def _refuse_twice(self, node: yaml.MappingNode, key: KeyPath) -> None:
        seen = set()
        for key_node, _ in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._error(key_node, "a key must be a plain name")
            if key_node.value in seen:
                name = ".".join(map(str, (*key, key_node.value)))
                raise self._error(key_node, f"{name}: given twice")
            seen.add(key_node.value)

    def _refuse_character(self, node: yaml.Node) -> None:
        """Refuse a character that YAML spells as an escape in quotes."""
        if (found := control_character(node.value, lines=True)) is not None:
            raise self._error(node, f"the character {found} is not part of a text; remove it")

    def _error(self, node: yaml.Node, message: str) -> ConfigError:
        return ConfigError(f"{self.path}:{node.start_mark.line + 1}: {message}")
