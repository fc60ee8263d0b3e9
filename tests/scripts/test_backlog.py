"""What benchmarks measure by the million is what accept.lua makes."""

from schemas import keys
from tests.benchmarks.admission import LIMITS
from tests.benchmarks.backlog import MONTH_MS, Backlog
from tests.scripts.conftest import Store
from worker.ledger import Ledger


def test_copies_of_an_accepted_call_differ_from_it_in_nothing_but_number_and_instant(store: Store) -> None:
    backlog = Backlog(store.redis)
    for due_in_ms in (0, MONTH_MS):
        accepted = backlog.call(due_in_ms)
        known = set(store.redis.keys(keys.task("*")))
        backlog.copies(accepted, 3)
        record = store.redis.hgetall(keys.task(accepted))
        for key in set(store.redis.keys(keys.task("*"))) - known:
            copy = store.redis.hgetall(key)
            assert {name for name in record | copy if record.get(name) != copy.get(name)} <= {"to", "due_ms"}
    assert len(Ledger(store.redis, LIMITS, timeout_seconds=30, retention_days=30).admit(10)) == 4
