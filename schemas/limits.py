"""The limits that hold over all workers together."""

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Final

_SECOND_US: Final = 1_000_000

#: Slots lie a little further apart than allowed, so that calls which left late can be caught up with: 1.2 % of a
#: window, and 20 ms at most. A third of that is kept even then, for what nobody can measure on the way to Twilio.
_MARGIN_SHARE: Final = 0.012
_MARGIN_MOST_US: Final = 20_000
_KEPT_SHARE: Final = 1 / 3

#: A call behind a late one may make up for so much of its interval, and no more than this.
_CATCH_UP_SHARE: Final = 0.2
_CATCH_UP_MOST_US: Final = 5_000

#: Redis remembers the requests of a window one by one.
_MOST_IN_WINDOW: Final = 1000


@dataclass(frozen=True, slots=True)
class Pace:
    """At most `most` requests reach Twilio within any `window_us`, evenly spread."""

    interval_us: int  #: between two slots
    gap_us: int  #: the least between a late request and the one before it
    most: int
    window_us: int

    @classmethod
    @cache
    def of(cls, calls: float, seconds: float) -> "Pace":
        """The pace of so many calls in so many seconds; its window is as short as its calls are many, but a second."""
        exact_us = seconds * _SECOND_US / calls
        most = min(max(1, int(_SECOND_US / exact_us + 1e-9)), _MOST_IN_WINDOW)
        margin_us = min(most * exact_us * _MARGIN_SHARE, _MARGIN_MOST_US)
        catch_up_us = min(exact_us * _CATCH_UP_SHARE, _CATCH_UP_MOST_US)
        return cls(
            interval_us=round(exact_us + margin_us / most),
            gap_us=round(exact_us - catch_up_us) if most > 1 else 0,
            most=most,
            window_us=round(most * exact_us + margin_us * _KEPT_SHARE),
        )


@dataclass(frozen=True)
class Limits:
    """Account-wide limits, as the operator set them."""

    calls_per_second: float
    single_calls_per_minute: float
    max_live_calls: int
    most_minutes_a_day: int = 0  #: of calls in a UTC day, as Twilio counts them; 0 for any number
    most_calls_per_day: int = 0  #: numbers that a UTC day accepts, and tries again; 0 for any number
    most_calls_per_number: int = 0  #: attempts of a client at one number in 24 hours; 0 for any number

    @cached_property
    def account(self) -> Pace:
        """The pace of every call."""
        return Pace.of(self.calls_per_second, 1)

    @cached_property
    def singles(self) -> Pace:
        """That of single and scheduled calls, which keep the account's too."""
        return Pace.of(self.single_calls_per_minute, 60)


def campaign_interval_us(delay_seconds: int) -> int:
    """Microseconds between two calls of a campaign with this `delay_between_calls`."""
    return Pace.of(1, delay_seconds).interval_us
