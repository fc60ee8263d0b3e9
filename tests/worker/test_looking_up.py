"""What the telephone finds out about calls that Twilio has, and how it ends them."""

from dataclasses import replace

import pytest

from schemas.campaigns.rows import Row
from schemas.records import CallRecord
from schemas.scripts.outcome import in_doubt
from schemas.states import CallState
from tests.processes import Simulator
from tests.scripts.conftest import Store
from tests.worker.calls import EVER, placed_with, record, serve_once
from worker.calls.following import check, probe_account
from worker.settings import Settings
from worker.twilio.outcomes import HungUp, Placed
from worker.twilio.telephone import Telephone


def test_a_placed_call_is_found_by_its_numbers(simulator: Simulator, settings: Settings) -> None:
    telephone = Telephone(settings)
    placed = placed_with(telephone, record("+12025550219"))
    found = telephone.find(record("+12025550219"), *EVER)

    assert isinstance(placed, Placed)
    assert [news.sid for news in found or []] == [placed.sid]


def test_a_call_that_twilio_does_not_have_is_unknown(simulator: Simulator, settings: Settings) -> None:
    news = Telephone(settings).fetch("CA" + "0" * 32)

    assert news is not None
    assert news.call_status == "unknown"


def test_a_call_can_be_hung_up_and_hanging_up_twice_is_fine(simulator: Simulator, settings: Settings) -> None:
    telephone = Telephone(settings)
    placed = placed_with(telephone, record("+12025550220"))
    assert isinstance(placed, Placed)
    assert telephone.hang_up(placed.sid, "queued") == HungUp()
    assert telephone.hang_up(placed.sid, "queued") == HungUp()

    news = telephone.fetch(placed.sid)
    assert news is not None
    assert news.final


def test_a_call_that_twilio_tells_no_date_of_may_be_ours(store: Store, settings: Settings) -> None:
    call = store.dialling("+12025550230")
    store.outcome(call, in_doubt("No answer from Twilio"))
    listed = b'{"calls": [{"sid": "CA5", "status": "queued"}], "next_page_uri": null}'
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(listed)}\r\n\r\n".encode()
    told = replace(settings, api_base_url=serve_once(lambda connection: connection.sendall(head + listed)))
    record = CallRecord.read(call, store.task(call))
    check(store.ledger, Telephone(told), told, record, record.since_ms)

    assert (store.state(call), store.task(call)["sid"]) == (CallState.PLACED, "CA5")


def test_a_campaigns_call_in_doubt_is_looked_up_whatever_it_was_to_say(store: Store) -> None:
    store.campaign(Row("+12025550231", None, ["Ada"]))
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, in_doubt("No answer from Twilio"))
    step = store.ledger.due_check(60)
    assert (step.unread, step.call and step.call.id) == (None, call)


@pytest.mark.parametrize("auth_token", ["right", "wrong"])
def test_a_held_account_goes_on_with_a_call_only_when_twilio_takes_it_again(
    store: Store, settings: Settings, auth_token: str
) -> None:
    call = store.call()
    store.hold("Account is not active")
    store.pass_time(1)
    told = settings if auth_token == "right" else replace(settings, auth_token=auth_token)
    probe_account(store.ledger, Telephone(told), store.ledger.due_check(60).probe)

    assert store.ledger.admit(50) == ([call] if auth_token == "right" else [])
