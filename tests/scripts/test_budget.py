"""What a whole call may cost Redis, and of it an admission."""

from pathlib import Path

from tests.benchmarks import budget
from tests.scripts.conftest import Store

#: That the admission of a single call took before clients took turns and numbers had hours.
MOST_COMMANDS = 19
OF_THE_TEST = ("cmdstat_evalsha", "cmdstat_config", "cmdstat_info")


def test_a_whole_call_runs_one_script_and_each_event_writes_three_times_more_at_most_than_before_it_was_logged(
    tmp_path: Path,
) -> None:
    rows = list(budget.rows(1, tmp_path))

    assert [row for row in rows if not row.reached] == []
    assert len(rows) == 4


def test_one_single_call_is_admitted_of_many_with_no_more_commands_than_before_clients_took_turns(store: Store) -> None:
    for rank in (1, 2, 2, 2, 3):
        store.call(rank=rank)
    store.campaign("+12025550101", rank=3)
    assert len(store.ledger.admit(2)) == 2
    store.redis.config_resetstat()
    assert len(store.ledger.admit(1)) == 1

    told = store.redis.info("commandstats")
    assert sum(its["calls"] for name, its in told.items() if not name.startswith(OF_THE_TEST)) <= MOST_COMMANDS
