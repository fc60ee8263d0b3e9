"""The limits that hold over all workers together."""

from dataclasses import dataclass
from typing import Final

from schemas.environment import Environment

_SECOND_US: Final = 1_000_000

#: Calls leave a little slower than allowed: limits are counted where calls arrive, some milliseconds after they left,
#: and those milliseconds vary. Two percent, and 20 ms at most, keep every window at Twilio within its limit; at high
#: rates more calls share a window, and a smaller share of each does the same.
_MARGIN_SHARE: Final = 0.02
_MARGIN_MOST_US: Final = 20_000
_HIGH_RATE_INTERVAL_US: Final = 100_000
_HIGH_RATE_MARGIN_SHARE: Final = 0.007


def _interval_us(calls: float, seconds: float) -> int:
    exact_us = seconds * _SECOND_US / calls
    share = _HIGH_RATE_MARGIN_SHARE if exact_us < _HIGH_RATE_INTERVAL_US else _MARGIN_SHARE
    return round(exact_us + min(exact_us * share, _MARGIN_MOST_US))


@dataclass(frozen=True, slots=True)
class Limits:
    """Account-wide limits, as the operator set them."""

    calls_per_second: float
    single_calls_per_minute: float
    max_live_calls: int

    @classmethod
    def read(cls, environment: Environment) -> "Limits":
        """Reads CALLS_PER_SECOND, SINGLE_CALLS_PER_MINUTE and MAX_LIVE_CALLS."""
        return cls(
            calls_per_second=environment.number("CALLS_PER_SECOND", 1),
            single_calls_per_minute=environment.number("SINGLE_CALLS_PER_MINUTE", 30),
            max_live_calls=environment.whole("MAX_LIVE_CALLS", 50),
        )

    @property
    def account_interval_us(self) -> int:
        """Microseconds between two calls of the account."""
        return _interval_us(self.calls_per_second, 1)

    @property
    def tolerance_us(self) -> int:
        """Microseconds that a call may leave early, so that lateness does not add up: what the margin leaves over."""
        return self.account_interval_us - round(_SECOND_US / self.calls_per_second)

    @property
    def single_interval_us(self) -> int:
        """Microseconds between two single or scheduled calls."""
        return _interval_us(self.single_calls_per_minute, 60)


def campaign_interval_us(delay_seconds: int) -> int:
    """Microseconds between two calls of a campaign with this `delay_between_calls`."""
    return _interval_us(1, delay_seconds)
