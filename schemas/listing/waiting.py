"""How many numbers wait for what, over all tasks of a client."""

from schemas.explanation import WaitsFor, obstacle, waits_for
from schemas.limits import Limits
from schemas.listing.now import Now, RunningCampaign
from schemas.listing.numbers import waiting_numbers
from schemas.scripts.explain import Facts
from schemas.states import CallState, CampaignState


def waiting_counts(now: Now, limits: Limits) -> dict[WaitsFor, int]:
    """Every word with its count. Numbers of campaigns that stand nowhere are those of paused ones."""
    counts = dict.fromkeys(WaitsFor, 0)
    counts[_of_calls(now, limits, is_due=True)] += now.due_calls
    counts[_of_calls(now, limits, is_due=False)] += now.later_calls
    for campaign in now.campaigns:
        for word, count in waiting_numbers(_facts_of(campaign, now), limits).items():
            counts[word] += count
    counts[WaitsFor.PAUSED] += max(0, now.numbers - sum(campaign.waiting for campaign in now.campaigns))
    return counts


def campaign_waits_for(campaign: RunningCampaign, now: Now, limits: Limits) -> WaitsFor:
    """What keeps a campaign's numbers, or the first of them."""
    facts = _facts_of(campaign, now)
    return waits_for(facts, obstacle(facts, limits)) or WaitsFor.PACE


def _facts_of(campaign: RunningCampaign, now: Now) -> Facts:
    """Where some of its windows are closed and others open, those that never began count as closed."""
    is_shut = campaign.opens_ms * 1000 > now.facts.now_us
    later = campaign.again_later + campaign.capped_later
    return now.facts._replace(
        state=CampaignState.ACTIVE,
        campaign=campaign.task_id,
        numbers=campaign.waiting,
        due_ms=campaign.due_ms,
        later_ms=round(campaign.at_ms),
        opens_ms=campaign.opens_ms,
        closes_ms=campaign.unplanned,
        unplanned=campaign.unplanned,
        shut=max(0, campaign.waiting - later) if is_shut else 0,
        again_later=campaign.again_later,
        capped_later=campaign.capped_later,
        campaign_live=campaign.live,
        campaign_max_live=campaign.max_live,
        paused="" if campaign.paused else None,
        ahead=max(0, now.due_calls + now.due_campaigns - 1),
    )


def _of_calls(now: Now, limits: Limits, *, is_due: bool) -> WaitsFor:
    due_ms = 0 if is_due else now.facts.now_us // 1000 + 1
    ahead = max(0, now.due_calls + now.due_campaigns - 1)
    facts = now.facts._replace(state=CallState.WAITING, due_ms=due_ms, ahead=ahead)
    return waits_for(facts, obstacle(facts, limits)) or WaitsFor.PACE
