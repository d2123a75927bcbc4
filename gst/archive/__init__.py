"""Results in files, for no database in particular: a folder or zip file of tables, and a manifest."""

from gst.archive.column import Column, Row, canonical, fingerprint
from gst.archive.manifest import FORMAT, Form, Manifest, SweepName, TableFacts, schema_revisions
from gst.archive.read import CHUNK, Archive, archives
from gst.archive.write import TableRows, write_archive

__all__ = [
    "CHUNK",
    "FORMAT",
    "Archive",
    "Column",
    "Form",
    "Manifest",
    "Row",
    "SweepName",
    "TableFacts",
    "TableRows",
    "archives",
    "canonical",
    "fingerprint",
    "schema_revisions",
    "write_archive",
]
