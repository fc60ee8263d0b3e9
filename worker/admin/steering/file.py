"""A file of numbers that a campaign is to have besides, as spreadsheets write it."""

import csv
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable
from pathlib import Path
from typing import Final

from schemas.campaigns.rows import Row
from schemas.e164 import E164
from schemas.errors import RecordError

#: A spreadsheet writes what its country does, or what it was asked for; none of them stands in a name of ours.
_SEPARATORS: Final = "\t;,"


def rows_of(file: Path, fault: Callable[[Row], str | None]) -> list[Row]:
    """
    All of its numbers, each once, or RecordError for the first that is none or has a fault: before any is added, lest
    those before it are called twice when the command is given again with the file put right.
    """
    lines = _text_of(file).splitlines(keepends=True)
    separator = next((one for one in _SEPARATORS if lines and one in lines[0]), ",")
    table = csv.DictReader(lines, delimiter=separator, skipinitialspace=True)
    return list(dict.fromkeys(_row(row, f"{file}, line {table.line_num}", fault) for row in table))


def _text_of(file: Path) -> str:
    try:
        content = file.read_bytes()
        return content.decode("utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except OSError as error:
        raise RecordError(f"{file} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RecordError(f"{file} is neither UTF-8 nor UTF-16: save it so") from None


def _row(row: dict[str, str | None], place: str, fault: Callable[[Row], str | None]) -> Row:
    """An apostrophe in front, by which a spreadsheet keeps a number's plus, is taken off."""
    number, external_id = (
        (row.get(name) or row.get(other) or "").strip().removeprefix("'")
        for name, other in (("to_number", "number"), ("external_id", ""))
    )
    if not E164.fullmatch(number):
        raise RecordError(f"{place}: there is no phone number in E.164 format")
    found = Row(number, external_id or None)
    if sentence := fault(found):
        raise RecordError(f"{place}: {sentence.rstrip('.')}")
    return found
