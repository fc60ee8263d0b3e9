"""What one web process holds, under typed keys."""

import asyncio
from typing import Final

from aiohttp import web

from app.publisher import Publisher
from app.relay.loop import Relay
from app.security.request_limit import Scales
from app.settings import Settings
from app.store.campaigns import Campaigns
from app.store.do_not_call import DoNotCall
from app.store.events import EventLedger
from app.store.ledger import Ledger
from app.store.reading.calls import Calls
from app.store.reading.explanations import Explanations
from app.store.reading.index import Index
from app.store.standing import Standing

SETTINGS: Final = web.AppKey("settings", Settings)
CAMPAIGNS: Final = web.AppKey("campaigns", Campaigns)
LEDGER: Final = web.AppKey("ledger", Ledger)
PUBLISHER: Final = web.AppKey("publisher", Publisher)
RELAY: Final = web.AppKey("relay", Relay)
DO_NOT_CALL: Final = web.AppKey("do_not_call", DoNotCall)
EXPLANATIONS: Final = web.AppKey("explanations", Explanations)
EVENTS: Final = web.AppKey("events", EventLedger)
INDEX: Final = web.AppKey("index", Index)
CALLS: Final = web.AppKey("calls", Calls)
#: Set when the process is told to stop.
STOPPING: Final = web.AppKey("stopping", asyncio.Event)
STANDING: Final = web.AppKey("standing", Standing)

#: Name of the API key that a request came with; missing where none is needed.
CLIENT: Final = web.RequestKey("client", str)

#: Of a request whose answer goes on: when it began, as time.perf_counter() has it.
ANSWERED: Final = web.RequestKey("answered", float)
#: On which its body is laid before it is read; missing where no key is needed.
SCALES: Final = web.RequestKey("scales", Scales)

#: Of a request: its id, which is the id of the task that it makes, or of the task that a webhook is about.
REQUEST_ID: Final = web.RequestKey("request_id", str)
#: Where the task's trace goes on, if the client began it.
TRACEPARENT: Final = web.RequestKey("traceparent", str)
