"""A configuration as a sweep file spells it, with the text of the Python files that it names."""

from __future__ import annotations

from typing import Any

from gst.config.expand import Variant
from gst.config.origin import Origins
from gst.config.user_code import user_code
from gst.errors import ConfigError


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
