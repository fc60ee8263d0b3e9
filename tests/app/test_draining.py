"""POST /drain and /undrain: no call goes, by the word of those who may give it, and each word is on record."""

from typing import Any

import pytest

from app.security.addresses import is_from_here
from schemas.bodies.seeing.overview import Drained
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import refused
from tests.app.test_audit import lines
from tests.app.test_tenants import API_KEYS, ask
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

DRAIN, UNDRAIN = f"{BASE_PATH}/drain", f"{BASE_PATH}/undrain"


async def test_after_a_drain_no_call_goes_until_it_is_ended_and_to_say_it_again_changes_nothing(
    client: Client, store: Store
) -> None:
    call = await client.queue("queue-single-call", {"to_number": "+12025550100"})
    first = (await client.ask("POST", DRAIN)).loaded(Drained)
    again = (await client.ask("POST", DRAIN)).loaded(Drained)
    assert first["drained"] is again["drained"] is True
    assert again["message"] == "Nothing changed: it is drained already."
    assert store.ledger.admit(50) == []
    assert (await client.status(call)).body["result"]["waiting_for"] == "drained"
    assert (await client.ask("GET", f"{BASE_PATH}/overview")).body["drained_since"]

    ended = [(await client.ask("POST", UNDRAIN)).loaded(Drained) for _ in range(2)]
    assert [one["message"] for one in ended] == ["Calls go again.", "Nothing changed: it is not drained."]
    assert store.ledger.admit(50) == [call]


async def test_with_keys_only_an_admin_drains(start: Start, store: Store) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root", READ_ONLY_KEYS="auditor")
    for path in (DRAIN, UNDRAIN):
        refused(await ask(client, "alice", "POST", path), 403)
        refused(await ask(client, "auditor", "POST", path), 403)
        refused(await ask(client, "", "POST", path), 401)
        assert (await ask(client, "root", "POST", path)).status == 200
    assert not store.redis.exists("tw:drain")


async def test_without_division_it_takes_an_admin_too(start: Start) -> None:
    client = await start(API_KEYS=API_KEYS, ISOLATE_KEYS="0")
    refused(await ask(client, "alice", "POST", DRAIN), 403)


async def test_without_keys_only_this_host_drains(start: Start, store: Store) -> None:
    client = await start(TRUSTED_PROXIES="127.0.0.1")
    headers = {"X-Forwarded-For": "203.0.113.7"}
    refused(await client.ask("POST", DRAIN, headers=headers), 403)
    assert not store.redis.exists("tw:drain")
    assert (await client.ask("POST", DRAIN, headers={"X-Forwarded-For": "127.0.0.1"})).status == 200


async def test_who_comes_through_a_proxy_on_this_host_that_nobody_named_is_not_on_it(client: Client) -> None:
    refused(await client.ask("POST", DRAIN, headers={"X-Forwarded-For": "203.0.113.7"}), 403)
    refused(await client.ask("POST", DRAIN, headers={"X-Forwarded-For": "127.0.0.1, 203.0.113.7"}), 403)


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_each_address_of_this_host_itself_is_on_it(peer: str) -> None:
    assert is_from_here(peer, [], [])
    assert not is_from_here("203.0.113.7", [peer], [])


async def test_who_drained_and_who_ended_it_is_on_record(start: Start, capsys: Any) -> None:
    client = await start(API_KEYS=API_KEYS, ADMIN_KEYS="root")
    for path in (DRAIN, DRAIN, UNDRAIN):
        await ask(client, "root", "POST", path)
    acts = [(line["action"], line["by"], line["outcome"]) for line in lines(capsys.readouterr().out)]
    assert acts == [("drain", "root", True), ("drain", "root", False), ("undrain", "root", True)]
