"""A file of numbers that a campaign is to have besides, as spreadsheets write it."""

import csv
import io
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from schemas.bodies.campaigns.recipients import MOST_NAME_CHARACTERS
from schemas.campaigns.rows import Row
from schemas.e164 import number_of
from schemas.errors import RecordError

#: A spreadsheet writes what its country does, or what it was asked for; none of them stands in a name of ours.
_SEPARATORS: Final = "\t;,"
#: Columns that a number may stand in; the first that there is counts.
_NUMBER: Final = ("to_number", "number")


def rows_of(file: Path, fault: Callable[[Row], str | None]) -> list[Row]:
    """
    All of its numbers, each once, or RecordError for the first that is none or has a fault: before any is added, lest
    those before it are called twice when the command is given again with the file put right.
    """
    try:
        text = _text_of(file)
        separator = next((one for one in _SEPARATORS if _has_numbers(text, one)), None)
        if separator is None:
            raise RecordError(f", line 1: none of its columns is named {' or '.join(_NUMBER)}")
        (_, head), *table = _table(text, separator)
        places = _places(head)
        return list(dict.fromkeys(_row(cells, places, line, fault) for line, cells in table if any(cells)))
    except RecordError as error:
        raise RecordError(f"{file}{error}") from None


def _text_of(file: Path) -> str:
    try:
        content = file.read_bytes()
        return content.decode("utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig")
    except OSError as error:
        raise RecordError(f" cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise RecordError(" is neither UTF-8 nor UTF-16: save it so") from None


def _has_numbers(text: str, separator: str) -> bool:
    """Whether its first line names a column of numbers if that stands between."""
    try:
        _, head = next(_table(text, separator), (1, ()))
    except RecordError:
        return False
    return not _places(head).keys().isdisjoint(_NUMBER)


def _table(text: str, separator: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Cells of each row, and the line in which it begins: quotes may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, skipinitialspace=True, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = reader.line_num + 1
    except csv.Error:  # all that follows might stand in one cell
        raise RecordError(f", line {line}: a quote in it is never closed, or has more behind it") from None


def _places(head: Sequence[str]) -> Mapping[str, int]:
    """Of the columns, by their names however those are written; of two alike the first counts."""
    names = [name.lower().replace(" ", "_").replace("-", "_") for name in head]
    return {name: names.index(name) for name in names}


def _row(cells: Sequence[str], places: Mapping[str, int], line: int, fault: Callable[[Row], str | None]) -> Row:
    """An apostrophe in front, by which a spreadsheet keeps a number's plus, is taken off."""

    def told(*names: str) -> str:
        its = (cells[places[name]] for name in names if places.get(name, len(cells)) < len(cells))
        return next(filter(None, its), "").removeprefix("'")

    number, external_id = number_of(told(*_NUMBER)), told("external_id")
    if number is None:
        raise RecordError(f", line {line}: there is no phone number in E.164 format")
    if len(external_id) > MOST_NAME_CHARACTERS:
        raise RecordError(f", line {line}: its external_id is longer than {MOST_NAME_CHARACTERS} characters")
    found = Row(number, external_id or None)
    if sentence := fault(found):
        raise RecordError(f", line {line}: {sentence.rstrip('.')}")
    return found
