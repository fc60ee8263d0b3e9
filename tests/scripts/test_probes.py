"""A call that goes as a probe of a held account, but does not leave after all."""

import hashlib
from collections.abc import Callable

import pytest

from schemas import keys
from schemas.do_not_call.lists import SERVICE, OptOut, opt_out
from schemas.limits import Limits
from tests.scripts.conftest import Store
from tests.scripts.test_hold import read
from tests.scripts.test_outcome import ACCOUNT
from worker.ledger import Ledger

End = Callable[[Store, str], None]
NUMBER = "+12025550100"


def cancel(store: Store, probe: str) -> None:
    assert store.cancel(probe).done


def bar(store: Store, probe: str) -> None:
    store.scripts.run(opt_out(OptOut(SERVICE, [NUMBER])))
    assert store.ledger.bar(probe)


def cap(store: Store, probe: str) -> None:
    """Somebody called the number a moment ago."""
    digest = hashlib.sha1(f"|{NUMBER}".encode(), usedforsecurity=False).hexdigest()
    store.redis.zadd(f"{keys.PREFIX}called:{digest}", {"another:1": store.now_ms()})
    once = Limits(1000, 60_000, 1000, most_calls_per_number=1)
    assert Ledger(store.redis, once, timeout_seconds=30, retention_days=30).cap(probe)


@pytest.mark.parametrize("end", [cancel, bar, cap])
def test_a_probe_that_does_not_leave_makes_room_for_the_next_call(store: Store, end: End) -> None:
    store.outcome(store.dialling(NUMBER), ACCOUNT)
    other = store.call("+12025550101")
    read(store, passed=True)
    store.pass_time(0.02)
    (probe,) = store.ledger.admit(50)
    assert store.ledger.admit(50) == []
    end(store, probe)

    assert store.ledger.clock("beat").dispatch
    assert store.ledger.admit(50) == [other]
    assert store.ledger.admit(50) == []
