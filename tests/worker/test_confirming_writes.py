"""With REDIS_REPLICAS, a call is dialled only when replicas have the mark of it."""

import json
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from schemas import keys
from schemas.scripts.begin import Go
from schemas.states import CallState
from tests.processes import ACCOUNT_SID, RedisServer, Simulator
from tests.scripts.conftest import Store
from tests.worker.operator import Operator
from worker.admin.__main__ import main
from worker.calls import placing
from worker.calls.placing import NOT_REPLICATED, place
from worker.context import Context
from worker.ledger import Ledger
from worker.settings import Settings
from worker.twilio.outcomes import Deferred
from worker.twilio.telephone import Telephone

NUMBER = "+12025550177"


def lonely(redis: Any, store: Store) -> Ledger:
    """A ledger that wants a replica where there is none."""
    return Ledger(redis, store.limits, timeout_seconds=30, retention_days=30, replicas=1)


def test_a_permission_that_no_replica_has_is_not_confirmed(store: Store, redis: "Redis") -> None:
    call = store.call()
    store.ledger.admit(50)
    permission = lonely(redis, store).begin(call, "attempt")
    assert isinstance(permission, Go)
    assert not permission.replicated


def test_without_replicas_to_wait_for_every_permission_is_good(store: Store) -> None:
    call = store.call()
    store.ledger.admit(50)
    permission = store.ledger.begin(call, "attempt")
    assert isinstance(permission, Go)
    assert permission.replicated


def test_a_call_whose_mark_is_not_confirmed_is_not_dialled_and_waits_again(
    store: Store, redis: "Redis", simulator: Simulator, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placing, "_SETTLE_SECONDS", 0)
    call = store.call(NUMBER)
    store.ledger.admit(50)
    process = Context(settings, lonely(redis, store), Telephone(settings))
    came = place(process, call)
    assert came is not None
    assert came.outcome == NOT_REPLICATED
    assert isinstance(NOT_REPLICATED, Deferred)
    assert simulator.calls_to(NUMBER) == []
    assert store.state(call) == CallState.WAITING
    assert store.ledger.admit(50) == []  # the account is paused for a second, lest it spins
    store.pass_time(1.1)
    assert store.ledger.admit(50) == [call]


def test_the_same_attempt_that_asks_again_writes_again_so_that_wait_has_something_to_wait_for(
    store: Store, redis: "Redis"
) -> None:
    call = store.dialling()
    before = int(redis.info("persistence")["rdb_changes_since_last_save"])
    store.ledger.begin(call, "attempt")
    assert int(redis.info("persistence")["rdb_changes_since_last_save"]) > before


@pytest.mark.parametrize(
    "words", [("drain",), ("resume",), ("resume", "CAMPAIGN"), ("take-account",), ("accept-copy",)], ids=" ".join
)
def test_what_an_operator_switches_is_confirmed_or_the_command_says_so(
    store: Store,
    redis_server: RedisServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: tuple[str, ...],
) -> None:
    campaign = store.campaign(NUMBER)
    monkeypatch.setenv("CELERY_BROKER_URL", redis_server.url)
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", ACCOUNT_SID)
    given = [word.replace("CAMPAIGN", campaign) for word in words]
    main(given)
    monkeypatch.setenv("REDIS_REPLICAS", "1")
    for _ in range(2):
        capsys.readouterr()
        with pytest.raises(SystemExit, match="replicas did not confirm it"):
            main(given)
        told = json.loads(capsys.readouterr().err.splitlines()[-1])
        assert (told["action"], told["outcome"]) == (given[0], "unknown")  # it is done, as long as the primary lives


def test_a_file_that_is_given_again_adds_what_was_not_added_yet(
    operator: Operator, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever did not hear that it was done is told to give the command again: nobody is to be called twice for it."""
    campaign, file = store.campaign(NUMBER), tmp_path / "more.csv"
    file.write_text("\n".join(["to_number", *(f"+1303{index:07d}" for index in range(1500)), ""]))
    monkeypatch.setenv("REDIS_REPLICAS", "1")
    with pytest.raises(SystemExit, match="give the command again"):
        main(("recipients", campaign, str(file)))
    monkeypatch.setenv("REDIS_REPLICAS", "0")
    told = operator.json("recipients", campaign, str(file))
    assert told == {"task_id": campaign, "added": 500, "added_before": 1000, "skipped": 0}
    assert "0 numbers were added. 1500 of this file" in operator.run("recipients", campaign, str(file))
    assert store.redis.llen(keys.rows(campaign)) == 1 + 1500
