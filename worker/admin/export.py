"""Rows as files, written as they come."""

import csv
import json
from collections.abc import Iterable
from typing import Any, TextIO

from schemas.campaigns.cells import cell
from worker.admin.row import COLUMNS


def write_json_lines(rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    """One JSON object a line."""
    for row in rows:
        file.write(json.dumps(row, separators=(",", ":")) + "\n")


def write_csv(rows: Iterable[dict[str, Any]], file: TextIO) -> None:
    """A header and one line a row (RFC 4180); no cell is a formula."""
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([cell(row[name]) for name in COLUMNS])
