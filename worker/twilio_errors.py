"""
Twilio's error codes for calls that are not about one number (https://www.twilio.com/docs/api/errors).

Every other 4xx is a refusal of this one call.
"""

from typing import Final

#: Refused for the account, its settings or its caller id: every further call would be refused as well.
ACCOUNT_CODES: Final = frozenset(
    {
        10001,  # account is not active
        10002,  # feature not available to trial accounts
        20003,  # authentication failed
        20005,  # account not active
        20008,  # test credentials used on a live resource
        20403,  # forbidden
        21203,  # international calling not enabled
        21210,  # caller id not verified
        21212,  # caller id invalid
        21213,  # no caller id
        21219,  # trial account: number not verified
    }
)

#: Not processed for now: wait and repeat.
LATER_CODES: Final = frozenset(
    {
        10004,  # concurrent call limit of the account
        20429,  # too many concurrent requests; "never processed and always safe to retry"
    }
)
