"""What one web process holds, under typed keys."""

from typing import Final

from aiohttp import web

from app.events import EventLedger
from app.ledger import Ledger
from app.publisher import Publisher
from app.relay import Relay
from app.settings import Settings

SETTINGS: Final = web.AppKey("settings", Settings)
LEDGER: Final = web.AppKey("ledger", Ledger)
PUBLISHER: Final = web.AppKey("publisher", Publisher)
RELAY: Final = web.AppKey("relay", Relay)
EVENTS: Final = web.AppKey("events", EventLedger)

#: Name of the API key that a request came with; missing where none is needed.
CLIENT: Final = web.RequestKey("client", str)

#: Of a request: its id, which is the id of the task that it makes, or of the task that a webhook is about.
REQUEST_ID: Final = web.RequestKey("request_id", str)
#: Where the task's trace goes on, if the client began it.
TRACEPARENT: Final = web.RequestKey("traceparent", str)
