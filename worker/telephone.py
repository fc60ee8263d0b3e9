"""Placing, finding, following and ending calls at Twilio, with the official SDK."""

import threading
from datetime import datetime
from typing import Any, Final

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client
from twilio.rest.api.v2010.account.call import CallInstance

from schemas.records import CallRecord
from schemas.speech import Speech
from schemas.webhooks import CALL_STATUS_PATH, INCOMING_CALL_PATH, MACHINE_DETECTION, own_url
from worker.departure import Departure
from worker.errors import NotProcessed, OutcomeInDoubt, TwilioFault
from worker.metrics import request_timed
from worker.outcomes import FINAL_STATUSES, Deferred, News, Outcome, Placed, Refused, Unknown
from worker.settings import Settings
from worker.twilio_errors import ErrorClass, sort_error
from worker.twilio_http import PooledHttpClient
from worker.twiml import inline_twiml

EVENTS: Final = ["initiated", "ringing", "answered", "completed"]

#: What the SDK raises about a body that is not the JSON of a call.
_UNREADABLE: Final = (TwilioException, ValueError, TypeError, AttributeError)

_NOT_FOUND: Final = 404
_MOST_CANDIDATES: Final = 50


class Telephone:
    """Twilio's voice API. One instance a process; every thread gets a client of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._of_thread = threading.local()

    def warm_up(self) -> None:
        """Builds the thread's client, which takes a tenth of a second once: a call that may leave must not wait."""
        self._client()

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
                **_answer_parameters(call, public_base_url),
                **_callback_parameters(call, public_base_url),
                **_detection_parameters(call, public_base_url),
            )
        except NotProcessed as fault:
            return Deferred(str(fault), fault.retry_after_seconds)
        except OutcomeInDoubt as fault:
            return Unknown(str(fault))
        except TwilioRestException as error:
            return _sort(error)
        except _UNREADABLE:
            return Unknown("Twilio's answer could not be read")
        finally:
            http.departure = None
        if not created.sid:
            return Unknown("Twilio's answer names no call")
        return Placed(created.sid, str(created.status or "queued"))

    @request_timed("find")
    def find(self, call: CallRecord) -> list[News] | None:
        """Newest calls with the same To and From; None if Twilio could not tell."""
        try:
            listed = self._client().calls.list(
                to=call.to,
                from_=call.from_number,
                page_size=_MOST_CANDIDATES,
                limit=_MOST_CANDIDATES,
            )
        except (TwilioFault, *_UNREADABLE):
            return None
        return [_news(instance) for instance in listed if instance.sid]

    @request_timed("fetch")
    def fetch(self, sid: str) -> News | None:
        """State of a call; None if Twilio could not tell; call_status `unknown` if it has no such call."""
        try:
            return _news(self._client().calls(sid).fetch())
        except TwilioRestException as error:
            return News(sid, "unknown") if error.status == _NOT_FOUND else None
        except (TwilioFault, *_UNREADABLE):
            return None

    @request_timed("hang_up")
    def hang_up(self, sid: str, call_status: str | None) -> bool:
        """
        Ends the call; False if Twilio could not be told. A call that is over already is fine (error 21220).

        `canceled` ends a call that is queued or ringing and leaves an answered one alone, so `completed` follows.
        """
        wanted = ["completed"] if call_status == "in-progress" else ["canceled", "completed"]
        try:
            for status in wanted:
                if self._client().calls(sid).update(status=status).status in FINAL_STATUSES:
                    return True
        except TwilioRestException:
            return True
        except (TwilioFault, *_UNREADABLE):
            return False
        return True

    @request_timed("probe")
    def accepts_us(self) -> bool:
        """Whether Twilio takes our credentials; False also when it could not tell."""
        try:
            self._client().calls.list(limit=1, page_size=1)
        except (TwilioFault, *_UNREADABLE):
            return False
        return True

    def _client(self) -> Client:
        client: Client | None = getattr(self._of_thread, "client", None)
        if client is None:
            settings = self._settings
            http = PooledHttpClient(settings.api_base_url, settings.timeout_seconds)
            client = Client(settings.account_sid, settings.auth_token, http_client=http)
            client.calls  # noqa: B018 - imports the resource, which the SDK does when it is first used
            self._of_thread.client = client
        return client


def _answer_parameters(call: CallRecord, public_base_url: str) -> dict[str, Any]:
    if call.webhook_url:
        return {"url": call.webhook_url}
    if public_base_url:
        return {"url": own_url(public_base_url, INCOMING_CALL_PATH, call.id)}
    return {"twiml": inline_twiml(Speech.of(call.metadata))}


def _callback_parameters(call: CallRecord, public_base_url: str) -> dict[str, Any]:
    url = own_url(public_base_url, CALL_STATUS_PATH, call.id) if public_base_url else call.status_callback_url
    return {"status_callback": url, "status_callback_event": EVENTS} if url else {}


def _detection_parameters(call: CallRecord, public_base_url: str) -> dict[str, Any]:
    detection = MACHINE_DETECTION.get(str(call.metadata.get("machine_detection")))
    if detection is None:
        return {}
    parameters = {"machine_detection": detection, "async_amd": "true"}
    if public_base_url:
        parameters["async_amd_status_callback"] = own_url(public_base_url, CALL_STATUS_PATH, call.id)
    return parameters


def _sort(error: TwilioRestException) -> Outcome:
    code = error.code if isinstance(error.code, int) and error.code != error.status else None
    error_class = sort_error(code, error.status)
    if error_class is ErrorClass.LATER:
        return Deferred(f"{_one_line(error.msg)} (error {code})")
    return Refused(code or error.status, _one_line(error.msg), error_class)


def _one_line(text: object) -> str:
    return " ".join(str(text).split())[:500]


def _news(instance: CallInstance) -> News:
    status = str(instance.status)
    # Twilio leaves `end_time` empty for calls that were not answered; they changed last when they ended.
    ended = instance.end_time or (instance.date_updated if status in FINAL_STATUSES else None)
    return News(
        sid=str(instance.sid),
        call_status=status,
        created_ms=_ms(instance.date_created),
        started_ms=_ms(instance.start_time),
        ended_ms=_ms(ended),
        duration_seconds=int(instance.duration) if str(instance.duration or "").isdigit() else None,
        answered_by=instance.answered_by or None,
    )


def _ms(moment: datetime | None) -> int | None:
    return round(moment.timestamp() * 1000) if isinstance(moment, datetime) else None
