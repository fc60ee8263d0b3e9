"""
What one would write first: a Celery task that places a call, with late acknowledgement and automatic retries.

Kept to be measured against: see tests/benchmarks/torture_plain.py. Its settings are Celery's own defaults otherwise.
"""

import os

from celery import Celery
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

app = Celery("plain", broker=os.environ["PLAIN_BROKER_URL"], backend=os.environ["PLAIN_BROKER_URL"])
app.conf.update(task_acks_late=True, task_reject_on_worker_lost=True, broker_connection_retry_on_startup=True)


@app.task(name="plain.call", autoretry_for=(Exception,), retry_backoff=True, max_retries=3)  # type: ignore[untyped-decorator]
def call(number: str) -> str:
    """Places one call."""
    client = Client(
        os.environ["TWILIO_ACCOUNT_SID"], os.environ["TWILIO_AUTH_TOKEN"], http_client=TwilioHttpClient(timeout=2)
    )
    client.api.base_url = os.environ["TWILIO_API_BASE_URL"]
    created = client.calls.create(to=number, from_=os.environ["TWILIO_PHONE_NUMBER"], twiml="<Response/>")
    return str(created.sid)
