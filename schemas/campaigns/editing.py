"""edit.lua: a task gets other values of some fields."""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from schemas.lua.script import Script, flat


class Editing(NamedTuple):
    """What came of an edit."""

    verdict: Literal["done", "stale", "gone", "part", "over", "begun", "past"]
    edits: int  #: how many there were


def edit(
    task_id: str, fields: Mapping[str, str | None], name: str, expected: int | None = None, by: str = ""
) -> Script[Editing]:
    """
    Sets fields of the record, and removes those that are None, if so many edits were made before; None: any. `by` is a
    key's name.
    """
    kept = flat({field: value for field, value in fields.items() if value is not None})
    gone = [field for field, value in fields.items() if value is None]
    words = (task_id, "" if expected is None else expected, name, by, len(kept), *kept, *gone)
    return Script("edit", words, lambda answer: _editing(*answer))


def _editing(verdict: Any, edits: str) -> Editing:
    return Editing(verdict, int(edits))
