"""What a request for a call says besides its numbers."""

from typing import Any

import pytest

from schemas.records import CallRecord
from worker.twilio.parameters import parameters

PUBLIC = "https://calls.example"
GIVEN = "https://client.example/%2Fa?next=https%3A%2F%2Fx&who=O%27Neil&"


def _call(**fields: str) -> CallRecord:
    record = {"state": "dialling", "to": "+12025550100", "from": "+15005550006", "kind": "single"}
    return CallRecord.read("the-call", record | dict.fromkeys(("created_ms", "updated_ms", "due_ms"), "1") | fields)


@pytest.mark.parametrize("public_base_url", [PUBLIC, ""])
@pytest.mark.parametrize("webhook_url", [{}, {"webhook_url": GIVEN}])
@pytest.mark.parametrize(("wanted", "told"), [("enable", "Enable"), ("detect_message_end", "DetectMessageEnd")])
def test_who_answers_is_found_out_before_anything_is_spoken(
    public_base_url: str, webhook_url: dict[str, str], wanted: str, told: str
) -> None:
    said = parameters(_call(metadata=f'{{"machine_detection": "{wanted}"}}', **webhook_url), public_base_url, 3600)

    assert {name: value for name, value in said.items() if "machine" in name or "amd" in name} == {
        "machine_detection": told
    }


def test_the_clients_url_goes_to_twilio_as_it_was_given() -> None:
    assert parameters(_call(webhook_url=GIVEN), PUBLIC, 3600)["url"] == GIVEN
    assert parameters(_call(status_callback_url=GIVEN), "", 3600)["status_callback"] == GIVEN


def test_our_urls_name_the_call_and_its_attempt() -> None:
    said: dict[str, Any] = parameters(_call(attempt_number="2"), PUBLIC, 3600)

    assert all("?call=the-call&attempt=2#" in said[name] for name in ("url", "status_callback"))


@pytest.mark.parametrize("seconds", [60, 14_400])
def test_twilio_is_told_when_a_call_must_be_over(seconds: int) -> None:
    assert parameters(_call(), PUBLIC, seconds)["time_limit"] == seconds


def test_a_call_without_a_message_says_the_default_one() -> None:
    given = parameters(_call(metadata='{"voice": "man"}'), "", 3600, "The office is closed.")["twiml"]
    assert '<Say voice="man">The office is closed.</Say>' in given
    assert "closed" not in parameters(_call(metadata='{"message": "Hi"}'), "", 3600, "The office is closed.")["twiml"]


@pytest.mark.parametrize(("wanted", "allowed", "told"), [("60", 3600, 60), ("3600", 60, 60), ("", 90, 90)])
def test_a_call_ends_when_its_client_wants_but_never_later_than_the_operator_says(
    wanted: str, allowed: int, told: int
) -> None:
    given = {"max_call_seconds": wanted} if wanted else {}
    assert parameters(_call(**given), PUBLIC, allowed)["time_limit"] == told


@pytest.mark.parametrize("public_base_url", [PUBLIC, ""])
def test_ringing_digits_and_recording_go_to_twilio_only_if_they_are_wanted(public_base_url: str) -> None:
    plain = parameters(_call(), public_base_url, 3600)
    wanted = _call(ring_timeout_seconds="15", send_digits="ww12#", record="1")
    said = parameters(wanted, public_base_url, 3600)

    more = {name: value for name, value in said.items() if name not in plain}
    callback = more.pop("recording_status_callback", "")
    assert more == {"timeout": 15, "send_digits": "ww12#", "record": True}
    assert callback == (plain["status_callback"] if public_base_url else "")


def test_what_goes_along_with_a_call_has_its_variables_filled_in() -> None:
    call = _call(metadata='{"message": "Dear {{name}}, goodbye."}', variables='{"name": "Ada"}')
    assert "<Say>Dear Ada, goodbye.</Say>" in parameters(call, "", 3600)["twiml"]


@pytest.mark.parametrize(
    ("machine", "told"),
    [
        ('{"on_machine": "hang_up"}', {"machine_detection": "Enable"}),
        ('{"on_machine": "leave_message", "message": "Hi"}', {"machine_detection": "DetectMessageEnd"}),
        ('{"on_machine": "speak"}', {}),
    ],
)
def test_twilio_finds_out_who_answers_before_a_machine_could_hear_anything(machine: str, told: dict[str, str]) -> None:
    said = parameters(_call(machine=machine), PUBLIC, 3600)
    assert {name: value for name, value in said.items() if "machine" in name or "amd" in name} == told
