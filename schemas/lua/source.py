"""The Lua text of a script as Redis runs it."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Final

from schemas.lua.facts import lua_facts, lua_transitions

#: What stands in front of a script, besides the prelude that stands in front of all. Every run makes each function of
#: it anew, so a script gets only what it uses.
_ROWS: Final = ("marks", "rows", "zoned", "moving")
_CHANGES: Final = (
    "records",
    "lines",
    "waiting",
    *_ROWS,
    "campaigns",
    "mail",
    "log",
    "ordering",
    "dispatched",
    "endings",
    "counts",
    "slots",
    "talk",
    "talking",
    "lasting",
    "following",
    "attempts",
    "stopping",
    "changes",
)
_CANCELLING: Final = (*_CHANGES[: _CHANGES.index("talk")], "unbegun", "cancelling")
_RETRYING: Final = ("barred", "retrying")
SHARED: Final[Mapping[str, tuple[str, ...]]] = {
    "accept": ("lines", "ahead", "waiting", "days", "barred", "wakes", "rows", "zoned", "appending", "index"),
    "admit": (
        "holds",
        "strictest",
        "talk",
        "lines",
        "old_lines",
        "overdue",
        "instants",
        "ways",
        "waiting",
        *_ROWS,
        "campaigns",
        "taking",
        "take_from",
        "turns",
    ),
    "append": ("lines", "waiting", "days", "wakes", *_ROWS, "appending", "unbegun", "campaigns", "log", "reopening"),
    "bar": (*_CHANGES, "barred"),
    "begin": (
        "strictest",
        "forgetting",
        "barred",
        "days",
        "caps",
        "talk",
        "overdue",
        "instants",
        "ways",
        "paces",
        *_ROWS[:3],
        "lines",
        "opening",
        "begun",
    ),
    "cancel": (*_CANCELLING, "deeds"),
    "cap": (*_CHANGES, "days", "caps"),
    "checks": (*_CHANGES, "holds", "rescue"),
    "closed": (*_CHANGES, "unbegun", "expiring", "deeds"),
    "clock": (
        *_CHANGES,
        "strictest",
        "holds",
        "rescue",
        "old_lines",
        "overdue",
        "wakes",
        "instants",
        "ways",
        "turned_calls",
        "turned_back",
        "healing",
        "index",
        "tidying",
    ),
    "edit": ("records", "lines", "waiting", *_ROWS, "unbegun", "campaigns", "log", "deeds"),
    "explain": (
        "lines",
        "ahead",
        "overdue",
        "talk",
        "dispatched",
        "marks",
        "rows",
        "zoned",
        "shown_opening",
        "unbegun",
        "read_unbegun",
        "unsettled",
        "numbers",
        "obstacles",
        "reasons",
    ),
    "figures": ("queue",),
    "forget": ("records", "lines", "mail", "waiting", "index", "unbegun"),
    "forget_number": ("forgetting",),
    "forget_on": (*_CHANGES, "forgetting", "unbegun", "blanking", "barred", "opting"),
    "give_up": (*_CHANGES, "guesses"),
    "health": ("queue",),
    "hold": ("holds",),
    "merge_opt_outs": ("barred", "opting"),
    "hours": ("begun",),
    "list_calls": ("marks", "rows", "moving"),
    "list_tasks": ("index", "sieve"),
    "news": (*_CHANGES, "sids", "guesses", "events"),
    "now": ("talk", "overdue", "obstacles", "rows", "zoned"),
    "opt_in": ("barred", "opting"),
    "opt_out": ("forgetting", "barred", "opting"),
    "opt_outs": ("barred",),
    "opted_out": ("barred",),
    "outcome": (*_CHANGES, "sids", "holds", "streaks", "events"),
    "overview": ("unsettled",),
    "page_rows": ("records", *_ROWS, "unbegun"),
    "pause": ("lines", "waiting", *_ROWS, "unbegun", "campaigns", "log", "deeds"),
    "plan": ("lines", "waiting", *_ROWS, "campaigns"),
    "postpone": ("records",),
    "put_back": (*_CHANGES, "holds", "rescue"),
    "relay": ("mail", "log", "ordering", "marks", "following", "events", "parcels", "deliveries"),
    "redeliver": ("mail", "log", "ordering", "unbegun"),
    "requeue": (*_CHANGES, "reopening"),
    "restore": (*_CHANGES, "taking"),
    "retry": (*_CHANGES[: _CHANGES.index("slots")], "days", "unbegun", "attempts", "reopening", *_RETRYING, "deeds"),
    "step": (*_CANCELLING, "days", "attempts", "reopening", *_RETRYING, "retiming"),
    "take_back": ("lines", "waiting", "index"),
    "take_back_rows": _CHANGES[: _CHANGES.index("slots")],
}


@cache
def source(name: str) -> str:
    """Lua text of a script: with what both languages must agree on, and what it shares with others, in front."""
    folder = files("schemas.scripts")
    parts = SHARED.get(name, ())
    shared = [folder.joinpath("shared", f"{part}.lua") for part in ("prelude", *parts)]
    facts = lua_facts() + (lua_transitions() if "changes" in parts else "")
    return facts + "".join(part.read_text("utf-8") for part in (*shared, folder.joinpath(f"{name}.lua")))


@cache
def digest(name: str) -> str:
    """By which Redis knows the script (EVALSHA)."""
    return hashlib.sha1(source(name).encode(), usedforsecurity=False).hexdigest()
