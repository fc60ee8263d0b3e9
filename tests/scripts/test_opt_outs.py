"""Do-not-call lists: what is on one is not dialled from then on, and how it came there stays known."""

import json
from typing import Any

import pytest

from schemas import keys
from schemas.do_not_call.lists import (
    SERVICE,
    Effect,
    OptOut,
    digest_of,
    entries,
    entry_of,
    list_of,
    merge,
    opt_in,
    opt_out,
    opted_out,
)
from schemas.scripts.begin import Barred, Go
from schemas.scripts.cancel import ALL, forget_number
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store

NUMBER, OTHER = "+12025550100", "+12025550101"
PROOF = keys.OPTOUT_PROOF


def add(store: Store, *numbers: str, on_list: str = SERVICE, **told: Any) -> Effect:
    return store.scripts.run(opt_out(OptOut(on_list, numbers, **told)))


def proof(store: Store) -> list[dict[str, str]]:
    return [told for _, told in store.redis.xrange(PROOF)]


def test_a_call_that_was_admitted_before_does_not_leave_after_and_is_cancelled_for_that(store: Store) -> None:
    call = store.call(NUMBER)
    assert store.ledger.admit(50) == [call]
    assert add(store, NUMBER) == Effect("done", 1, 0, 0)

    assert store.ledger.begin(call, "claim") == Barred()
    assert store.ledger.bar(call)
    assert (store.state(call), store.task(call)["reason"]) == ("cancelled", "do_not_call")
    assert not store.ledger.bar(call)
    assert store.redis.scard(keys.PREFIX + "live") == 0


def test_a_campaigns_number_turns_when_its_turn_comes_and_the_others_go_on(store: Store) -> None:
    campaign = store.campaign(NUMBER, OTHER, delay_seconds=1)
    add(store, NUMBER)
    store.pass_time(5)
    (first,) = store.ledger.admit(1)
    assert store.ledger.begin(first, "claim") == Barred()
    assert store.ledger.bar(first)
    store.pass_time(5)
    (second,) = store.ledger.admit(1)
    assert isinstance(store.ledger.begin(second, "claim"), Go)
    store.outcome(second, placed("CA1", "queued", 60))
    store.callback(second, "completed")
    task = store.task(campaign)
    assert (task["state"], task["canceled"], task["completed"]) == ("finished", "1", "1")


@pytest.mark.parametrize(
    ("on_list", "client", "barred"),
    [
        (SERVICE, "", True),
        (SERVICE, "alice", True),
        (list_of("alice"), "alice", True),
        (list_of("alice"), "bob", False),
        (list_of("alice"), "", False),
        (list_of(None), "alice", True),
    ],
)
def test_one_names_list_does_not_touch_anothers_and_the_services_holds_for_all(
    store: Store, on_list: str, client: str, barred: bool
) -> None:
    call = store.call(NUMBER, **({"client": client} if client else {}))
    add(store, NUMBER, on_list=on_list)
    assert store.ledger.admit(50) == [call]
    assert isinstance(store.ledger.begin(call, "claim"), Barred if barred else Go)
    assert store.scripts.run(opted_out(client, [OTHER, NUMBER])) == ({NUMBER} if barred else set())
    assert (store.accept(NUMBER, client=client).verdict == "barred") is barred


def test_what_had_left_before_goes_on_is_counted_and_named_while_it_may_just_be_leaving(store: Store) -> None:
    calls = [store.dialling(NUMBER), store.dialling(NUMBER, client="alice"), store.dialling(OTHER)]
    effect = add(store, NUMBER)
    assert (effect.added, effect.going_on, set(effect.leaving)) == (1, 2, set(calls[:2]))
    assert add(store, NUMBER, OTHER, on_list=list_of("alice")) == Effect("done", 2, 0, 1, (calls[1],))
    assert [store.state(call) for call in calls] == ["dialling"] * 3


def test_proof_tells_when_by_whom_and_in_which_call_and_is_not_written_twice(store: Store) -> None:
    before = store.now_ms()
    add(store, NUMBER, by="alice", call_id="a-call", way="key_press")
    assert add(store, NUMBER, by="bob") == Effect("done", 0, 1, 0)
    (told,) = proof(store)
    assert before <= int(told.pop("at_ms")) <= store.now_ms()
    assert told == {
        "list": SERVICE,
        "number": digest_of(str(store.redis.get(keys.OPTOUT_SALT)), NUMBER),
        "act": "added",
        "by": "alice",
        "call": "a-call",
        "source": "key_press",
    }
    entry = store.scripts.run(entry_of(SERVICE, NUMBER))
    assert entry is not None
    assert (entry.number, entry.by, entry.call_id, entry.way) == (NUMBER, "alice", "a-call", "key_press")


def test_a_number_taken_off_may_be_called_and_proof_stays(store: Store) -> None:
    add(store, NUMBER)
    assert store.scripts.run(opt_in(SERVICE, NUMBER, "root", "asked to be called"))
    assert not store.scripts.run(opt_in(SERVICE, NUMBER, "root", "again"))
    assert store.accept(NUMBER).verdict == "accepted"
    assert store.scripts.run(entry_of(SERVICE, NUMBER)) is None
    assert [(told["act"], told.get("reason")) for told in proof(store)] == [
        ("added", None),
        ("removed", "asked to be called"),
    ]


def test_proof_outlives_records_and_is_dropped_after_five_years(store: Store) -> None:
    add(store, NUMBER)
    assert all(store.redis.ttl(name) == -1 for name in store.redis.scan_iter(keys.PREFIX + "optout*"))
    old = store.now_ms() - 6 * 366 * 86_400_000
    store.redis.delete(PROOF)
    for number in range(300):  # Redis drops whole nodes of a stream
        store.redis.xadd(PROOF, {"list": "x"}, id=f"{old}-{number + 1}")
    add(store, OTHER)
    assert store.redis.xlen(PROOF) < 300


def test_the_same_idempotency_key_gives_the_first_answer_and_another_body_none(store: Store) -> None:
    first = add(store, NUMBER, key_digest="d", fingerprint="one")
    store.scripts.run(opt_in(SERVICE, NUMBER, "", "x"))
    assert add(store, NUMBER, key_digest="d", fingerprint="one") == first._replace(verdict="replayed")
    assert add(store, OTHER, key_digest="d", fingerprint="two").verdict == "mismatch"
    assert store.scripts.run(entries(SERVICE, "", 9)) == []
    assert 86_000 < store.redis.ttl(keys.answer("d")) <= 86_400


def test_a_list_is_read_in_pages_in_the_order_of_its_numbers(store: Store) -> None:
    numbers = [f"+1202555{index:04d}" for index in range(25)]
    add(store, *reversed(numbers))
    found, behind = list[str](), ""
    while page := store.scripts.run(entries(SERVICE, behind, 7)):
        found += [entry.member for entry in page]
        behind = page[-1].member
    assert found == numbers


def forget(store: Store, number: str, whose: str = ALL) -> None:
    assert store.scripts.run(forget_number("job", number, whose, 30))
    while store.ledger.forget_on():
        pass


def test_of_a_forgotten_number_a_digest_and_the_time_stay_and_it_is_still_not_called(store: Store) -> None:
    add(store, NUMBER, by="alice", call_id="a-call")
    add(store, OTHER)
    (told, _) = proof(store)
    forget(store, NUMBER)

    held = {name: store.redis.dump(name) for name in store.redis.scan_iter("*")}
    assert not any(NUMBER[1:].encode() in (packed or b"") for packed in held.values())
    entry = store.scripts.run(entry_of(SERVICE, NUMBER))
    assert entry is not None
    assert (entry.number, entry.by, entry.call_id, entry.at_ms) == (None, None, None, int(told["at_ms"]))
    assert store.accept(NUMBER).verdict == "barred"
    assert add(store, NUMBER) == Effect("done", 0, 1, 0)
    (_, kept) = proof(store)
    assert kept == {"list": SERVICE, "number": entry.member, "act": "added", "at_ms": told["at_ms"]}
    assert store.scripts.run(opt_in(SERVICE, NUMBER, "", "asked"))
    assert store.accept(NUMBER).verdict == "accepted"


def test_one_names_wish_to_forget_leaves_the_others_lists_alone(store: Store) -> None:
    for on_list in (SERVICE, list_of("alice")):
        add(store, NUMBER, on_list=on_list)
    forget(store, NUMBER, "of:alice")
    members = [store.scripts.run(entries(on_list, "", 9))[0].number for on_list in (SERVICE, list_of("alice"))]
    assert members == [NUMBER, None]


def test_what_happened_elsewhere_happens_here_once_with_its_proof(store: Store) -> None:
    add(store, NUMBER)
    ((known, told),) = store.redis.xrange(PROOF)
    news = [
        {"id": known, **told},
        {
            "id": f"{store.now_ms()}-5",
            "list": list_of("alice"),
            "number": OTHER,
            "act": "added",
            "at_ms": "7",
            "by": "x",
        },
        {"id": f"{store.now_ms()}-6", "list": SERVICE, "number": NUMBER, "act": "removed", "at_ms": "8", "reason": "y"},
    ]
    assert store.scripts.run(merge("", news)) == 2
    assert store.scripts.run(merge("", news)) == 0
    assert store.scripts.run(opted_out("alice", [NUMBER, OTHER])) == {OTHER}
    assert [entry["act"] for entry in proof(store)] == ["added", "added", "removed"]
    digest = digest_of(str(store.redis.get(keys.OPTOUT_SALT)), OTHER)
    kept = {name: value for name, value in news[1].items() if name != "id"}
    assert proof(store)[1] == kept | {"number": digest}


def test_details_are_json_that_a_later_version_may_add_to(store: Store) -> None:
    add(store, NUMBER)
    known = json.loads(str(store.redis.hget(f"{keys.PREFIX}optout:{SERVICE}", NUMBER)))
    store.redis.hset(f"{keys.PREFIX}optout:{SERVICE}", NUMBER, json.dumps(known | {"later": [1]}))
    assert store.scripts.run(entry_of(SERVICE, NUMBER)) is not None
