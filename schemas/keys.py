"""Names of the keys that are read outside the scripts. What each holds stands in scripts/shared/prelude.lua."""

from typing import Final

#: Prefix of every key, the scripts' KEYS[1]. Short, because each waiting call pays for it.
PREFIX: Final = "tw:"

#: The channel on which scripts wake beats.
NUDGE: Final = PREFIX + "nudge"

#: Pulses of workers and of beats, by millisecond: see runtime/liveness.py.
WORKERS: Final = PREFIX + "workers"
BEATS: Final = PREFIX + "beats"

#: Admitted calls whose request has not left, by their slot.
SLOTS: Final = PREFIX + "slots:account"

#: The Twilio account whose calls these are; and the mark of a copy.
ACCOUNT: Final = PREFIX + "account"
COPY: Final = PREFIX + "copy"

#: What happened to do-not-call lists, and what digests of forgotten numbers on them are made with.
OPTOUT_PROOF: Final = PREFIX + "optout_proof"
OPTOUT_SALT: Final = PREFIX + "optout_salt"
OPTOUT_LISTS: Final = PREFIX + "optout_lists"

#: Whom events are due for, and what older versions kept of them.
MAIL: Final = PREFIX + "mail"
RELAYS: Final = PREFIX + "relays"


def task(task_id: str) -> str:
    """The record of a call or a campaign."""
    return f"{PREFIX}task:{task_id}"


def sid(call_sid: str) -> str:
    """The id of the call that Twilio knows by this SID."""
    return f"{PREFIX}sid:{call_sid}"


def rows(campaign_id: str) -> str:
    """The rows of a campaign, in the order given: see schemas/campaigns/rows.py."""
    return f"{PREFIX}rows:{campaign_id}"


def marks(campaign_id: str) -> str:
    """One byte for each row of a campaign: see schemas/campaigns/marks.py."""
    return f"{PREFIX}marks:{campaign_id}"


def log(task_id: str) -> str:
    """What happened to a task and its calls."""
    return f"{PREFIX}log:{task_id}"


def numbers(campaign_id: str) -> str:
    """Where versions without rows keep the numbers of a campaign that were not dialled yet."""
    return f"{PREFIX}numbers:{campaign_id}"


def opt_outs(on_list: str) -> str:
    """What is known of each number on a do-not-call list, or taken off it."""
    return f"{PREFIX}optout:{on_list}"


def answer(key_digest: str) -> str:
    """What was answered to the request with an Idempotency-Key."""
    return f"{PREFIX}idem:{key_digest}"


def forget_job(job_id: str) -> str:
    """What came of removing every trace of a number."""
    return f"{PREFIX}forget:{job_id}"
