"""A YAML file as plain values that remember on which line each key stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from gst.errors import ConfigError

KeyPath = tuple[str | int, ...]


class Document(NamedTuple):
    """The values of a file, and the line (1-based) of each key path in it."""

    path: Path
    text: str
    values: dict[str, Any]
    lines: dict[KeyPath, int]

    def line(self, key: KeyPath) -> int:
        """The line of a key path, or of the nearest part of it that the file has."""
        for length in range(len(key), 0, -1):
            if key[:length] in self.lines:
                return self.lines[key[:length]]
        return 1

    def error(self, key: KeyPath, message: str) -> ConfigError:
        """An error that names the file, the line and the key."""
        name = ".".join(str(part) for part in key)
        return ConfigError(f"{self.path}:{self.line(key)}: {name + ': ' if name else ''}{message}")


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain values: 1e-3 is a number, 010 is ten, and only true and false are booleans."""


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
    """The document in that file.

    Raises ConfigError for a file that cannot be read, is no YAML mapping, or gives a key twice.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text: {error}") from error
    return parse_document(text, path)


def parse_value(text: str) -> Any:
    """The value that a piece of YAML stands for, such as `1e-3` or `[3, 4]`."""
    return parse_document(f"value: {text}", Path("value")).values["value"]


def parse_document(text: str, path: Path) -> Document:
    """The document with that text; `path` is only for messages."""
    try:
        root = yaml.compose(text, _Loader)
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"{path}: expected a mapping of keys such as title, base and arms")
        builder = _Builder(path)
        return Document(path, text, builder.mapping(root, ()), builder.lines)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise ConfigError(f"{path}{where}: is not valid YAML: {problem}") from error
    except RecursionError:
        raise ConfigError(f"{path}: is nested too deeply, or a value contains itself") from None


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
            str(value).encode()  # a lone surrogate, "\ud800", is no text
        except (ValueError, KeyError):
            raise self._error(node, f"{node.value!r} is not of the type {node.tag}") from None
        return value

    def mapping(self, node: yaml.MappingNode, key: KeyPath) -> dict[str, Any]:
        if id(node) not in self._flat:
            self._flat.add(id(node))
            self._refuse_twice(node, key)
            # `<<: *anchor`: merged keys come first, the mapping's own keys win
            self._loader.flatten_mapping(node)
        built: dict[str, Any] = {}
        for key_node, value_node in node.value:
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

    def _error(self, node: yaml.Node, message: str) -> ConfigError:
        return ConfigError(f"{self.path}:{node.start_mark.line + 1}: {message}")
