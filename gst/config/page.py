"""sweeps/keys.md and sweeps/gst.schema.json: the language of sweep files, for people and for editors."""

from __future__ import annotations

import itertools
import json

from gst.config.reference import Key, all_keys
from gst.config.schema import sweep_schema
from gst.paths import project_folder

HEAD = """\
# The keys of a sweep file

Made by `make schema` from the models that check the files; `gst schema --keys` prints the same.

Keys of a run (`data`, `model`, `training`, `pruning`, `measure`, `scale`, `from`) stand in `base`,
which all arms share, in arms, and with values in `grid` and `zip`. They are nested or dotted:
`training: {epochs: 5}` is `training.epochs: 5`. GST 2019 and 2020 are Bartoldson et al., Jin 2022 is
Jin et al. ([here](README.md)).
"""


def keys_page() -> str:
    """Every key in Markdown, a table for each part."""
    parts = itertools.groupby(all_keys(), _part)
    return HEAD + "".join(_table(part, list(keys)) for part, keys in parts)


def schema_text() -> str:
    """JSON Schema as a file."""
    return json.dumps(sweep_schema(), indent=1) + "\n"


def _part(key: Key) -> str:
    first = key.key.partition(".")[0]
    return first if first in ("data", "model", "training", "pruning", "measure", "from") else "file"


def _table(part: str, keys: list[Key]) -> str:
    title = {"file": "The file"}.get(part, f"`{part}`")
    rows = "".join(f"| {_name(key)} | {key.type} | {key.default} | {key.about} |\n" for key in keys)
    return f"\n## {title}\n\n| key | type | default | meaning |\n|---|---|---|---|\n{rows}"


def _name(key: Key) -> str:
    return f"`{key.key}`" + (f" of {key.of}" if key.of else "")


def main() -> None:
    """Write both files into the folder of sweeps."""
    folder = project_folder("sweeps")
    (folder / "keys.md").write_text(keys_page(), encoding="utf-8")
    (folder / "gst.schema.json").write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
