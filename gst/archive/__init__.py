"""Results in files, for no database in particular: a folder or zip file of tables, and a manifest."""

from gst.archive.column import Column, Row, canonical, fingerprint
from gst.archive.manifest import Form, Manifest, SweepName
from gst.archive.read import CHUNK, Archive, archives
from gst.archive.write import TableRows, write_archive

__all__ = [
    "CHUNK",
    "Archive",
    "Column",
    "Form",
    "Manifest",
    "Row",
    "SweepName",
    "TableRows",
    "archives",
    "canonical",
    "fingerprint",
    "write_archive",
]
