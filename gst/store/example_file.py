"""The names of files with a network's answer to each training image."""

from __future__ import annotations

import re

EXAMPLES = re.compile(r"(?P<key>[0-9a-f]{64})/examples-(?P<epoch>[0-9]+)-(?P<digest>[0-9a-f]{16})\.parquet")
"""The only form of such a name: nothing else is opened, whoever wrote it into the store."""


def example_file_name(key: str, epoch: int, sha256: str) -> str:
    """The name of the file with that content: what is written twice is the same file."""
    return f"{key}/examples-{epoch}-{sha256[:16]}.parquet"
