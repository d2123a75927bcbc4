"""Input as somebody hostile, or a broken disk, gives it: sweep files, archives, command lines and SQL."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import random
import shutil
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gst.paths import project_folder

CONTROL = ("\x00", "\x07", "\x1b]0;owned\x07", "\x9b31m", "\u202e", "\u2066", "\r", "\n", "\ud800")
NUMBERS = (
    "-1", "0", "1e999", "-1e999", "nan", ".inf", "1" * 30, "9" * 5000, str(2**31), str(2**63), str(2**64),
    "1e-400",
    "100000000", "0.1", "0x10", "1_000",
)  # fmt: skip
WORDS = (
    "null", "true", "''", "[]", "{}", "[[]]", "{kind: none}", "[1, 1]", "&a [*a]", "*missing",
    "!!python/name:os.system x",
    "last-999999999", "'" + "x" * 100_000 + "'", '"\\x1b[2J"', '"\\0"', '"\\u202e"', "!!set {a}", "<<",
    "? [a]",
)  # fmt: skip
SEEDS = (
    "100000000", "0-999999999", "999999999999", str(2**63), f"{2**63},", "0-4,7", "4-0", "-5", "1,1", "a",
    "", ",", "-",
    "1e3", f"{2**63 - 2}-{2**63 + 2}",
)  # fmt: skip


def sweep_text(rng: random.Random) -> bytes:
    """A sweep file that comes with gst, changed in one to four places."""
    files = sorted(it for it in project_folder("sweeps").glob("*.yaml") if it.stem != "published")
    lines = rng.choice(files).read_text().splitlines()
    for _ in range(rng.randint(1, 4)):
        _changed(lines, rng)
    text = "\n".join(lines).encode("utf-8", "surrogatepass")
    if rng.random() < 0.1:
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.randbytes(rng.randint(1, 20)) + text[place + rng.randint(0, 20) :]
    return text


def _changed(lines: list[str], rng: random.Random) -> None:
    place = rng.randrange(len(lines)) if lines else 0
    match rng.randrange(10):
        case 0:
            del lines[place : place + rng.randint(1, 3)]
        case 1:
            lines.insert(place, lines[rng.randrange(len(lines))] if lines else "a")
        case 2:
            lines[place : place + 1] = [rng.choice(["  ", ""]) + "".join(lines[place : place + 1]).lstrip()]
        case 3:
            lines.append(f"seeds: {rng.choice(SEEDS)}")
        case 4:
            axis = ", ".join(map(str, range(1, 10 ** rng.randint(1, 3))))
            keys = ("training.batch_size", "data.draw", "training.test_batch_size", "data.per_class")
            chosen = rng.sample(keys, rng.randint(1, 3))
            lines.append("grid: {" + ", ".join(f"{key}: [{axis}]" for key in chosen) + "}")
        case 5:
            depth = rng.randint(2, 12)
            lines += [
                "a0: &a0 [x, x]",
                *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, depth)),
            ]
        case 6:
            depth = rng.choice([10, 100, 10_000])
            lines.append("base: " + "[" * depth + "]" * rng.choice([0, depth]))
        case 7:
            line = "".join(lines[place : place + 1])
            spot = rng.randrange(len(line) + 1)
            lines[place : place + 1] = [line[:spot] + rng.choice(CONTROL) + line[spot:]]
        case _:
            line = "".join(lines[place : place + 1])
            head, colon, _ = line.partition(":")
            lines[place : place + 1] = [f"{head}{colon or ':'} {rng.choice(NUMBERS + WORDS)}"]


VALUES: tuple[Any, ...] = (
    None, True, -1, 2**31, 2**63, 2**70, 1e308, float("inf"), float("nan"), "", "x" * 100_000, [], {},
    [[]], "../x", "/x",
    *CONTROL[:-1], "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-01-01", "=cmd|x",
    "[" * 10_000,
)  # fmt: skip
BARE = ("1e400", "[" * 50_000, "1" * 5000, "\\u0000", '"\\ud800"', "NaN", "-Infinity")


def archive(rng: random.Random, folder: Path) -> Path:
    """An archive of the populated store, in which something is wrong, mostly with sums that are right."""
    form = rng.choice(["csv", "csv", "parquet"])
    made = folder / "case"
    packed = folder / "case.zip"
    shutil.rmtree(made, ignore_errors=True)
    packed.unlink(missing_ok=True)
    shutil.copytree(folder / f"archive-{form}", made)
    for _ in range(rng.randint(1, 2)):
        kind = rng.randrange(8)
        if kind < 3 and form == "csv":
            _other_cell(rng, made)
        elif kind < 5:
            _other_manifest(rng, made)
        elif kind == 5:
            _other_bytes(rng, made)
        elif kind == 6:
            _other_file(rng, made)
    if rng.random() < 0.9:
        _summed(made)
    if rng.random() < 0.5:
        return made
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for file in sorted(made.iterdir()):
            if file.is_file():
                target.write(file, file.name)
    if rng.random() < 0.2:
        content = bytearray(packed.read_bytes())
        for _ in range(rng.randint(1, 30)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        packed.write_bytes(content)
    return packed


def _other_cell(rng: random.Random, made: Path) -> None:
    file = rng.choice([it for it in sorted(made.glob("*.csv")) if it.is_file()])
    with file.open(newline="") as opened:
        rows = list(csv.reader(opened))
    row = rng.choice(rows)
    if not row:
        return
    value = str(rng.choice(VALUES)) if rng.random() < 0.7 else rng.choice(NUMBERS)
    row[rng.randrange(len(row))] = value
    if rng.random() < 0.1:
        rows += [rng.choice(rows)] * rng.choice([1, 1000])
    with file.open("w", newline="", encoding="utf-8", errors="surrogatepass") as opened:
        csv.writer(opened).writerows(rows)


def _other_manifest(rng: random.Random, made: Path) -> None:
    path = made / "manifest.json"
    if not path.is_file():
        return
    try:
        content = json.loads(path.read_text())
    except (ValueError, RecursionError):  # it was changed before
        return
    here: Any = content
    key: Any = rng.choice(sorted(content))
    while isinstance(here[key], dict | list) and here[key] and rng.random() < 0.8:
        here = here[key]
        key = rng.choice(sorted(here)) if isinstance(here, dict) else rng.randrange(len(here))
    choice = rng.random()
    if choice < 0.2:
        del here[key]
    else:
        here[key] = rng.choice(VALUES) if choice < 0.7 else "BARE"
    path.write_text(
        json.dumps(content).replace('"BARE"', rng.choice(BARE)), encoding="utf-8", errors="surrogatepass"
    )


def _other_bytes(rng: random.Random, made: Path) -> None:
    file = rng.choice([it for it in sorted(made.iterdir()) if it.is_file()])
    content = bytearray(file.read_bytes())
    for _ in range(rng.randint(1, 5)):
        if content:
            content[rng.randrange(len(content))] = rng.randrange(256)
    file.write_bytes(bytes(content[: rng.choice([len(content), rng.randrange(len(content) + 1)])]))


def _other_file(rng: random.Random, made: Path) -> None:
    file = rng.choice([it for it in sorted(made.iterdir()) if it.is_file()])
    file.unlink()
    match rng.randrange(5):
        case 0:
            file.mkdir()
        case 1:
            os.mkfifo(file)
        case 2:
            file.symlink_to("/dev/zero")
        case 3:
            file.touch()


def _summed(made: Path) -> None:
    """Bring the sums of the manifest up to date, as somebody hostile would."""
    path = made / "manifest.json"
    if not path.is_file():
        return
    try:
        content = json.loads(path.read_text())
        tables = content["tables"].items()
        for table, facts in tables:
            file = made / f"{table}.{content['format']}"
            if file.is_file():
                facts["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
        path.write_text(json.dumps(content))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return


def statement(rng: random.Random) -> str:
    """A statement that tries to write, to escape, to last for ever or to take all memory."""
    forms = (
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT {of} FROM n",
        "SELECT hex(zeroblob({big})) FROM epochs, epochs AS b, runs AS c, runs AS d",
        "SELECT printf('%.*c', {big}, 'x')",
        "SELECT a.*, b.*, c.* FROM epochs AS a, epochs AS b, epochs AS c, epochs AS d, epochs AS e, runs",
        "{write} runs SET status = 'x'",
        "SELECT load_extension('{control}')",
        "ATTACH '/tmp/x{control}' AS y",
        "PRAGMA {word}=1",
        "SELECT '{control}' AS \"{control}\"",
        "SELECT {deep}",
        "SELECT 1 {comments}",
        "SELECT '{quotes}",
        "SELECT :{word}",
        "SELECT {number} + {number}",
        "SELECT randomblob({big})",
        "SELECT group_concat(hex(randomblob(1000000))) FROM epochs, epochs AS b",
        "SELECT x'00ff' || char(0, 27, 8238), -9223372036854775808 / -1, 1e999, -1e999",
        "SELECT {number} LIKE '{likes}'",
        "{control}SELECT 1",
        "SELECT 1; {write} runs",
    )
    return rng.choice(forms).format(
        of=rng.choice(["count(*)", "i", "sum(i)", "max(i)"]),
        big=rng.choice([1_000, 1_000_000, 100_000_000, 900_000_000, 2**31, 2**63 - 1]),
        write=rng.choice(["UPDATE", "DELETE FROM", "INSERT INTO", "DROP TABLE", "VACUUM", "REINDEX"]),
        control=rng.choice([it for it in CONTROL if it not in ("\x00", "\ud800")]),
        word=rng.choice(["journal_mode", "table_info", "query_only", "writable_schema", "x" * 10_000]),
        deep=rng.choice(["(" * 5_000 + "1" + ")" * 5_000, "+".join("1" * 5_000), "(" * 100_000]),
        comments=rng.choice(["/*", "--", "-- \n", "/**/", "/* :a"]) * rng.choice([1, 16_000, 50_000]),
        quotes=rng.choice(["'", '"', ":a", "\\"]) * rng.choice([1, 10_001, 100_000]),
        number=rng.choice(NUMBERS),
        likes="%a" * rng.choice([10, 20_000]),
    )


def command_line(rng: random.Random) -> list[str]:
    """A command with hostile values for its arguments and options; none that trains or serves."""
    value = _value(rng)
    forms: Sequence[list[str]] = (
        ["plan", "quickstart", "--seeds", rng.choice(SEEDS)],
        ["plan", "quickstart", "-s", f"training.epochs={rng.choice(NUMBERS + WORDS)}"],
        ["plan", "quickstart", "-s", value],
        ["plan", value],
        ["plan", "quickstart", "--scale", rng.choice(NUMBERS)],
        ["plan", "quickstart", "--scale", "0.5", "--subset", rng.choice(NUMBERS)],
        ["ls", "--sweep", value],
        ["show", value],
        ["logs", value],
        ["diff", value, value],
        ["status", value],
        ["sql", "@final", "-p", value],
        ["sql", value],
        ["import", value],
        ["export", "-o", f"out{value}", "--sweep", value],
        ["compare", value],
        ["figure", value],
        ["figure", "tradeoff", "--sweep", value],
        ["verify", value],
        ["power", "--sd", rng.choice(NUMBERS)],
        ["ls", "--db", value],
        ["note", "--sweep", "hand", value, "--db", "gst.db"],
        ["tag", "--sweep", "hand", "--add", value, "--db", "gst.db"],
    )
    return [it.replace("\x00", "\x01") for it in rng.choice(forms)]


def _value(rng: random.Random) -> str:
    """A value of an argument; the operating system passes no NUL on."""
    return rng.choice(
        [
            *(
                *NUMBERS,
                *(f"x{it}y" for it in CONTROL[1:]),
                "",
                "-",
                "..",
                "/",
                "/dev/zero",
                "/dev/null",
                ".",
            ),
            *("x" * 5000, "a=b", "=", "postgresql://:x@/y", "sqlite:///:memory:", "%00", "{}", "~nobody/x"),
        ]
    )
