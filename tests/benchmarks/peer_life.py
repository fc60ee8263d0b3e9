"""
The peer of a whole call: a web tier of FastAPI, a Celery task with Twilio's SDK, and its own state in Redis.

It accepts, dials, checks each webhook with the SDK's validator, stores the status and passes the event on, signed.
Uvicorn runs `app`, Celery runs `celery`.
"""

import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from urllib.parse import parse_qsl

import aiohttp
from celery import Celery
from fastapi import FastAPI, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from redis.asyncio import Redis
from twilio.request_validator import RequestValidator
from twilio.rest import Client

BROKER = os.environ["CELERY_BROKER_URL"]
BASE = os.environ["PUBLIC_BASE_URL"]
TOKEN = os.environ["TWILIO_AUTH_TOKEN"]
EVENTS = ["initiated", "ringing", "answered", "completed"]
SPOKEN = '<?xml version="1.0" encoding="UTF-8"?><Response><Say>This is your reminder.</Say></Response>'

celery = Celery("peer", broker=BROKER)
celery.conf.update(task_ignore_result=True, broker_connection_retry_on_startup=True)
redis = Redis.from_url(BROKER, decode_responses=True)
validator = RequestValidator(TOKEN)
sessions: list[aiohttp.ClientSession] = []

Number = Annotated[str, Field(pattern=r"^\+[1-9]\d{1,14}$")]


class QueueSingleCall(BaseModel):
    """The request."""

    model_config = ConfigDict(extra="forbid")

    to_number: Number
    status_callback_url: str


@celery.task(name="peer.call")  # type: ignore[untyped-decorator]
def call(call_id: str, to_number: str) -> str:
    """Places one call."""
    client = Client(os.environ["TWILIO_ACCOUNT_SID"], TOKEN)
    client.api.base_url = os.environ["TWILIO_API_BASE_URL"]
    created = client.calls.create(
        to=to_number,
        from_=os.environ["TWILIO_PHONE_NUMBER"],
        url=f"{BASE}/incoming-call?call={call_id}",
        status_callback=f"{BASE}/call-status?call={call_id}",
        status_callback_event=EVENTS,
    )
    return str(created.sid)


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """One session of HTTP for all events."""
    async with aiohttp.ClientSession() as session:
        sessions.append(session)
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/queue-single-call")
async def queue_single_call(wanted: QueueSingleCall) -> dict[str, Any]:
    """Queues one call."""
    call_id = str(uuid.uuid4())
    await redis.hset(f"call:{call_id}", mapping={"status": "queued", "url": wanted.status_callback_url})
    celery.send_task("peer.call", (call_id, wanted.to_number), task_id=call_id)
    return {"success": True, "task_id": call_id}


@app.post("/incoming-call")
async def incoming_call(request: Request) -> Response:
    """What is said."""
    await _checked(request)
    return Response(SPOKEN, media_type="application/xml")


@app.post("/call-status")
async def call_status(request: Request) -> Response:
    """Stores the status, and passes the event on."""
    form = await _checked(request)
    key = f"call:{request.query_params['call']}"
    await redis.hset(key, mapping={"status": form["CallStatus"], "sid": form["CallSid"]})
    url = str(await redis.hget(key, "url"))
    headers = {"X-Twilio-Signature": validator.compute_signature(url, form)}
    async with sessions[0].post(url, data=form, headers=headers) as answer:
        answer.raise_for_status()
    return Response(status_code=204)


async def _checked(request: Request) -> dict[str, str]:
    form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
    url = f"{BASE}{request.url.path}?{request.url.query}"
    if not validator.validate(url, form, request.headers.get("X-Twilio-Signature", "")):
        raise HTTPException(403)
    return form
