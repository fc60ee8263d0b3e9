"""Answers about health."""

from typing import Any, Final

from schemas.bodies.telling import ahead

HEALTHY: Final[dict[str, Any]] = {
    "status": "healthy",
    "twilio_configured": True,
    "celery_configured": True,
    "redis": True,
    "workers": 2,
    "beat": True,
    "queue_depth": 0,
    "tzdata": "2026f",
    "simulated": False,
    "problems": [],
    "timestamp": ahead(),
}
DEGRADED: Final = HEALTHY | {
    "status": "degraded",
    "workers": 0,
    "queue_depth": 3,
    "problems": [{"code": "no_worker", "detail": "Nothing is dialled, for no worker takes messages: start one."}],
}
UNHEALTHY: Final = HEALTHY | {"status": "unhealthy", "redis": False, "workers": 0, "beat": False}
