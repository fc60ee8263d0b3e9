"""The call logic: Celery workers that place calls through Twilio, and the clock that wakes them."""

from worker.application import celery

__all__ = ["celery"]
