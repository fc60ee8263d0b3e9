"""What a process tells of its settings: digests, since some are secrets, and only whether they differ is asked."""

import hashlib
from collections.abc import Mapping
from typing import Final

from runtime.liveness import own_name
from runtime.settings import SharedSettings
from schemas.hours.database import VERSION
from schemas.operation.part import Kind, Part

_DIGITS: Final = 8


def part_of(
    kind: Kind, settings: SharedSettings, ahead_ms: int, more: Mapping[str, str] | None = None, broker: str = ""
) -> Part:
    """
    This process, with the settings that all share, and `more` that its kind shares.

    `broker` is the mark of the Redis over which its messages go, since many URLs lead there; '' while it is away.
    """
    values = {**_shared(settings), **(more or {}), **({"CELERY_BROKER_URL": broker} if broker else {})}
    told = {name: _digest(value) for name, value in values.items()}
    return Part(own_name(), kind, ahead_ms, told)


def _shared(settings: SharedSettings) -> dict[str, str]:
    limits = settings.limits
    values: dict[str, str | float] = {
        "TWILIO_ACCOUNT_SID": settings.account_sid,
        "TWILIO_AUTH_TOKEN": settings.auth_token,
        "TWILIO_API_BASE_URL": settings.api_base_url,
        "TWILIO_TIMEOUT_SECONDS": settings.timeout_seconds,
        "PUBLIC_BASE_URL": settings.public_base_url,
        "CALLS_PER_SECOND": limits.calls_per_second,
        "SINGLE_CALLS_PER_MINUTE": limits.single_calls_per_minute,
        "MAX_LIVE_CALLS": limits.max_live_calls,
        "MAX_CALL_MINUTES_PER_DAY": limits.most_minutes_a_day,
        "MAX_CALLS_PER_DAY": limits.most_calls_per_day,
        "MAX_CALLS_PER_NUMBER_PER_DAY": limits.most_calls_per_number,
        "RECONCILE_AFTER_SECONDS": settings.reconcile_after_seconds,
        "CALL_RETENTION_DAYS": settings.retention_days,
        "CALLING_WINDOWS": settings.policy.name,
        "MAX_CALL_SECONDS": settings.max_call_seconds,
        "DEFAULT_MESSAGE": settings.default_message,
        "REDIS_REPLICAS": settings.sentinel.replicas,
        "tzdata (a package)": VERSION,
    }
    return {name: f"{value:.15g}" if isinstance(value, float | int) else str(value) for name, value in values.items()}


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode("utf-8", "surrogateescape")).hexdigest()[:_DIGITS]
