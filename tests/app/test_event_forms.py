"""What stands in the events that a client gets: Twilio's fields and ours, or all of ours where Twilio told nothing."""

import asyncio
from email.utils import parsedate_to_datetime

import pytest

from schemas import keys
from schemas.bodies.events import CallEvent, CampaignEvent
from schemas.scripts.news import Report, Source
from schemas.scripts.outcome import in_doubt, placed, refused
from tests.app.client import ANSWER, PUBLIC, STATUS, Client
from tests.app.conftest import Start
from tests.app.target import Target
from tests.app.twilio import event, post
from tests.processes import ACCOUNT_SID
from tests.scripts.conftest import Store

WITHIN_SECONDS = 5.0
CRM_ID, JOB_ID = "crm 4711 & Söhne=1+2%26", 'job "May"; 50 %'
NUMBERS = {"To": "+12025550100", "From": "+15005550006"}


@pytest.fixture
async def client(start: Start) -> Client:
    return await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1")


@pytest.fixture
def call(store: Store, target: Target) -> str:
    """A call whose request is leaving, and whose client is to be told."""
    call = store.dialling()
    store.redis.hset(keys.task(call), mapping={"status_callback_url": target.url("/news"), "tells": "1"})
    return call


async def told(client: Client, target: Target, count: int) -> list[dict[str, str]]:
    """The forms of so many events, but for when they were made; all of them signed."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(target.forms) < count:
            await client.health()
    assert all(target.signed)
    for form in target.forms:
        kind = CampaignEvent if "TaskStatus" in form else CallEvent
        assert kind().validate(form) == {}, "it is not as the document says"
        if "Timestamp" in form:
            assert parsedate_to_datetime(form.pop("Timestamp")).utcoffset() is not None
    return target.forms


async def test_twilios_fields_come_with_whose_they_are_and_with_a_number_of_ours(
    client: Client, store: Store, target: Target, call: str
) -> None:
    store.pass_time(10)
    for sequence in (2, 3):
        form = event(sequence) | NUMBERS | {"SequenceNumber": str(sequence + 4), "CalledCity": "Zürich & Bern"}
        assert (await post(client, f"{STATUS}?call={call}", form))[0] == 204
    async with asyncio.timeout(WITHIN_SECONDS):
        while not target.forms:
            store.pass_time(1)  # for the events before, that never come
            await client.health()
    first, last = await told(client, target, 2)

    ours = {"TaskId": call, "Attempt": "1"}
    twilios = NUMBERS | {"CallSid": "CA1", "CalledCity": "Zürich & Bern", "CalledZip": ""}
    assert first == twilios | ours | {"CallStatus": "in-progress", "SequenceNumber": "0"}
    ended = {"CallStatus": "completed", "CallDuration": "7", "AnsweredBy": "human", "MoreAttempts": "false"}
    assert last == twilios | ours | ended | {"SequenceNumber": "1"}


async def test_a_campaigns_call_names_the_campaign(client: Client, store: Store, target: Target) -> None:
    campaign = store.campaign("+12025550100")
    store.redis.hset(keys.task(campaign), "status_callback_url", target.url("/news"))
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    await post(client, f"{STATUS}?call={call}&attempt=1", event(0) | NUMBERS)
    (form,) = await told(client, target, 1)

    assert (form["TaskId"], form["CampaignId"], call) == (f"{campaign}-1", campaign, f"{campaign}-1")


async def test_events_name_recipient_and_campaign_by_the_clients_own_ids_whatever_text_these_are(
    client: Client, store: Store, target: Target
) -> None:
    recipients = [{"to_number": "+12025550100", "external_id": CRM_ID}, {"to_number": "+12025550101"}]
    body = {"recipients": recipients, "external_id": JOB_ID, "delay_between_calls": 1}
    campaign = await client.queue("queue-bulk-calls", body | {"status_callback_url": target.url("/news")})
    for number in ("+12025550100", "+12025550101"):
        store.pass_time(5)
        (call,) = store.ledger.admit(50)
        store.ledger.begin(call, "attempt")
        form = event(0) | NUMBERS | {"To": number, "CallSid": f"CA{number[1:]}"}
        assert (await post(client, f"{STATUS}?call={call}&attempt=1", form))[0] == 204
        store.ledger.record_news(call, Report(Source.FETCH, form["CallSid"], {"call_status": "completed"}))
    forms = await told(client, target, 5)

    ids = {(form["TaskId"], form.get("ExternalId"), form.get("CampaignExternalId")) for form in forms}
    assert ids == {
        (f"{campaign}-1", CRM_ID, JOB_ID),
        (f"{campaign}-2", None, JOB_ID),
        (campaign, None, JOB_ID),
    }


async def test_an_end_that_twilio_never_told_has_the_calls_own_fields(
    client: Client, store: Store, target: Target, call: str
) -> None:
    store.outcome(call, placed("CA1", "queued", 60))
    store.ledger.record_news(call, Report(Source.FETCH, "CA1", {"call_status": "no-answer"}))

    ours = {"TaskId": call, "Attempt": "1", "MoreAttempts": "false", "SequenceNumber": "0"}
    common = NUMBERS | {"AccountSid": ACCOUNT_SID, "CallSid": "CA1", "CallStatus": "no-answer"}
    assert await told(client, target, 1) == [common | ours]


async def test_an_attempts_end_names_its_own_call_though_the_next_one_was_refused_meanwhile(
    start: Start, store: Store, target: Target, call: str
) -> None:
    store.redis.hset(keys.task(call), mapping={"retry_most": "2", "retry_marks": "n", "retry_seconds": "0"})
    store.outcome(call, placed("CA1", "queued", 60))
    store.ledger.record_news(call, Report(Source.FETCH, "CA1", {"call_status": "no-answer"}))
    store.pass_time(1)
    assert store.ledger.admit(50) == [call]
    store.ledger.begin(call, "second")
    store.outcome(call, refused("number", "Not a number (error 21211)", by_twilio=True))
    forms = await told(await start(PUBLIC_BASE_URL=PUBLIC, ALLOW_PRIVATE_WEBHOOKS="1"), target, 2)

    ends = [[form.get(name) for name in ("Attempt", "CallStatus", "CallSid", "ErrorCode")] for form in forms]
    assert ends == [["1", "no-answer", "CA1", None], ["2", "failed", None, "21211"]]


@pytest.mark.parametrize(
    ("sentence", "code"),
    [
        ("Not a number (error 21211)", "21211"),
        ("To has not completed its verification (error 573005)", "573005"),
        ("No. (error 12345) was before. (error 21211)", "21211"),
    ],
)
async def test_a_refused_call_has_failed_with_twilios_code_and_without_a_sid(
    client: Client, store: Store, target: Target, call: str, sentence: str, code: str
) -> None:
    store.outcome(call, refused("number", f"Twilio refused the call: {sentence}", by_twilio=True))
    (form,) = await told(client, target, 1)

    assert (form["CallStatus"], form["ErrorCode"], form.get("CallSid")) == ("failed", code, None)


async def test_what_corrects_a_failure_says_so(client: Client, store: Store, target: Target, call: str) -> None:
    store.outcome(call, in_doubt("No answer"))
    store.give_up(call)
    (form,) = await told(client, target, 1)
    assert (form["CallStatus"], form["Outcome"], form.get("Correction")) == ("failed", "unknown", None)
    await post(client, f"{STATUS}?call={call}", event(3) | NUMBERS)
    async with asyncio.timeout(WITHIN_SECONDS):
        while len(target.forms) < 2:
            store.pass_time(1)  # for the events before, that never come
            await client.health()

    form = target.forms[1]
    assert (form["CallStatus"], form["Correction"], form["SequenceNumber"]) == ("completed", "true", "1")


async def test_a_cancelled_call_is_told_of_once(client: Client, store: Store, target: Target) -> None:
    body = {"to_number": "+12025550100", "delay_seconds": 60, "status_callback_url": target.url("/news")}
    call = await client.queue("queue-single-call", body)
    await client.cancel(call)
    await client.cancel(call)
    (form,) = await told(client, target, 1)

    assert (form["CallStatus"], form["TaskId"], form.get("CallSid")) == ("canceled", call, None)


async def test_a_campaign_tells_of_its_end_with_its_counts(client: Client, target: Target) -> None:
    body = {"phone_numbers": ["+12025550100", "+12025550101"], "status_callback_url": target.url("/news")}
    campaign = await client.queue("queue-bulk-calls", body)
    await client.cancel(campaign)

    counts = dict.fromkeys(("Waiting", "Live", "Completed", "Busy", "NoAnswer", "Failed", "Unknown"), "0")
    counts |= {"Total": "2", "Canceled": "2"}
    ours = {"AccountSid": ACCOUNT_SID, "TaskId": campaign, "CampaignId": campaign, "SequenceNumber": "0"}
    expected = ours | {"TaskStatus": "REVOKED"} | {f"Count{name}": count for name, count in counts.items()}
    assert await told(client, target, 1) == [expected]


@pytest.mark.parametrize("path", [STATUS, ANSWER])
async def test_who_answered_is_an_event_of_its_own_however_it_came(
    client: Client, store: Store, target: Target, call: str, path: str
) -> None:
    """By itself when detection runs beside the call, with the request for the TwiML when it runs before."""
    form = NUMBERS | {"CallSid": "CA1", "AnsweredBy": "machine_end_beep"}
    for _ in range(2):
        await post(client, f"{path}?call={call}&attempt=1", form)
    (first,) = await told(client, target, 1)

    assert first == form | {"TaskId": call, "Attempt": "1", "SequenceNumber": "0"}
    assert store.task(call)["answered_by"] == "machine_end_beep"


async def test_a_post_about_another_call_is_refused_and_told_to_nobody(
    client: Client, store: Store, target: Target, call: str
) -> None:
    store.outcome(call, placed("CA1", "queued", 60))
    before = store.task(call)
    statuses = [(await post(client, f"{STATUS}?call={call}", event(3) | NUMBERS | {"CallSid": "CA2"}))[0]]
    other = store.dialling("+12025550101")
    statuses.append((await post(client, f"{STATUS}?call={other}", event(3) | {"CallSid": "CA3"}))[0])

    assert statuses == [403, 403]
    assert (store.task(call), store.state(other), target.forms) == (before, "dialling", [])
