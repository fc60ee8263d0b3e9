"""A whole campaign's numbers against the do-not-call lists."""

from schemas.do_not_call.lists import list_of, opted_out
from tests.scripts.conftest import Store
from tests.scripts.test_opt_outs import add, forget


def test_a_thousand_numbers_are_looked_up_in_a_few_commands_forgotten_ones_too(store: Store) -> None:
    numbers = [f"+1202555{place:04d}" for place in range(1000)]
    add(store, numbers[3])
    add(store, numbers[3], numbers[499], numbers[500], numbers[999], on_list=list_of("alice"))
    add(store, numbers[7], on_list=list_of("bob"))
    assert commands(store, numbers) <= 15
    forget(store, numbers[999])
    assert store.scripts.run(opted_out("alice", numbers)) == {numbers[place] for place in (3, 499, 500, 999)}
    assert store.scripts.run(opted_out("", numbers)) == {numbers[3]}


def commands(store: Store, numbers: list[str]) -> int:
    """How many it takes to look these numbers up."""
    store.redis.config_resetstat()
    store.scripts.run(opted_out("alice", numbers))
    told: dict[str, dict[str, int]] = store.redis.info("commandstats")
    return sum(its["calls"] for its in told.values())
