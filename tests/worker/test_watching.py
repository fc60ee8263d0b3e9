"""`worker.admin watch`: what Now shows, in a terminal."""

import pytest

from tests.ports import reserve_port
from tests.scripts.conftest import Store
from tests.worker.operator import Operator
from worker.admin.__main__ import main
from worker.admin.watching import bars


def test_it_looks_again_and_again_and_tells_what_waits_for_what(operator: Operator, store: Store) -> None:
    store.call()
    first, second = operator.run("watch", "--times", "2", "--every", "0.01").split("live calls:")[1:]
    for look in (first, second):
        assert look.startswith("             0 of 7")
        assert "calls a minute:         0 of 60" in look
        assert "waiting:                1 for " in look
        assert f"last hour:              |{' ' * 60}|" in look


def test_a_redis_that_is_away_is_waited_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", f"redis://127.0.0.1:{reserve_port()}/0")
    main(["watch", "--times", "2", "--every", "0.01"])
    assert capsys.readouterr().out.count("Redis does not answer (ConnectionError): nothing is dialled.") == 2


def test_a_bar_shows_each_number_and_only_nothing_is_empty() -> None:
    assert bars([0, 1, 50, 100]) == " ▁▄█"
    assert bars([0, 0]) == "  "
    assert bars([]) == ""
