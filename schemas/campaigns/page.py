"""page_rows.lua: rows as they are shown."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from schemas.campaigns.attempts import SHOWN_FIELDS
from schemas.campaigns.marks import Mark
from schemas.campaigns.rows import Row
from schemas.lua.script import Script

_FIELDS: Final = ("bulk", "external_id", "capped_ms", *SHOWN_FIELDS)


class ShownRow(NamedTuple):
    """A row, and what became of it."""

    place: int
    row: Row
    mark: Mark
    again_ms: int | None  #: when it is tried again, if it waits for that
    fields: Mapping[str, str]  #: those told of its call's record; empty if it never began
    opens_ms: int | None = None  #: when its windows open, if they are closed; 1: that is being worked out


class Page(NamedTuple):
    """Some rows, in the order given."""

    rows: Sequence[ShownRow]
    behind: int | None  #: place behind which the next page begins; None if nothing follows


def page_rows(task_id: str, behind: int, most: int, marks: str = "") -> Script[Page | None]:
    """At most so many rows with these marks ('' for any) behind that place; None if there is no such task."""
    return Script("page_rows", (task_id, behind, most, marks, *_FIELDS), _page)


def _page(answer: Any) -> Page | None:
    if not answer:
        return None
    behind, *rows = answer
    return Page([_row(*row) for row in rows], int(behind) if behind else None)


def _row(place: int, text: str, mark: str, again_ms: str, record: Sequence[str | None], opens_ms: str = "") -> ShownRow:
    fields = {name: value for name, value in zip(_FIELDS, record, strict=False) if value is not None}
    row = Row.unpack(text)
    if "bulk" not in fields and fields:
        row = row._replace(external_id=fields.get("external_id"))
    opens = int(opens_ms) if opens_ms else None
    return ShownRow(place, row, Mark(mark), round(float(again_ms)) if again_ms else None, fields, opens)
