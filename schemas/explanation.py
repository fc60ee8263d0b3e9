"""Why a task does not go at once: the word and the sentence that the facts of explain.lua come to."""

from collections.abc import Callable
from enum import StrEnum, auto
from typing import Final, NamedTuple

from schemas.limits import Limits
from schemas.moment import utc_text
from schemas.scripts.explain import Facts
from schemas.states import CallState, CampaignState

_MINUTE_MS: Final = 60_000


class WaitsFor(StrEnum):
    """One word for what keeps a task; the first that keeps it counts."""

    PAUSED = auto()  #: somebody, or Twilio's refusal of its caller id, paused the campaign
    DRAINED = auto()  #: the operator lets no call go
    ACCOUNT = auto()  #: Twilio takes no calls of the account
    SCHEDULE = auto()  #: its time
    WINDOW = auto()  #: the hours in which it may ring
    RETRY = auto()  #: the time of its next attempt
    CAP = auto()  #: how many calls, or minutes of calls, a day may have
    CONCURRENCY = auto()  #: another call's end
    WORKER = auto()  #: a worker or a beat
    PACE = auto()  #: its turn


class Obstacle(NamedTuple):
    """What keeps a task."""

    word: WaitsFor
    phrase: str  #: behind "waiting: "; one that begins with "for" behind "waiting "


def why(facts: Facts, found: Obstacle | None) -> str:
    """Why the task is where it is, with the obstacle that was found: a phrase that begins with a small letter."""
    if found:
        return found.phrase
    if facts.state in {CallState.DISPATCHED, CallState.CONFIRMING} and not facts.workers:
        return "no worker is alive"
    whereabouts = {
        str(
            CampaignState.ACTIVE
        ): f"every number was dialled or is on its way to a worker; calls still live: {facts.campaign_live}",
        str(CallState.DISPATCHED): f"on its way to a worker, leaves at {_at(facts.slot_us)}",
        str(CallState.DIALLING): "a worker has it",
        str(CallState.CONFIRMING): f"being looked up at Twilio, next at {utc_text(facts.check_ms)}",
        str(CallState.PLACED): f"Twilio has it, looked at again at {utc_text(facts.check_ms)}",
    }
    return whereabouts.get(facts.state, f"it does not wait: it is {facts.state}")


def obstacle(facts: Facts, limits: Limits) -> Obstacle | None:
    """What keeps a task that waits, or a campaign's numbers; None if it does not wait."""
    if facts.state != CallState.WAITING and not (facts.state == CampaignState.ACTIVE and facts.numbers):
        return None
    for word, phrase_of in _IN_ORDER:
        if phrase := phrase_of(facts, limits):
            return Obstacle(word, phrase)
    return Obstacle(WaitsFor.PACE, "its turn has come, workers are being told")


def waits_for(facts: Facts, found: Obstacle | None) -> WaitsFor | None:
    """What a call waits for, one on its way to a worker too, or a campaign's numbers; None if it does not wait."""
    return on_its_way(facts) if facts.state == CallState.DISPATCHED else found and found.word


def on_its_way(facts: Facts) -> WaitsFor:
    """What a call waits for that was admitted."""
    return WaitsFor.PACE if facts.workers else WaitsFor.WORKER


def _pause(facts: Facts, _: Limits) -> str:
    if facts.paused is None:
        return ""
    told = "the campaign is paused" if facts.campaign else "it is paused"
    return f"{told}: {facts.paused.rstrip('.')}" if facts.paused else told


def _drain(facts: Facts, _: Limits) -> str:
    if not facts.drained_ms:
        return ""
    due = f"; it is due at {utc_text(facts.due_ms)}" if facts.due_ms > facts.now_us / 1000 else ""
    return f"drained: the operator lets no call go since {utc_text(facts.drained_ms)}{due}"


def _account(facts: Facts, _: Limits) -> str:
    if facts.hold_reason:
        reason = facts.hold_reason.rstrip(".")
        return f"the account is held: {reason}, next probe at {utc_text(facts.probe_ms)}"
    if facts.paused_us > facts.now_us:
        return f"the account is paused (Twilio said wait, queues calls or was not reached) until {_at(facts.paused_us)}"
    return ""


def _schedule(facts: Facts, _: Limits) -> str:
    return f"not due before {utc_text(facts.due_ms)}" if facts.due_ms > facts.now_us / 1000 else ""


def _window(facts: Facts, _: Limits) -> str:
    now_ms = facts.now_us / 1000
    if 0 < facts.closes_ms <= now_ms:
        return "outside its calling windows; when they open next is being worked out"
    again_ms = facts.later_ms if facts.shut else 0  # all that waits was called before
    how, at_ms = ("which open at", facts.opens_ms) if facts.opens_ms else ("and is tried again after", again_ms)
    return f"outside its calling windows, {how} {utc_text(at_ms)}" if at_ms > now_ms else ""


def _retry(facts: Facts, _: Limits) -> str:
    which, at_ms = ("the next", facts.later_ms) if _all_later(facts) and facts.again_later else ("it", facts.again_ms)
    return f"{which} is tried again at {utc_text(at_ms)}" if at_ms > facts.now_us / 1000 else ""


def _all_later(facts: Facts) -> bool:
    """Whether each number of a campaign that waits has a time of its own."""
    return 0 < facts.numbers <= facts.again_later + facts.capped_later


def _minutes(facts: Facts, limits: Limits) -> str:
    if facts.capped_later and _all_later(facts):
        return f"its numbers were called as often as they may be: the next may be called at {utc_text(facts.later_ms)}"
    if facts.capped_ms and facts.capped_ms != facts.day_ends_ms:
        most = limits.most_calls_per_number
        return f"MAX_CALLS_PER_NUMBER_PER_DAY={most}: this number may be called again at {utc_text(facts.capped_ms)}"
    if facts.capped_ms:
        return f"MAX_CALLS_PER_DAY={limits.most_calls_per_day}: this UTC day is full, {_next_day(facts)}"
    if facts.talked_ms:
        lasted = f"calls lasted {facts.talked_ms // _MINUTE_MS} minutes in this UTC day"
        return f"MAX_CALL_MINUTES_PER_DAY={limits.most_minutes_a_day}: {lasted}, {_next_day(facts)}"
    return ""


def _next_day(facts: Facts) -> str:
    return f"the next begins at {utc_text(facts.day_ends_ms)}"


def _live(facts: Facts, limits: Limits) -> str:
    if facts.campaign and facts.campaign_live >= facts.campaign_max_live > 0:
        return f"max_concurrent_calls={facts.campaign_max_live}: {_calls(facts.campaign_live)} of the campaign live"
    if facts.live >= limits.max_live_calls:
        return f"MAX_LIVE_CALLS={limits.max_live_calls}: {_calls(facts.live)} live"
    return ""


def _program(facts: Facts, _: Limits) -> str:
    if not facts.workers:
        return "no worker is alive"
    if facts.overdue:
        return f"the workers are behind: {facts.overdue} calls wait for a free one"
    return "" if facts.beats else "no beat is alive"


def _pace(facts: Facts, limits: Limits) -> str:
    if facts.later_ms > facts.now_us / 1000:
        return _later(facts, limits)
    before = facts.calls_ahead + facts.rows_before
    by_singles = not facts.campaign and facts.singles_free_us > facts.account_free_us
    free_us = max(facts.account_free_us, 0 if facts.campaign else facts.singles_free_us)
    if free_us <= facts.now_us and not before:
        return ""
    setting = (
        f"SINGLE_CALLS_PER_MINUTE={limits.single_calls_per_minute:g}"
        if by_singles
        else f"CALLS_PER_SECOND={limits.calls_per_second:g}"
    )
    if not before:
        return f"for the pace: it is the next, and {setting} lets it go at {_at(free_us)}"
    return (
        f"for the pace: {_calls(before)} before it, {setting} lets the next go at {_at(max(free_us, facts.now_us))}"
        f" and this one about {_at(_own_turn_us(facts, limits))}"
    )


def _later(facts: Facts, limits: Limits) -> str:
    at = utc_text(facts.later_ms)
    if not facts.campaign:
        return f"it is tried again at {at}"
    delay = f"delay_between_calls={round(facts.delay_us / 1e6)}"
    if not facts.rows_before:
        return f"{delay}: the campaign's next call goes at {at}"
    own = _at(facts.later_ms * 1000 + _rows_take_us(facts, limits))
    before = f"{_calls(facts.rows_before)} of the campaign before it"
    return f"{delay}: {before}, the next at {at} and this one about {own}"


def _own_turn_us(facts: Facts, limits: Limits) -> int:
    """When it is its turn if nothing but the pace keeps those before it; a campaign before it counts as one call."""
    turn_us = max(facts.account_free_us, facts.now_us) + facts.calls_ahead * limits.account.interval_us
    if facts.campaign:
        return turn_us + _rows_take_us(facts, limits)
    return max(turn_us, max(facts.singles_free_us, facts.now_us) + facts.ahead * limits.singles.interval_us)


def _rows_take_us(facts: Facts, limits: Limits) -> int:
    return facts.rows_before * max(facts.delay_us, limits.account.interval_us)


#: In the order in which they would have to go away for the call to be placed.
_IN_ORDER: Final[tuple[tuple[WaitsFor, Callable[[Facts, Limits], str]], ...]] = (
    (WaitsFor.PAUSED, _pause),
    (WaitsFor.DRAINED, _drain),
    (WaitsFor.ACCOUNT, _account),
    (WaitsFor.SCHEDULE, _schedule),
    (WaitsFor.WINDOW, _window),
    (WaitsFor.RETRY, _retry),
    (WaitsFor.CAP, _minutes),
    (WaitsFor.CONCURRENCY, _live),
    (WaitsFor.WORKER, _program),
    (WaitsFor.PACE, _pace),
)


def _calls(count: int) -> str:
    return f"{count} {'call' if count == 1 else 'calls'}"


def _at(us: int) -> str:
    return utc_text(us // 1000)
