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


_REPLACED = {f"tag:yaml.org,2002:{name}" for name in ("bool", "float", "timestamp", "int")}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
for _name, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(rf"^(?:{_pattern})$"), list(_first))
_Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


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
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.MappingNode):
            raise ConfigError(f"{path}: expected a mapping of keys such as title, base and arms")
        lines: dict[KeyPath, int] = {}
        values = _build(loader, root, (), lines, path)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: is not valid YAML: {getattr(error, 'problem', None) or error}") from error
    finally:
        loader.dispose()
    return Document(path, text, values, lines)


def _build(loader: _Loader, node: yaml.Node, key: KeyPath, lines: dict[KeyPath, int], path: Path) -> Any:
    if not node.tag.startswith("tag:yaml.org,2002:") or "python" in node.tag:
        raise ConfigError(f"{path}:{node.start_mark.line + 1}: tag {node.tag} is not allowed, plain values only")
    if isinstance(node, yaml.SequenceNode):
        return [_build(loader, child, (*key, index), lines, path) for index, child in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return loader.construct_object(node)
    _refuse_twice(node, key, path)
    loader.flatten_mapping(node)  # `<<: *anchor`: merged keys come first, the mapping's own keys win
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        lines[(*key, key_node.value)] = key_node.start_mark.line + 1
        built[key_node.value] = _build(loader, value_node, (*key, key_node.value), lines, path)
    return built


def _refuse_twice(node: yaml.MappingNode, key: KeyPath, path: Path) -> None:
    seen = set()
    for key_node, _ in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            raise ConfigError(f"{path}:{line}: a key must be a plain name")
        if key_node.value in seen:
            raise ConfigError(f"{path}:{line}: {'.'.join(map(str, (*key, key_node.value)))}: given twice")
        seen.add(key_node.value)
