"""A client's own words, as much of them as a sentence may repeat."""

import json
from typing import Any, Final

MOST_CHARACTERS: Final = 40

_WORDS: Final = {None: "null", True: "true", False: "false"}


def shown(value: Any) -> str:
    """A value as JSON has it: 40 characters of it at most, none that cannot be seen; of a list how long it is."""
    if isinstance(value, str):
        return f'"{_cut(value)}"'
    if value is None or isinstance(value, bool):
        return _WORDS[value]
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return "an object"
    return _cut(json.dumps(value))


def _cut(text: str) -> str:
    seen = "".join(char if char.isprintable() else "�" for char in text[: MOST_CHARACTERS + 1])
    return seen if len(seen) <= MOST_CHARACTERS else f"{seen[: MOST_CHARACTERS - 1]}…"
