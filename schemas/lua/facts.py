"""What Lua and Python must agree on: written here, and put in front of each script that uses it."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from schemas.campaigns.marks import COUNT_OF_MARK, Mark
from schemas.options.recorded import OPTION_FIELDS
from schemas.records import COUNTS, RANKS, VERSION
from schemas.states import FINAL_STATES, LIVE_STATES, TRANSITIONS

# A waiting call leaves within LEAVES_WITHIN_US of the first instant at which it may, while a worker has time for it.
# An instant that is known before is prepared:
#: Beat wakes the workers so long before the next slot; at high rates one waking then admits several calls.
WAKE_US: Final = 50_000
#: Calls are admitted so long before their slot, so that their message is at a worker when it comes.
HORIZON_US: Final = 80_000
#: A permission is given so long before the call leaves: messages are usually here by then, and need not ask twice.
LEAD_US: Final = 25_000
# One that nobody could know, as when another call ends, is not:
#: From its nudge until the last gate, by way of a beat, two messages and a worker. Nothing but their being quick keeps
#: them to this: `make bench ARGS=campaigns` measures the way.
WAY_US: Final = 150_000
#: A request leaves so much later than planned at most; what is still on its way counts as that late.
MOST_LATE_US: Final = 100_000
LEAVES_WITHIN_US: Final = WAY_US + MOST_LATE_US

#: Between two ranks in the lines of versions before 2.
RANK_STEP: Final = 10**13
#: Ages up to which pulses are fresh. Workers have one every two seconds, beats every second.
WORKER_FRESH_MS: Final = 10_000
BEAT_FRESH_MS: Final = 5_000
#: A nudge may get lost with its connection; so every beat looks again after this long.
MOST_SLEEP_MS: Final = 1_000
#: Web processes, workers and beats report every two seconds what they were told.
PART_FRESH_MS: Final = 10_000
#: No slot lies further ahead than this, with the longest way to Twilio.
MOST_AHEAD_US: Final = 500_000
#: Nor does any request arrive at Twilio later than this.
FURTHEST_US: Final = MOST_AHEAD_US + 2 * MOST_LATE_US
#: For so long at most Twilio's Retry-After, or a connection that cannot be made, holds all calls up.
MOST_PAUSE_US: Final = 300_000_000
#: A call that probes a held account is lost after this.
PROBE_LEASE_MS: Final = 45_000
#: An event that could not be delivered is tried again within this.
MOST_EVENT_GAP_MS: Final = 900_000
#: Fields of a campaign's record that count for each of its calls.
CAMPAIGN_FIELDS: Final = ("from", "metadata", "webhook_url", "status_callback_url", *OPTION_FIELDS)
#: Twilio's final statuses of a call (https://www.twilio.com/docs/voice/api/call-resource).
FINAL_STATUSES: Final = ("completed", "busy", "failed", "no-answer", "canceled")
#: All of them, and `initiated`, which its events alone have.
STATUSES: Final = ("queued", "initiated", "ringing", "in-progress", *FINAL_STATUSES)

#: A campaign has no more rows than this.
MOST_ROWS: Final = 500_000
#: A number is attempted at most so often, by hand or by itself.
MOST_ATTEMPTS: Final = 10
#: Of so many rows one run looks at the marks: some tens of microseconds.
MARKS_AT_ONCE: Final = 65_536

_NUMBERS: Final = {
    "MOST_ROWS": MOST_ROWS,
    "MOST_ATTEMPTS": MOST_ATTEMPTS,
    "MARKS_AT_ONCE": MARKS_AT_ONCE,
    "VERSION": VERSION,
    "RANKS": max(RANKS.values()),
    "MOST_LATE_US": MOST_LATE_US,
    "RANK_STEP": RANK_STEP,
    "WORKER_FRESH_MS": WORKER_FRESH_MS,
    "BEAT_FRESH_MS": BEAT_FRESH_MS,
    "MOST_SLEEP_MS": MOST_SLEEP_MS,
    "PART_FRESH_MS": PART_FRESH_MS,
    "MOST_AHEAD_US": MOST_AHEAD_US,
    "FURTHEST_US": FURTHEST_US,
    "MOST_PAUSE_US": MOST_PAUSE_US,
    "PROBE_LEASE_MS": PROBE_LEASE_MS,
    "MOST_EVENT_GAP_MS": MOST_EVENT_GAP_MS,
}
_LISTS: Final = {"CAMPAIGN_FIELDS": CAMPAIGN_FIELDS, "COUNTS": COUNTS}
_MAPS: Final[Mapping[str, Mapping[str, str]]] = {
    "MARKS": {mark.name.lower(): mark for mark in Mark},
    "COUNT_OF_MARK": {str(mark): count for mark, count in COUNT_OF_MARK.items()},
}
_SETS: Final = {"LIVE": sorted(LIVE_STATES), "FINAL": sorted(FINAL_STATES), "FINAL_STATUSES": FINAL_STATUSES}


@cache
def lua_facts() -> str:
    """The facts as Lua."""
    numbers = [f"local {name} = {value}\n" for name, value in _NUMBERS.items()]
    sets = [f"local {name} = {_set(words)}\n" for name, words in _SETS.items()]
    lists = [f"local {name} = {_list(words)}\n" for name, words in _LISTS.items()]
    maps = [f"local {name} = {_map(words)}\n" for name, words in _MAPS.items()]
    return "".join([*numbers, *sets, *lists, *maps])


@cache
def lua_transitions() -> str:
    """The table of states as Lua, for the scripts that change a call's state."""
    rows = ", ".join(f"{state} = {_set(sorted(targets))}" for state, targets in TRANSITIONS.items())
    return f"local MAY_BECOME = {{{rows}}}\n"


def _set(words: Iterable[str]) -> str:
    return "{" + ", ".join(f"['{word}'] = true" for word in words) + "}"


def _list(words: Iterable[str]) -> str:
    return "{" + ", ".join(f"'{word}'" for word in words) + "}"


def _map(words: Mapping[str, str]) -> str:
    return "{" + ", ".join(f"['{name}'] = '{word}'" for name, word in words.items()) + "}"
