"""What cannot be said yet of a store."""

from __future__ import annotations

from gst.errors import InputError


class NotRun(InputError):
    """Something that a paper reports cannot be said yet of this store; the message is the reason."""
