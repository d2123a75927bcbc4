"""What is said of a configuration in typed columns, under the name that the store's modules know."""

from __future__ import annotations

from gst.config.columns import ConfigColumns, config_columns

__all__ = ["ConfigColumns", "config_columns"]
