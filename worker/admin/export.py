"""Rows as files, written as they come."""

import csv
import json
from collections.abc import Iterable
from typing import Any, Final, TextIO

from worker.admin.row import COLUMNS

#: A spreadsheet takes a cell that begins so for a formula; with an apostrophe before it, for text.
#: Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_json_lines(rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    """One JSON object a line."""
    for row in rows:
        file.write(json.dumps(row, separators=(",", ":")) + "\n")


def write_csv(rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    """A header and one line a row (RFC 4180); no cell is a formula."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in COLUMNS])


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = json.dumps(value) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
