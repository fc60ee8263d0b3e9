"""A call of a campaign is asked about as any other, though its record holds only what is its own."""

from schemas.scripts.outcome import placed
from tests.app.client import Client
from tests.scripts.conftest import Store


async def test_its_status_names_the_caller_of_its_campaign(client: Client, store: Store) -> None:
    body = {"phone_numbers": ["+12025550100"], "from_number": "+12025550199"}
    campaign = await client.queue("queue-bulk-calls", body)
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))

    told = (await client.status(call)).body
    assert (told["task_id"], told["status"]) == (f"{campaign}-1", "SUCCESS")
    assert (told["result"]["to_number"], told["result"]["from_number"]) == ("+12025550100", "+12025550199")


async def test_its_status_is_told_whatever_it_is_to_say(client: Client, store: Store) -> None:
    recipient = {"to_number": "+12025550100", "variables": {"name": "Ada"}}
    body = {"recipients": [recipient], "call_metadata": {"message": "Dear {{name}}"}}
    campaign = await client.queue("queue-bulk-calls", body)
    waiting = (await client.status(f"{campaign}-1")).body
    assert (waiting["status"], waiting["result"]["outcome"]) == ("PENDING", "waiting")
    (call,) = store.ledger.admit(50)
    store.ledger.begin(call, "attempt")
    store.outcome(call, placed("CA1", "queued", 60))
    assert (await client.status(f"{campaign}-1")).body["result"]["call_sid"] == "CA1"
