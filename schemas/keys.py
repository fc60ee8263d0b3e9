"""Names of the keys that are read outside the scripts. What each holds stands in scripts/shared/prelude.lua."""

from typing import Final

#: Prefix of every key, the scripts' KEYS[1]. Short, because each waiting call pays for it.
PREFIX: Final = "tw:"

#: The channel on which scripts wake beats.
NUDGE: Final = PREFIX + "nudge"

#: Pulses of workers and of beats, by millisecond: see schemas/pulses.py.
WORKERS: Final = PREFIX + "workers"
BEATS: Final = PREFIX + "beats"


def task(task_id: str) -> str:
    """The record of a call or a campaign."""
    return f"{PREFIX}task:{task_id}"


def sid(call_sid: str) -> str:
    """The id of the call that Twilio knows by this SID."""
    return f"{PREFIX}sid:{call_sid}"


def numbers(campaign_id: str) -> str:
    """The numbers of a campaign that were not dialled yet."""
    return f"{PREFIX}numbers:{campaign_id}"
