"""What the numbers of every figure have in common."""

from __future__ import annotations

from typing import Protocol

from gst.analysis import Source, Table


class Numbers(Protocol):
    """The numbers of a figure, whichever figure it is."""

    @property
    def source(self) -> Source:
        """The sweep and its runs."""
        ...

    def table(self) -> Table:
        """Everything that the figure shows, as rows."""
        ...
