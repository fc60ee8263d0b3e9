"""A number that comes onto a do-not-call list and goes off it again and again."""

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, digest_of, opt_in, opt_out
from schemas.scripts.cancel import ALL, forget_number
from tests.scripts.conftest import Store

NUMBER = "+12025550100"
TIMES = 800


def come_and_go(store: Store, times: int) -> None:
    for _ in range(times):
        store.scripts.run(opt_out(OptOut(SERVICE, [NUMBER], by="shop")))
        assert store.scripts.run(opt_in(SERVICE, NUMBER, "shop", "asked to be called"))


def test_each_time_costs_as_little_as_the_first_and_is_proven_for_as_long(store: Store) -> None:
    come_and_go(store, TIMES)

    assert int(store.redis.hstrlen(keys.opt_outs(SERVICE), NUMBER)) < 1000
    assert store.redis.xlen(keys.OPTOUT_PROOF) == 2 * TIMES


def test_forgotten_it_leaves_a_digest_and_the_times_of_all_of_them_in_steps(store: Store) -> None:
    come_and_go(store, TIMES)
    store.scripts.run(opt_out(OptOut(SERVICE, [NUMBER], by="shop")))
    assert store.scripts.run(forget_number("job", NUMBER, ALL, retention_days=30)).begun
    store.redis.config_resetstat()
    steps = 1
    while store.ledger.forget_on():
        steps += 1
    digest = digest_of(str(store.redis.get(keys.OPTOUT_SALT)), NUMBER)

    assert steps > 2 * TIMES / 500
    told = [entry for _, entry in store.redis.xrange(keys.OPTOUT_PROOF)]
    assert len(told) == 2 * TIMES + 1
    assert {frozenset(entry) for entry in told} == {frozenset({"list", "number", "act", "at_ms"})}
    assert (
        store.redis.hkeys(keys.opt_outs(SERVICE))
        == store.redis.zrange(f"{keys.PREFIX}optouts:{SERVICE}", 0, -1)
        == [digest]
    )
    assert store.accept(NUMBER).verdict == "barred"
    assert NUMBER not in " ".join(store.redis.scan_iter("*"))
    come_and_go_again = store.scripts.run(opt_in(SERVICE, NUMBER, "shop", "asked to be called"))
    assert come_and_go_again
    assert store.redis.xlen(keys.OPTOUT_PROOF) == 2 * TIMES + 2
