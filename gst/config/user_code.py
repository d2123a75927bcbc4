"""Python files of users: their text is part of a configuration, and so of a run's key.

Whoever has the configuration has the code: another machine of a cluster, or `gst measure` a year later.
"""

from __future__ import annotations

import ast
import hashlib
import linecache
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from gst.errors import ConfigError, suggestion
from gst.paths import read_regular

if TYPE_CHECKING:
    from gst.config.expand import Variant
    from gst.config.origin import Origins

MOST_BYTES = 64 * 1024
"""The size of the largest file that is read: every configuration with it has all of its text."""
REFERENCE = re.compile(r"(?P<file>.+\.py):(?P<name>[A-Za-z_]\w*)")
_WANTED = "expected a Python file beside the sweep file and a name in it, such as my_model.py:Net"


class UserCode(NamedTuple):
    """A class or function in a file: `module` is `my_model.py:Net`, the file's name without its folder."""

    module: str
    source: str

    @property
    def file(self) -> str:
        """The name of the file, in messages."""
        return self.module.rpartition(":")[0]

    @property
    def name(self) -> str:
        """The name of the class or function."""
        return self.module.rpartition(":")[2]

    @property
    def digest(self) -> str:
        """Sha256 of the text, in hexadecimal."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @property
    def label(self) -> str:
        """The name and the beginning of the text's hash: a changed file is another network, or other data."""
        return f"{self.module}@{self.digest[:8]}"


def readable(config: Mapping[str, Any]) -> dict[str, Any]:
    """The nested values of a configuration, with a few words in the place of a file's text."""
    found = dict(config)
    for part in ("data", "model"):
        if (source := found.get(part, {}).get("source")) is not None:
            code = UserCode(found[part]["module"], source)
            found[part] = found[part] | {"source": f"{len(source.splitlines())} lines, sha256 {code.digest}"}
    return found


def user_code(reference: str, folder: Path) -> UserCode:
    """What `FILE.py:NAME` names, with the text of the file, which lies in that folder; nothing is run.

    Raises ConfigError for a file that cannot be read, is no Python or needs another file beside it, and for a
    name that it does not define.
    """
    found = REFERENCE.fullmatch(reference)
    if found is None:
        raise ConfigError(f"{_WANTED}, found {reference[:80]!r}")
    path = folder / found["file"]
    source = _text(path)
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError) as error:
        line = getattr(error, "lineno", None) or 1
        raise ConfigError(f"{path}:{line}: is no Python: {getattr(error, 'msg', error)}") from None
    for line, module in _imports(tree):
        if (path.parent / f"{module}.py").exists() or (path.parent / module / "__init__.py").exists():
            raise ConfigError(
                f"{path}:{line}: imports {module!r}, a file beside it, which a run would not keep: "
                "put into this file what is needed of it"
            )
    names = list(dict.fromkeys(_defined(tree)))
    if found["name"] not in names:
        hint = suggestion(found["name"], names)
        there = f"it defines: {', '.join(names)}" if names else "it defines nothing"
        raise ConfigError(f"{path}: has no {found['name']!r}; {hint}{there}")
    return UserCode(f"{path.name}:{found['name']}", source)


def with_code(origins: Origins, variant: Variant) -> dict[str, Any]:
    """The configuration's values with the text of the files that its `module` keys name.

    A path is relative to the file that has it. Raises ConfigError, which names file, line and key.
    """
    values = dict(variant.values)
    for part in ("data", "model"):
        own = values.get(part)
        if not isinstance(own, dict) or own.get("module") is None:
            continue
        key = (part, "module")
        if own.get("source") is not None:
            raise ConfigError(
                origins.line(variant.label, (part, "source"), "gst fills it in from the file: leave it out")
            )
        try:
            found = user_code(str(own["module"]), origins.folder(variant.label, key))
        except ConfigError as error:
            raise ConfigError(origins.line(variant.label, key, str(error))) from None
        values[part] = {"name": "module", **own, **found._asdict()}
    return values


def _text(path: Path) -> str:
    try:
        return read_regular(path, MOST_BYTES).decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is no UTF-8 text: {error.reason}") from None
    except OSError as error:
        near = suggestion(path.name, [it.name for it in path.parent.glob("*.py")]).rstrip()
        raise ConfigError(
            f"{path}: cannot be read: {error.strerror or error}{f'; {near}' if near else ''}"
        ) from None


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """The line of each import and the first part of its name; of a relative one what it may be."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, it.name.partition(".")[0]) for it in node.names)
        elif isinstance(node, ast.ImportFrom):
            names = [node.module] if node.module else [it.name for it in node.names]
            yield from ((node.lineno, it.partition(".")[0]) for it in names)


def _defined(tree: ast.Module) -> Iterator[str]:
    """The classes, functions and values at the top of the file, and what it imports by name."""
    for node in tree.body:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield name
            case ast.Assign(targets=targets):
                yield from (it.id for it in targets if isinstance(it, ast.Name))
            case ast.ImportFrom(names=names):
                yield from (it.asname or it.name for it in names)


def called(code: UserCode, key: str, arguments: Sequence[object], said: str) -> Any:
    """What the class or function gives for the arguments, which `said` spells in a message.

    Runs the file's code in this process. Raises ConfigError with the file's line where it raises.
    """
    with_name = f"{code.name}({said})"
    try:
        return getattr(_executed(code.file, code.source), code.name)(*arguments)
    except (Exception, SystemExit) as error:
        raise fault(code, key, error, with_name) from error


def fault(code: UserCode, key: str, error: BaseException, doing: str) -> ConfigError:
    """What was raised while the code was doing that, with the last line of the file that led there."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [it.lineno for it in frames if it.filename == _filename(code.file, code.source)]
    said = str(error).strip().split("\n")[0] or "no reason given"
    return misfit(code, key, f"{doing} raises {type(error).__name__}: {said}", lines[-1] if lines else None)


def misfit(code: UserCode, key: str, message: str, line: int | None = None) -> ConfigError:
    """An error about the code at that line of its file; without one, where it defines the name."""
    return ConfigError(f"{key}: {code.file}:{line or _line_of(code)}: {message}")


def _line_of(code: UserCode) -> int:
    for node in ast.parse(code.source).body:
        if code.name in _defined(ast.Module([node], [])):
            return node.lineno
    return 1


def _filename(file: str, source: str) -> str:
    return f"<{file} {hashlib.sha256(source.encode()).hexdigest()[:16]}>"


@cache  # a process trains many runs of one network
def _executed(file: str, source: str) -> ModuleType:
    """The module that the text makes, known to Python by a name of its own: tracebacks show its lines."""
    filename = _filename(file, source)
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    module = ModuleType(f"gst_user_code_{hashlib.sha256(source.encode()).hexdigest()[:16]}")
    sys.modules[module.__name__] = module  # where dataclasses and pickle look for it
    code: CodeType = compile(source, filename, "exec")
    exec(code, module.__dict__)
    return module
