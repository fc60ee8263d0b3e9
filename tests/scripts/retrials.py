"""Tasks that came to an end, and are tried again."""

from schemas import keys
from schemas.campaigns.filling import Bounds, Repetition
from schemas.campaigns.retrying import Retry, Retrying, retry
from schemas.scripts.begin import Go
from schemas.scripts.outcome import placed
from tests.scripts.conftest import Store

NUMBERS = [f"+120255501{index:02d}" for index in range(10)]


def again(
    store: Store,
    task: str,
    marks: str,
    digest: str = "one",
    delay_ms: int = 0,
    due_ms: int | None = None,
    **bounds: int,
) -> Retrying:
    what = Retry(marks, due_ms, delay_ms)
    return store.scripts.run(retry(task, what, Repetition(digest, "b"), retention_days=30, bounds=Bounds(**bounds)))


def end(store: Store, call: str, status: str, sid: str) -> None:
    assert isinstance(store.ledger.begin(call, f"claim of {sid}"), Go)
    store.outcome(call, placed(sid, "queued", 60))
    store.callback(call, status, attempt_number=int(store.task(call).get("attempt_number", 1)))


def ended(store: Store, *statuses: str) -> str:
    """A campaign whose numbers came to these."""
    campaign = store.campaign(*NUMBERS[: len(statuses)], max_live=1)
    for place, status in enumerate(statuses):
        (call,) = store.ledger.admit(50)
        end(store, call, status, f"CA{place}")
        store.pass_time(2)
    return campaign


def marks(store: Store, campaign: str) -> str:
    return str(store.redis.get(keys.marks(campaign)))
