"""Cells of a CSV file, as spreadsheets take them for what they are."""

import json
from typing import Any, Final

#: A spreadsheet takes a cell that begins so for a formula; with an apostrophe before it, for text. So do some with the
#: full-width forms of these signs. Source: https://owasp.org/www-community/attacks/CSV_Injection
_FORMULA: Final = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "\t", "\r", "\n", "\0")


def cell(value: Any) -> str:
    """Text of a value; with an apostrophe if it would be a formula, as every E.164 number."""
    if value is None:
        return ""
    text = json.dumps(value) if isinstance(value, dict) else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
