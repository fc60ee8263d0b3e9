"""TwiML is fetched on answer and read far enough to show what the caller hears."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse

from simulator.line.twiml import TwimlError, read_twiml
from tests.ports import reserve_port
from tests.simulator.conftest import AUTH_TOKEN, Received, Receiver, Running

TO = "+15552230001"


@pytest.fixture
async def simulator(start: Any) -> Running:
    """Calls last until all of their TwiML was fetched and read, however long a busy machine takes for it."""
    return await start(talk_seconds=None)  # type: ignore[no-any-return]


async def heard_from(simulator: Running, twiml: str, **script: Any) -> list[str]:
    """What the caller of a call with this inline TwiML hears."""
    await simulator.control("PUT", f"numbers/{TO}", script)
    call = await simulator.ended(await simulator.call(TO, Twiml=twiml))
    return list(call["heard"])


async def test_the_document_is_fetched_on_answer_signed_and_in_progress(simulator: Running, receiver: Receiver) -> None:
    url = receiver.twiml("/twiml", "<Response><Say>Hello &amp; welcome</Say></Response>")
    call = await simulator.ended(await simulator.call(TO, Twiml="", Url=url + "?call=7"))
    (request,) = receiver.received
    assert (request.method, request.form["CallStatus"]) == ("POST", "in-progress")
    assert request.form["CallSid"] == call["sid"]
    signature = request.headers["X-Twilio-Signature"]
    assert RequestValidator(AUTH_TOKEN).validate(request.url, request.form, signature)
    assert call["heard"] == ["Say: Hello & welcome"]


async def test_method_get_fetches_with_a_query(simulator: Running, receiver: Receiver) -> None:
    url = receiver.twiml("/twiml", "<Response/>")
    await simulator.ended(await simulator.call(TO, Twiml="", Url=url, Method="GET"))
    (request,) = receiver.received
    assert request.method == "GET"
    assert "CallStatus=in-progress" in request.url


@pytest.mark.parametrize("to", ["+15552230101", "+15552230102", "+15552230103"])
async def test_an_unanswered_call_fetches_nothing(simulator: Running, receiver: Receiver, to: str) -> None:
    url = receiver.twiml("/twiml", "<Response/>")
    await simulator.ended(await simulator.call(to, Twiml="", Url=url, Timeout="3"))
    assert receiver.received == []


async def test_every_verb_is_heard_in_order(simulator: Running) -> None:
    response = VoiceResponse()
    response.say("one", loop=2)
    response.play("https://example.com/a.mp3")
    response.pause(length=2)
    response.gather(timeout=1).say("press a key")
    response.dial("+15552001111")
    response.hangup()
    response.say("never")
    assert await heard_from(simulator, str(response)) == [
        "Say: one",
        "Say: one",
        "Play: https://example.com/a.mp3",
        "Pause: 2 s",
        "Say: press a key",
        "Gather: nothing pressed",
        "Dial: not imitated by the simulator",
        "Hangup",
    ]


async def test_scripted_digits_are_posted_to_the_action(simulator: Running, receiver: Receiver) -> None:
    gather = '<Gather numDigits="1" action="/digits?x=1"><Say>Press</Say></Gather><Say>no</Say>'
    url = receiver.twiml("/twiml", f"<Response>{gather}</Response>")
    receiver.twiml("/digits", "<Response><Say>thanks</Say></Response>")
    await simulator.control("PUT", f"numbers/{TO}", {"digits": "12"})
    call = await simulator.ended(await simulator.call(TO, Twiml="", Url=url))
    assert call["heard"] == ["Say: Press", "Gather: pressed 1", "Say: thanks"]
    assert call["digits_pressed"] == "1"
    assert receiver.received[1].form["Digits"] == "1"
    assert receiver.received[1].url == receiver.base_url + "/digits?x=1"


async def test_the_finishing_key_ends_the_digits_and_is_not_posted(simulator: Running, receiver: Receiver) -> None:
    url = receiver.base_url + "/digits"
    gather = f'<Response><Gather action="{url}"/></Response>'
    receiver.twiml("/digits", "<Response/>")
    await heard_from(simulator, gather, digits="123#45")
    assert receiver.received[0].form["Digits"] == "123"


async def test_a_machine_presses_nothing(simulator: Running) -> None:
    twiml = '<Response><Gather timeout="1" action="http://127.0.0.1/"/><Say>x</Say></Response>'
    heard = await heard_from(simulator, twiml, digits="1", outcome="machine")
    assert heard == ["Gather: nothing pressed", "Say: x"]


async def test_a_redirect_is_followed_relative_to_its_document(simulator: Running, receiver: Receiver) -> None:
    url = receiver.twiml("/a/one", "<Response><Redirect>two</Redirect></Response>")
    receiver.twiml("/a/two", "<Response><Say>two</Say></Response>")
    call = await simulator.ended(await simulator.call(TO, Twiml="", Url=url))
    assert call["heard"] == [f"Redirect: {receiver.base_url}/a/two", "Say: two"]


async def test_redirects_for_ever_are_cut(start: Any, receiver: Receiver) -> None:
    simulator = await start(talk_seconds=None)
    url = receiver.twiml("/loop", "<Response><Redirect/></Response>")
    call = await simulator.ended(await simulator.call(TO, Twiml="", Url=url))
    assert len(receiver.received) == 50
    assert call["errors"][-1]["message"] == "more than 50 documents in one call"


async def test_a_call_may_last_as_long_as_its_twiml(start: Any) -> None:
    simulator = await start(talk_seconds=None)
    twiml = '<Response><Pause length="20"/><Say>' + "x" * 150 + "</Say></Response>"
    call = await simulator.ended(await simulator.call(TO, Twiml=twiml))
    assert call["duration_seconds"] == pytest.approx((call["ended"] - call["answered"]) * 100, abs=1)
    assert 22 <= call["duration_seconds"] < 3000  # about thirty, a hundred times as fast


def plain(text: str, content_type: str = "text/xml", status: int = 200) -> Any:
    return lambda _request: web.Response(text=text, content_type=content_type, status=status)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (plain("<Response/>", status=500), 11200),
        (plain("<Response/>", status=404), 11200),
        (plain("<Response/>", "application/json"), 12300),
        (plain("<Response><Say>" + "x" * 70_000 + "</Say></Response>"), 11750),
        (plain("<Response><Say>"), 12100),
        (plain("<Other/>"), 12100),
        (plain("<Response><say>case</say></Response>"), 12200),
        (plain("<Response><Redirect>ftp://x/</Redirect></Response>"), 11100),
    ],
)
async def test_a_bad_document_is_an_error_of_the_call(
    simulator: Running, receiver: Receiver, answer: Any, code: int
) -> None:
    receiver.answers["/twiml"] = answer
    sid = await simulator.call(TO, Twiml="", Url=receiver.base_url + "/twiml")
    call = await simulator.ended(sid)
    assert [error["code"] for error in call["errors"]] == [code]
    assert call["status"] == "completed"


async def test_the_fallback_is_told_what_went_wrong(simulator: Running, receiver: Receiver) -> None:
    receiver.answers["/twiml"] = plain("", status=500)
    fallback = receiver.twiml("/fallback", "<Response><Say>sorry</Say></Response>")
    url = receiver.base_url + "/twiml"
    call = await simulator.ended(await simulator.call(TO, Twiml="", Url=url, FallbackUrl=fallback))
    form = receiver.received[1].form
    assert (form["ErrorCode"], form["ErrorUrl"]) == ("11200", url)
    assert call["heard"] == ["Say: sorry"]


async def test_an_unreachable_server_is_11205(simulator: Running) -> None:
    url = f"http://127.0.0.1:{reserve_port()}/"
    call = await simulator.ended(await simulator.call(TO, Twiml="", Url=url))
    assert [error["code"] for error in call["errors"]] == [11205]


async def test_a_slow_document_is_cut_by_the_overrides(simulator: Running, receiver: Receiver) -> None:
    async def slow(_request: Received) -> web.Response:
        await asyncio.sleep(5)
        return web.Response(text="<Response/>", content_type="text/xml")

    receiver.answers["/twiml"] = slow
    await simulator.control("PUT", f"numbers/{TO}", {"talk_seconds": 60})
    url = receiver.base_url + "/twiml#tt=200"
    call = await simulator.ended(await simulator.call(TO, Twiml="", Url=url))
    assert [error["code"] for error in call["errors"]] == [11200]


@pytest.mark.parametrize(
    "document",
    [
        '<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><Response>&b;</Response>',
        '<!DOCTYPE r SYSTEM "file:///etc/hostname"><Response/>',
        "<Response>&undefined;</Response>",
        "<Response>\x0b</Response>",
        "",
        "\xff",
    ],
)
def test_dangerous_or_broken_xml_is_refused(document: str) -> None:
    with pytest.raises(TwimlError) as caught:
        read_twiml(document.encode("latin-1"))
    assert caught.value.code == 12100


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(TwimlError) as caught:
        read_twiml(b"<Response>" + b"<a>" * 1000 + b"</a>" * 1000 + b"</Response>")
    assert caught.value.code == 12200
