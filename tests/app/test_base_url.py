"""Which capitals PUBLIC_BASE_URL has in its host makes no difference: hosts are compared in lower case."""

import pytest

from app.security.signature import sign
from tests.app.client import ANSWER, STATUS
from tests.app.conftest import Start
from tests.app.twilio import event, post
from tests.processes import AUTH_TOKEN
from tests.scripts.conftest import Store

WRITTEN = "https://Calls.Example.COM:8443/Behind/A"
BASE = "https://calls.example.com:8443/Behind/A"


@pytest.mark.parametrize("base_url", [BASE, WRITTEN, BASE.replace(":8443", ""), WRITTEN.replace(":8443", "")])
async def test_twilio_may_sign_the_host_as_it_is_written_or_in_lower_case(
    start: Start, store: Store, base_url: str
) -> None:
    client = await start(PUBLIC_BASE_URL=WRITTEN)
    call = store.placed()
    path = f"{STATUS}?call={call}"
    signature = sign(base_url + path, list(event(1).items()), AUTH_TOKEN)
    assert (await post(client, path, event(1), signature=signature))[0] == 204
    assert store.task(call)["call_status"] == "ringing"


@pytest.mark.parametrize("base_url", [BASE.replace("/Behind", "/behind"), "https://CALLS.EXAMPLE.COM:8443/Behind/A"])
async def test_the_path_keeps_its_capitals_and_no_other_spelling_is_signed(
    start: Start, store: Store, base_url: str
) -> None:
    client = await start(PUBLIC_BASE_URL=WRITTEN)
    path = f"{STATUS}?call={store.placed()}"
    signature = sign(base_url + path, list(event(1).items()), AUTH_TOKEN)
    assert (await post(client, path, event(1), signature=signature))[0] == 403


async def test_what_we_tell_twilio_is_in_lower_case(start: Start, store: Store) -> None:
    client = await start(PUBLIC_BASE_URL=WRITTEN)
    body = {"to_number": "+12025550123", "call_metadata": {"gather_input": True}}
    path = f"{ANSWER}?call={await client.queue('queue-single-call', body)}"
    form = {"CallSid": "CA1", "To": "+12025550123", "From": "+15005550006"}
    signature = sign(BASE + path, list(form.items()), AUTH_TOKEN)
    status, text = await post(client, path, form, signature=signature)
    assert (status, f'action="{BASE}/' in text) == (200, True), text
