"""The Lua scripts: the only code that changes what Redis holds about calls."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

#: What stands in front of a script, besides the prelude that stands in front of all. Every run makes each function of
#: it anew, so a script gets only what it uses.
SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("lines", "wakes"),
    "admit": ("lines", "overdue", "campaigns"),
    "begin": ("paces",),
    "cancel": ("records", "campaigns", "counts", "paces"),
    "clock": ("overdue", "wakes"),
    "explain": ("records", "lines", "overdue"),
    "forget": ("records",),
    "settle": ("records", "lines", "campaigns", "counts", "events", "paces"),
}


@cache
def source(name: str) -> str:
    """Lua text of a script as Redis runs it: with what it shares with others in front."""
    folder = files(__name__)
    shared = [folder.joinpath("shared", f"{part}.lua") for part in ("prelude", *SHARED.get(name, ()))]
    return "".join(part.read_text("utf-8") for part in (*shared, folder.joinpath(f"{name}.lua")))
