"""Placing, finding, following and ending calls at Twilio, with the official SDK."""

import json
import threading
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, Final, TypeAlias

from twilio.base.exceptions import TwilioException
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance

from schemas.lua.facts import FINAL_STATUSES
from schemas.records import CallRecord
from worker.metrics import ROUND_TRIP, request_timed
from worker.settings import Settings
from worker.twilio.departure import Departure
from worker.twilio.errors import NotProcessed, NotTaken, OutcomeInDoubt, TwilioFault
from worker.twilio.http import PooledHttpClient
from worker.twilio.listing import Page, is_sid, known_status, long_queue_seconds, news_of, told_ms
from worker.twilio.outcomes import (
    Deferred,
    HangUp,
    HungUp,
    News,
    NotFound,
    NotYet,
    Outcome,
    Placed,
    Refused,
    Unknown,
)
from worker.twilio.parameters import parameters, parameters_of_client
from worker.twilio.refusals import about
from worker.twilio.round_trips import RoundTrips

#: What reading a body raises that is not the JSON that Twilio's would be.
_UNREADABLE: Final = (
    TwilioException,
    ValueError,
    TypeError,
    AttributeError,
    LookupError,
    ArithmeticError,
    RecursionError,
)

_API: Final = "https://api.twilio.com"
_NOT_FOUND: Final = 20404
_NOT_IN_PROGRESS: Final = 21220
_CALLS_A_PAGE: Final = 50
_MOST_PAGES: Final = 20
_MOST_A_PAGE: Final = 1000

#: Tells what time it is, in milliseconds.
Clock: TypeAlias = Callable[[], int]


class Telephone:
    """Twilio's voice API. One instance a process; every thread gets a client of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._of_thread = threading.local()
        self.round_trips = RoundTrips()

    def stand(self) -> Deferred | None:
        """Sees to it that a connection stands, so that the next request can leave at its slot; or says why not."""
        try:
            self._client().http_client.stand()
        except NotProcessed as fault:
            return Deferred(str(fault), fault.retry_after_seconds)
        ROUND_TRIP.set(self.round_trips.smallest_seconds)
        return None

    @request_timed("place")
    def place(self, call: CallRecord, departure: Departure) -> Outcome:
        """Asks Twilio to place the call, at its departure: exactly one POST, never repeated here."""
        public_base_url = self._settings.public_base_url
        http = self._client().http_client
        http.departure = departure
        try:
            created = self._client().calls.create(
                to=call.to,
                from_=call.from_number,
                **parameters(call, public_base_url, self._settings.max_call_seconds, self._settings.default_message),
            )
        except NotProcessed as fault:
            return Deferred(str(fault), fault.retry_after_seconds, fault.by_twilio)
        except NotTaken as fault:
            whom = about(fault.code, fault.http_status, parameters_of_client(call, public_base_url))
            return Refused(fault.code, str(fault), whom)
        except OutcomeInDoubt as fault:
            return Unknown(str(fault))
        except _UNREADABLE:
            return Unknown("Twilio's answer could not be read")
        finally:
            http.departure = None
        if not is_sid(created.sid):
            return Unknown("Twilio's answer names no call")
        status = known_status(created.status, otherwise="queued")
        return Placed(created.sid, status, long_queue_seconds(created.queue_time))

    @request_timed("find")
    def find(self, call: CallRecord, since_ms: int, until_ms: int, clock: Clock) -> list[News] | None:
        """
        Newest first, the calls with the same To and From that were created between two instants of a clock.

        Twilio's dates are by another one, which may be ahead or behind: each answer tells by how much.

        None if Twilio did not tell, or not all of them. A call that it tells no date of is one of them: Twilio's own
        filters go by when a call began to ring, which leaves those out.
        """
        found: list[News] = []
        filters = {"To": call.to, "From": call.from_number, "PageSize": _CALLS_A_PAGE}
        try:
            for page in islice(self._pages(filters), _MOST_PAGES):
                ahead_ms = 0 if page.told_ms is None else page.told_ms - clock()
                span = since_ms + ahead_ms, until_ms + ahead_ms
                found += [news for news in page.created_in(*span) if news.is_between(call.from_number, call.to)]
                if page.is_before(span[0]):
                    return found
        except (TwilioFault, *_UNREADABLE):
            return None
        return None

    @request_timed("find")
    def listed(self, since_ms: int) -> list[News] | None:
        """Newest first, all calls that were created since then by Twilio's clock; None if Twilio did not tell all."""
        found: list[News] = []
        try:
            for page in self._pages({"PageSize": _MOST_A_PAGE}):
                found += page.created_in(since_ms)
                if page.calls and page.is_before(since_ms):
                    break
        except (TwilioFault, *_UNREADABLE):
            return None
        return found

    @request_timed("fetch")
    def fetch(self, sid: str) -> News | None:
        """State of a call; None if Twilio did not tell; call_status `unknown` if it said that it has no such call."""
        try:
            news = news_of(self._client().calls(sid).fetch())
        except NotTaken as fault:
            return News(sid, "unknown") if fault.code == _NOT_FOUND else None
        except (TwilioFault, *_UNREADABLE):
            return None
        return news if news.sid == sid else None

    @request_timed("hang_up")
    def hang_up(self, sid: str, call_status: str | None) -> HangUp:
        """
        Ends the call, and tells what Twilio said of it. Ending one that is over already is fine (error 21220).

        `canceled` ends a call that is queued or ringing and leaves an answered one alone, so `completed` follows.
        """
        wanted = ["completed"] if call_status == "in-progress" else ["canceled", "completed"]
        try:
            if any(self._is_over(sid, status) for status in wanted):
                return HungUp()
        except NotTaken as fault:
            return NotFound() if fault.code == _NOT_FOUND else NotYet(str(fault))
        except TwilioFault as fault:
            return NotYet(str(fault))
        except _UNREADABLE:
            return NotYet("Twilio's answer could not be read")
        return NotYet("Twilio did not say that the call is over")

    @request_timed("probe")
    def accepts_us(self) -> bool:
        """Whether Twilio itself answers a read with our credentials: with its list of calls, not just with a 200."""
        try:
            next(self._pages({"PageSize": 1}))
        except (TwilioFault, *_UNREADABLE):
            return False
        return True

    def _is_over(self, sid: str, wanted_status: str) -> bool:
        try:
            updated = self._client().calls(sid).update(status=wanted_status)
        except NotTaken as fault:
            if fault.code != _NOT_IN_PROGRESS:
                raise
            return wanted_status == "completed"  # `canceled` may be refused because somebody has answered
        return updated.sid == sid and updated.status in FINAL_STATUSES

    def _pages(self, filters: dict[str, Any]) -> Iterator[Page]:
        """
        The account's calls, newest first, in pages, and an empty page at the end.

        Raises a TwilioFault or one of _UNREADABLE. The SDK's own list takes any JSON with one list in it for pages.
        """
        client = self._client()
        account_sid = self._settings.account_sid
        uri: str | None = f"/2010-04-01/Accounts/{account_sid}/Calls.json"
        while uri:
            answer = client.request("GET", _API + uri, params=filters)
            body = json.loads(answer.text)
            if not isinstance(body["calls"], list):
                raise TypeError("no list of Twilio's")
            calls = [news_of(CallInstance(client.api.v2010, listed, account_sid)) for listed in body["calls"]]
            yield Page(calls, told_ms(answer.headers or {}))
            filters, uri = {}, body.get("next_page_uri")
            if uri and not uri.startswith("/"):
                raise ValueError("no page of Twilio's")
        yield Page([], None)

    def _client(self) -> Client:
        client: Client | None = getattr(self._of_thread, "client", None)
        if client is None:
            settings = self._settings
            http = PooledHttpClient(settings.api_base_url, settings.timeout_seconds, self.round_trips)
            client = Client(settings.account_sid, settings.auth_token, http_client=http)
            client.calls  # noqa: B018 - imports the resource, which the SDK does when it is first used
            self._of_thread.client = client
        return client
