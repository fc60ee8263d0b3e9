"""Requests for calls: what they are for, and what they look like. The first of each is what the page fills in."""

from typing import Any, Final

from schemas.bodies.telling import CALLEE, CALLER, OTHER_CALLEE, TASK_ID, UNWANTED, ahead, day_ahead

_REMINDER: Final = {
    "message": "Hello. This is a reminder of your appointment tomorrow at ten.",
    "voice": "Polly.Joanna",
    "language": "en-US",
    "customer_id": "12345",
}
_OWN_ANSWER: Final = {
    "from_number": CALLER,
    "webhook_url": "https://your-domain.com/answer",
    "status_callback_url": "https://your-domain.com/events",
    "call_metadata": {"customer_id": "12345", "priority": "high", "machine_detection": "enable"},
}

SINGLE: Final[dict[str, Any]] = {
    "summary": "Queue a single call",
    "description": "Records one call, to be dialled at once or after `delay_seconds`, when the limits let it: the"
    " answer means that it will not be lost. `call_metadata.message` is spoken, or what `webhook_url` tells."
    " `to_number` must differ from the caller's, and the operator's rules on numbers and prefixes hold.",
    "request_examples": {
        "a reminder": {"to_number": CALLEE, "call_metadata": _REMINDER},
        "the least": {"to_number": CALLEE},
        "your own answer and events": {"to_number": CALLEE, "delay_seconds": 10, **_OWN_ANSWER},
    },
}

BULK: Final[dict[str, Any]] = {
    "summary": "Queue bulk calls",
    "description": "Records a campaign: every distinct number is dialled once, in the order given, no two closer than"
    " `delay_between_calls`, at most `max_concurrent_calls` live at once. The call of the nth number is the task"
    " `<task_id>-<n>`. With `dry_run` all is checked and planned likewise and nothing is queued: the answer tells what"
    " would become of each number, when the last call would be over, and whether the campaign fits.",
    "request_examples": {
        "a survey": {
            "phone_numbers": [CALLEE, OTHER_CALLEE],
            "call_metadata": {"message": "Hello. How content are you with our service?", "campaign_id": "campaign_001"},
            "delay_between_calls": 30,
            "max_concurrent_calls": 3,
        },
        "the least": {"phone_numbers": [CALLEE, OTHER_CALLEE]},
        "a dry run": {"phone_numbers": [CALLEE, OTHER_CALLEE], "delay_between_calls": 60, "dry_run": True},
        "your own answer and events": {"phone_numbers": [CALLEE, OTHER_CALLEE], **_OWN_ANSWER},
    },
}

_QUEUED: Final = {
    "success": True,
    "task_id": TASK_ID,
    "message": "Bulk call campaign for 2 numbers queued successfully",
    "total_calls": 2,
    "duplicates_removed": 0,
    "skipped": [],
    "estimated_duration_minutes": 1,
    "created_at": ahead(),
    "warnings": [],
}
_TRIED: Final = {
    "index": 0,
    "to_number": CALLEE,
    "external_id": None,
    "zones": ["America/New_York"],
    "source": "phonenumbers",
    "zone_disagrees": False,
    "first_slot": ahead(),
    "reason": None,
}
BULK_ANSWERS: Final[dict[str, Any]] = {
    "accepted": _QUEUED,
    "a dry run": {
        **_QUEUED,
        "task_id": None,
        "message": "Bulk call campaign for 1 numbers was tried out: nothing is queued",
        "total_calls": 1,
        "skipped": [{"index": 1, "to_number": UNWANTED, "reason": "do_not_call"}],
        "dry_run": True,
        "numbers": [
            _TRIED,
            {**_TRIED, "index": 1, "to_number": UNWANTED, "first_slot": None, "reason": "do_not_call"},
        ],
        "finish": ahead(60),
        "fits": True,
    },
}

SCHEDULED: Final[dict[str, Any]] = {
    "summary": "Schedule a call",
    "description": "Records one call, to be dialled at `schedule_time`, or as soon after it as the limits let it. The"
    " time must lie ahead, by 365 days at most. Without an offset it is read in `timezone`; one that a clock change"
    " skips is refused.",
    "request_examples": {
        "tomorrow at two": {
            "to_number": CALLEE,
            "schedule_time": f"{day_ahead(1)}T14:00:00",
            "timezone": "America/New_York",
            "call_metadata": _REMINDER,
        },
        "an instant": {"to_number": CALLEE, "schedule_time": f"{day_ahead(1)}T08:30:00Z"},
        "your own answer and events": {
            "to_number": CALLEE,
            "schedule_time": f"{day_ahead(2)}T14:00:00+05:30",
            **_OWN_ANSWER,
        },
    },
}
