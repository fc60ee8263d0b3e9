"""Moments as Twilio writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime


def rfc2822(epoch_seconds: float) -> str:
    """`Fri, 09 Nov 2001 01:08:47 +0000`, as every date in the 2010 API; fractions are cut."""
    return format_datetime(datetime.fromtimestamp(int(epoch_seconds), UTC))
