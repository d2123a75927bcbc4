"""Texts that are programs where a page takes them for HTML, and a store that has them in all its texts."""

from __future__ import annotations

import sqlite3
from pathlib import Path

TAG = '<img src=x onerror="owned=1">'
TEXTS = (
    TAG,
    "</script><script>owned=1</script>",
    "<svg onload=owned=1>",
    '<a href="javascript:owned=1">here</a>',
    "[here](javascript:owned=1)",
    '"\' onmouseover=owned=1 x="',
    "{{owned=1}} ${owned=1} %{x} {% owned %}",
    "<!-- <b class=evil>bold</b><br> &lt;i&gt;",
)
ALL = " ".join(TEXTS)

_COLUMNS = {
    "sweeps": {"name": TAG, "title": ALL, "claim": ALL, "text": ALL},
    "sweep_runs": {"arm": TAG},
    "configs": {"dataset": TAG, "model": TAG},
    "datasets": {"name": TAG, "source": ALL},
    "attempts": dict.fromkeys(("host", "gpu", "torch", "git_commit", "traceback", "log_tail"), ALL),
    "runs": {"reason": ALL},
    "run_tags": {"tag": TAG},
    "notes": {"text": ALL},
}


def spoil(path: Path, *, names: bool = True) -> None:
    """Add such texts to the texts of the store at that path; `names` says whether also to names of sweeps."""
    connection = sqlite3.connect(path)
    with connection:
        for table, columns in _COLUMNS.items():
            for column, text in columns.items():
                if names or (table, column) != ("sweeps", "name"):
                    changed = f"UPDATE {table} SET {column} = coalesce({column}, '') || ?"
                    connection.execute(changed, (text,))
    connection.close()
