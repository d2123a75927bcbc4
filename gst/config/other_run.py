"""A run that another needs: its whole configuration, embedded where a sweep file has the label of its arm.

So what a run is made of stays content: the same trunk in another file, under another label, is the same run.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema, from_json

from gst.config.measure import canonical_json


@dataclass(frozen=True, slots=True)
class OtherRun:
    """The configuration of a run of the same seed, as canonical JSON; `RunConfig.other` reads it."""

    text: str

    @property
    def name(self) -> str:
        """What tells it apart in a table: the first digits of its hash."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Read from a mapping, written as one."""
        return core_schema.no_info_plain_validator_function(
            _read,
            serialization=core_schema.plain_serializer_function_ser_schema(lambda it: from_json(it.text)),
        )

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """In a sweep file it is the label of an arm."""
        return {"type": "string"}


def _read(value: object) -> OtherRun:
    if isinstance(value, OtherRun):
        return value
    if not isinstance(value, dict):
        raise ValueError("expected the configuration of a run")
    return OtherRun(canonical_json(value))
