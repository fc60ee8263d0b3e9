"""Each guard is necessary: with it taken out of its script, what it guards against happens."""

from schemas.scripts.begin import Go
from schemas.scripts.outcome import later, placed
from tests.scripts.conftest import Store
from tests.scripts.guards import Without, without

__all__ = ["without"]


def _both_may_dial(store: Store) -> bool:
    call = store.call()
    store.ledger.admit(50)
    first = store.ledger.begin(call, "one")
    store.pass_time(1)
    return isinstance(first, Go) and isinstance(store.ledger.begin(call, "other"), Go)


def test_without_the_claim_two_workers_dial_one_call(store: Store, without: Without) -> None:
    assert not _both_may_dial(store)
    assert _both_may_dial(without("begin", "if task[1] ~= 'dispatched' then return {'gone', task[1] or ''} end"))


def _dials_twice_after_a_crash(store: Store) -> bool:
    """A worker dies after its request left; the sweep looks at the call."""
    call = store.call("+12025550177")
    store.ledger.admit(50)
    store.ledger.begin(call, "died")
    store.ledger.put_back(call)
    store.pass_time(2)
    store.ledger.admit(50)
    return isinstance(store.ledger.begin(call, "second"), Go)


def test_without_the_mark_before_the_request_a_dead_workers_call_is_dialled_again(
    store: Store, without: Without
) -> None:
    assert not _dials_twice_after_a_crash(store)
    assert _dials_twice_after_a_crash(without("begin", "'state', 'dialling', 'claim'", "'claim'"))


def _goes_back(store: Store) -> bool:
    store.redis.flushall()
    call = store.placed("+12025550178", sid="CA178")
    for status in ("in-progress", "ringing"):
        store.callback(call, status)
    return store.task(call)["call_status"] == "ringing"


def test_without_the_order_of_statuses_late_news_moves_a_call_back(store: Store, without: Without) -> None:
    assert not _goes_back(store)
    assert _goes_back(without("news", " and comes_after(status, known)"))


def _is_placed_twice(store: Store) -> bool:
    """'Not processed', whose record was written but not answered, is told again while another worker dials."""
    call = store.dialling("+12025550179")
    store.outcome(call, later(0), tries=1)
    store.pass_time(2)
    store.ledger.admit(50)
    store.ledger.begin(call, "second")
    store.outcome(call, later(0), tries=1)
    store.pass_time(2)
    store.ledger.admit(50)
    return isinstance(store.ledger.begin(call, "third"), Go)


def test_without_the_attempts_number_an_old_answer_sends_a_call_twice(store: Store, without: Without) -> None:
    assert not _is_placed_twice(store)
    assert _is_placed_twice(without("outcome", "if ARGV[2] ~= call.tries then return told('moved') end\n"))


def _goes_over_the_cap(store: Store) -> bool:
    campaign = store.campaign("+12025550180", "+12025550181", max_live=1)
    admitted = store.ledger.admit(50)
    store.pass_time(2)
    admitted += store.ledger.admit(50)
    return sum(call.startswith(campaign) for call in admitted) > 1


def test_without_the_lease_a_campaign_goes_over_its_cap(store: Store, without: Without) -> None:
    assert not _goes_over_the_cap(store)
    assert _goes_over_the_cap(without("admit", "redis.call('HINCRBY', key, 'live', 1)"))


def _leaves_early(store: Store) -> bool:
    slow = Store(store.redis, 1, 6000, 100)
    slow.ledger = type(slow.ledger)(store.redis, slow.limits, 30, 30)
    ids = []
    for _ in range(2):
        slow.campaign("+12025550182")
        ids += slow.ledger.admit(50)
        slow.pass_time(1.02)
    return all(isinstance(slow.ledger.begin(call, "attempt"), Go) for call in ids)


def test_without_the_last_gate_late_messages_leave_together(store: Store, without: Without) -> None:
    assert not _leaves_early(store)
    gate = "if leaves_us > now_us + lead_us then return {'wait', int(leaves_us - now_us - lead_us / 2)} end"
    assert _leaves_early(without("begin", gate))


def _takes_anothers_sid(store: Store) -> bool:
    store.placed("+12025550183", sid="CA183")
    store.pass_time(2)
    other = store.dialling("+12025550184")
    return store.outcome(other, placed("CA183", "queued", 60)).verdict == "done"


def test_without_the_owner_of_a_sid_one_call_at_twilio_counts_for_two(store: Store, without: Without) -> None:
    assert not _takes_anothers_sid(store)
    assert _takes_anothers_sid(without("outcome", "if owner and owner ~= id then return told('taken') end"))
