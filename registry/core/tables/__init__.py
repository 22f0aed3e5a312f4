"""Files of rows: CSV in any common encoding and separator, and XLSX; any length in constant memory."""

from registry.core.tables.opening import LARGEST_FILE, open_table
from registry.core.tables.parts import BROKEN, FileRefused, Row, Table

__all__ = ["BROKEN", "LARGEST_FILE", "FileRefused", "Row", "Table", "open_table"]
