"""When a campaign will be done, as far as its pace, its delay and its last calls tell."""

import math
from typing import Final

from schemas.limits import Limits
from schemas.records import CampaignRecord
from schemas.scripts.explain import Facts
from schemas.states import CampaignState

#: Of fewer calls that are over, it is not told how long one takes up its place.
LEAST_LASTED: Final = 20
#: What a call is taken to last where that is not known.
_CALL_MS: Final = 60_000


def finish_of(campaign: CampaignRecord, facts: Facts, limits: Limits) -> int | None:
    """
    The instant, in milliseconds since 1970; None if nobody can know: it is over, paused or held, or at its most calls
    at once, while too few of them are over.
    """
    unsettled = campaign.total - campaign.settled
    stands = facts.paused is not None or facts.drained_ms or facts.hold_reason
    if campaign.state is not CampaignState.ACTIVE or not unsettled or stands:
        return None
    now_ms = facts.now_us / 1000
    lasts_ms = _mean(campaign.lasted_ms)
    if not campaign.waiting:
        return round(now_ms + (lasts_ms or _CALL_MS))
    binds = 0 < facts.campaign_max_live <= facts.campaign_live
    if lasts_ms is None and binds:
        return None
    step_ms = max(facts.delay_us, limits.account.interval_us) / 1000
    if lasts_ms is not None and facts.campaign_max_live:
        step_ms = max(step_ms, lasts_ms / facts.campaign_max_live)
    begins_ms = max(now_ms, facts.due_ms, facts.later_ms, facts.opens_ms)
    last_ms = min(begins_ms + (campaign.waiting - 1) * step_ms, facts.expires_ms or math.inf)
    return round(last_ms + (lasts_ms or _CALL_MS))


def _mean(lasted_ms: tuple[int, ...]) -> float | None:
    return sum(lasted_ms) / len(lasted_ms) if len(lasted_ms) >= LEAST_LASTED else None
