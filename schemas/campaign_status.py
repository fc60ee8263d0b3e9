"""The word of task-status for a campaign."""

from schemas.records import CampaignRecord
from schemas.states import CampaignState, TaskStatus


def campaign_status(campaign: CampaignRecord) -> TaskStatus:
    """
    The first word that fits: cancelled, or expired before any number was handed over; stopped, by a version before 2;
    no number handed over yet; some number not settled, one that Twilio corrected too; none ever placed; else success.
    """
    if campaign.state is CampaignState.CANCELLED or (campaign.expired and not campaign.begun):
        return TaskStatus.REVOKED
    if campaign.state is CampaignState.STOPPED:
        return TaskStatus.FAILURE
    if campaign.settled < campaign.total:
        return TaskStatus.PROGRESS if campaign.begun else TaskStatus.PENDING
    return TaskStatus.SUCCESS if campaign.placed else TaskStatus.FAILURE
