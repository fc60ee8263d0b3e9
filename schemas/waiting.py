"""Why a task does not go at once: the facts that explain.lua gathers, and the sentence they come to."""

from collections.abc import Sequence
from typing import Final

from schemas.errors import RecordError
from schemas.moment import utc_text
from schemas.states import CallState, CampaignState

_TEXTS: Final = frozenset({"state", "campaign", "halt_reason"})


class Facts:
    """What explain.lua found, all of it at one instant; what is not set, or does not matter, is 0."""

    now_us: int
    state: str
    campaign: str = ""  #: id of the campaign, of a campaign itself too
    due_ms: int = 0
    slot_us: int = 0
    later_ms: int = 0  #: when it comes into line, if it is not there yet
    check_ms: int = 0
    ahead: int = 0  #: before it in its own line: of single calls, or of campaigns
    ahead_in_other_line: int = 0
    account_free_us: int = 0
    paused_us: int = 0
    singles_free_us: int = 0
    live: int = 0
    overdue: int = 0  #: calls that workers should have let go, if there are so many that no more are handed out
    halt_reason: str = ""
    probe_ms: int = 0
    drained_ms: int = 0
    workers: int = 0
    beats: int = 0
    campaign_live: int = 0
    campaign_max_live: int = 0
    numbers: int = 0  #: of the campaign, not dialled yet

    def __init__(self, task_id: str, flat: Sequence[str]) -> None:
        """Reads the third part of what explain.lua returned; raises RecordError if the task's record is damaged."""
        told = vars(self)
        try:
            for name, value in zip(flat[::2], flat[1::2], strict=True):
                told[name] = value if name in _TEXTS else int(value) if value.isdigit() else round(float(value))
        except ValueError as error:
            raise RecordError(f"The record of task {task_id} is damaged: {error!r}") from error

    @property
    def calls_ahead(self) -> int:
        """Calls that go first. A campaign passes single calls while their own pace holds them."""
        passes = bool(self.campaign) and self.singles_free_us > max(self.now_us, self.account_free_us)
        return self.ahead + (0 if passes else self.ahead_in_other_line)


def explain(facts: Facts, max_live_calls: int) -> str:
    """Why the task is where it is: a phrase that begins with a small letter."""
    if facts.state == CallState.WAITING or (facts.state == CampaignState.ACTIVE and facts.numbers):
        return _why_waiting(facts, max_live_calls)
    if facts.state in {CallState.DISPATCHED, CallState.CONFIRMING} and not facts.workers:
        return "no worker is alive"
    whereabouts = {
        str(CampaignState.ACTIVE): f"every number was dialled; calls still live: {facts.campaign_live}",
        str(CallState.DISPATCHED): f"on its way to a worker, leaves at {_at(facts.slot_us)}",
        str(CallState.DIALLING): "a worker has it",
        str(CallState.CONFIRMING): f"being looked up at Twilio, next at {utc_text(facts.check_ms)}",
        str(CallState.PLACED): f"Twilio has it, looked at again at {utc_text(facts.check_ms)}",
    }
    return whereabouts.get(facts.state, f"it does not wait: it is {facts.state}")


def _why_waiting(facts: Facts, max_live_calls: int) -> str:
    """The first obstacle in the order in which they would have to go away for the call to be placed."""
    return (
        _its_own_time(facts)
        or _the_program(facts)
        or _the_account(facts, max_live_calls)
        or _its_place(facts)
        or "its turn has come, workers are being told"
    )


def _its_own_time(facts: Facts) -> str:
    now_ms = facts.now_us / 1000
    if facts.due_ms > now_ms:
        return f"not due before {utc_text(facts.due_ms)}"
    if facts.later_ms > now_ms:
        return f"campaign's delay, next at {utc_text(facts.later_ms)}"
    return ""


def _the_program(facts: Facts) -> str:
    if facts.drained_ms:
        return f"the operator lets no call go since {utc_text(facts.drained_ms)} (drain)"
    if not facts.workers:
        return "no worker is alive"
    if facts.overdue:
        return f"the workers are behind: {facts.overdue} calls wait for a free one"
    return "" if facts.beats else "no beat is alive"


def _the_account(facts: Facts, max_live_calls: int) -> str:
    if facts.halt_reason:
        reason = facts.halt_reason.rstrip(".")
        return f"the account is halted: {reason}, next probe at {utc_text(facts.probe_ms)}"
    if facts.paused_us > facts.now_us:
        return f"the account is paused (Twilio said wait, or was not reached) until {_at(facts.paused_us)}"
    if facts.live >= max_live_calls:
        return f"MAX_LIVE_CALLS: {facts.live} of {max_live_calls} calls are live"
    return ""


def _its_place(facts: Facts) -> str:
    if facts.campaign and facts.campaign_live >= facts.campaign_max_live:
        return f"campaign at {facts.campaign_live} of {facts.campaign_max_live} live calls"
    pace = _pace(facts)
    if facts.calls_ahead:
        in_line = f"behind {facts.calls_ahead} {'call' if facts.calls_ahead == 1 else 'calls'} in line"
        return f"{in_line}; {pace}" if pace else in_line
    return pace


def _pace(facts: Facts) -> str:
    if not facts.campaign and facts.singles_free_us > max(facts.now_us, facts.account_free_us):
        return f"single-call pace, next at {_at(facts.singles_free_us)}"
    if facts.account_free_us > facts.now_us:
        return f"account pace, next at {_at(facts.account_free_us)}"
    return ""


def _at(us: int) -> str:
    return utc_text(us // 1000)
