"""
The peer: what one would write first with FastAPI, pydantic and Celery. It checks and answers what ours does.

Run by uvicorn with uvloop and httptools; `send_task` in the handler, as its documentation shows it.
"""

import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from celery import Celery
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field, HttpUrl

celery = Celery("peer", broker=os.environ["CELERY_BROKER_URL"])
app = FastAPI()

Number = Annotated[str, Field(pattern=r"^\+[1-9]\d{1,14}$")]


class QueueSingleCall(BaseModel):
    """The request."""

    model_config = ConfigDict(extra="forbid")

    to_number: Number
    from_number: Number | None = None
    webhook_url: HttpUrl | None = None
    status_callback_url: HttpUrl | None = None
    call_metadata: dict[str, Any] | None = None
    delay_seconds: int = Field(default=0, ge=0, le=3600)


class CallQueued(BaseModel):
    """The answer."""

    success: bool
    task_id: str
    message: str
    created_at: datetime
    estimated_completion: datetime


@app.post("/queue-single-call")
async def queue_single_call(call: QueueSingleCall) -> CallQueued:
    """Queues one call."""
    task_id = str(uuid.uuid4())
    countdown = call.delay_seconds or None
    celery.send_task("calls.place", kwargs=call.model_dump(mode="json"), task_id=task_id, countdown=countdown)
    now = datetime.now(UTC)
    return CallQueued(
        success=True,
        task_id=task_id,
        message=f"Call to {call.to_number} queued successfully",
        created_at=now,
        estimated_completion=now + timedelta(seconds=call.delay_seconds + 60),
    )
