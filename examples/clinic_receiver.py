"""Follows the campaign of clinic_reminders.py: who confirmed, and whom somebody has to call by hand.

TWILIO_AUTH_TOKEN=… python examples/clinic_receiver.py --public-url https://example.com

Believes what is signed for its own address, and of campaigns that its own API_KEY may see, and answers 204 only once an
event is dealt with: any other answer has it sent again, for a day.
"""

import argparse
import os
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import ClientSession, web
from twilio.request_validator import RequestValidator

parser = argparse.ArgumentParser(description="Follows a clinic's reminders.")
parser.add_argument("--public-url", required=True, help="as the client gave it, without its path")
parser.add_argument("--url", default="http://127.0.0.1:8001")
parser.add_argument("--port", type=int, default=9000)
OPTIONS = parser.parse_args()
VALIDATOR = RequestValidator(os.environ["TWILIO_AUTH_TOKEN"])
HEADERS = {"X-API-Key": os.environ["API_KEY"]} if "API_KEY" in os.environ else {}
SEEN: set[tuple[str, str]] = set()


async def rows_of(campaign: str) -> AsyncIterator[dict[str, Any]]:
    """What became of each patient so far."""
    query = {"limit": "200"}
    async with ClientSession(headers=HEADERS, raise_for_status=True) as session:
        while query.get("cursor") != "":
            url = f"{OPTIONS.url}/api/v1/celery/twilio/tasks/{campaign}/calls"
            async with session.get(url, params=query) as answer:
                page = await answer.json()
            query["cursor"] = page["next_cursor"] or ""
            for row in page["calls"]:
                yield row


async def receive(request: web.Request) -> web.Response:
    """Takes one event: a number of the campaign goes on, or the whole of it is over."""
    form = await request.post()
    signature = request.headers.get("X-Twilio-Signature", "")
    if not VALIDATOR.validate(OPTIONS.public_url + request.raw_path, form, signature):
        return web.Response(status=403)
    event = (str(form["TaskId"]), str(form["SequenceNumber"]))
    if event not in SEEN:  # an event may come twice
        print(form["TaskId"], form.get("CallStatus") or form.get("TaskStatus"), flush=True)
        if form.get("TaskStatus") in {"SUCCESS", "FAILURE", "REVOKED"}:
            async for row in rows_of(event[0]):
                confirmed = any(attempt["digits"] == "1" for attempt in row["attempts"])
                print(row["external_id"], "confirmed" if confirmed else f"by hand: {row['outcome']}", flush=True)
        SEEN.add(event)
    return web.Response(status=204)


app = web.Application()
app.router.add_post("/events", receive)
web.run_app(app, host="127.0.0.1", port=OPTIONS.port)
