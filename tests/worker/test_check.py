"""worker.admin check: tries what was set, and says of each whether it is well."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import ResponseError

from runtime.scripts import ScriptRunner
from runtime.standing.reporter import redis_state
from schemas import keys
from schemas.limits import Limits
from schemas.operation.part import Part, report
from tests.app.away import Away
from tests.processes import ACCOUNT_SID, AUTH_TOKEN, RedisServer, Simulator
from worker.admin.__main__ import main
from worker.admin.check import leads_home

Check = Callable[..., Mapping[str, bool | None]]


@pytest.fixture
def checked(
    redis: "Redis",
    redis_server: RedisServer,
    simulator: Simulator,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Check:
    """What was tried -> whether it is well."""

    def one(**settings: str) -> Mapping[str, bool | None]:
        right = {
            "CELERY_BROKER_URL": redis_server.url,
            "TWILIO_ACCOUNT_SID": ACCOUNT_SID,
            "TWILIO_AUTH_TOKEN": AUTH_TOKEN,
            "TWILIO_API_BASE_URL": simulator.url,
        }
        for name, value in (right | settings).items():
            monkeypatch.setenv(name, value)
        with suppress(SystemExit):  # something is wrong
            main(("check", "--json"))
        return {line["what"].split(" of ")[0]: line["well"] for line in json.loads(capsys.readouterr().out)}

    return one


def test_of_each_it_says_whether_it_is_well(checked: Check) -> None:
    assert checked() == {
        "Redis keeps what is written": True,
        "Redis's file stays small": True,
        "Redis has room": True,
        "clock": True,
        "parts": False,  # neither a worker nor a beat is alive
        "account": True,
        "Twilio's token": True,
        "PUBLIC_BASE_URL": None,
    }


def test_a_redis_without_the_database_is_no_redis_that_does_not_let_us_ask(redis_server: RedisServer) -> None:
    """A worker on it advised to allow INFO."""
    with Redis.from_url(redis_server.url.removesuffix("/0") + "/99") as redis, pytest.raises(ResponseError):
        redis_state(redis)


def test_a_wrong_token_a_way_that_leads_nowhere_and_calls_of_another_account_are_found(
    checked: Check, redis: "Redis", nobody: str
) -> None:
    redis.set(keys.ACCOUNT, "AC" + "9" * 32)
    found = checked(TWILIO_AUTH_TOKEN="mistyped", PUBLIC_BASE_URL=nobody)
    assert {name for name, well in found.items() if well is False} == {
        "parts",
        "account",
        "Twilio's token",
        "PUBLIC_BASE_URL",
    }


def test_a_web_tier_with_another_token_is_found(checked: Check, tmp_path: Path) -> None:
    with Away(tmp_path, {"TWILIO_ACCOUNT_SID": ACCOUNT_SID, "TWILIO_AUTH_TOKEN": AUTH_TOKEN}) as away:
        way = {"PUBLIC_BASE_URL": away.url}
        away.start(**way)
        assert checked(**way)["PUBLIC_BASE_URL"] is True
        assert checked(**way, TWILIO_AUTH_TOKEN="the-next-one")["PUBLIC_BASE_URL"] is False


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost:8001",
        "http://127.0.0.1:8001",
        "http://[::1]:8001",
        "https://192.168.1.4",
        "http://web:8001",
        "https://calls.svc.local",
    ],
)
def test_an_address_that_twilio_cannot_reach_from_outside_is_found(checked: Check, url: str) -> None:
    """From here it is reached, and callees would hear an error."""
    twilio = {"TWILIO_API_BASE_URL": "https://api.nowhere.twilio.com", "HTTPS_PROXY": "http://127.0.0.1:1"}
    assert checked(PUBLIC_BASE_URL=url, **twilio)["PUBLIC_BASE_URL"] is False
    assert leads_home(url)


@pytest.mark.parametrize("url", ["https://calls.example.com/a", "https://1.1.1.1", "https://[2606:4700::1111]:8443"])
def test_an_address_of_the_outside_is_tried(url: str) -> None:
    assert not leads_home(url)


def test_who_logs_in_at_an_address_is_not_shown(
    checked: Check, nobody: str, capsys: pytest.CaptureFixture[str]
) -> None:
    checked(PUBLIC_BASE_URL=nobody.replace("//", "//twilio:sesame@"))
    with pytest.raises(SystemExit):
        main(("check",))
    assert f"{nobody.replace('//', '//…@')} is not reached from here" in capsys.readouterr().out


def test_it_alone_tells_which_part_runs_where(
    checked: Check, redis: "Redis", capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("host-a/1", "host-b/2"):
        ScriptRunner(redis).run(report(Part(name, "worker", 0, {"X": name}), Limits(1, 30, 50), ""))
    checked()
    with pytest.raises(SystemExit):
        main(("check",))
    assert "worker 1 is host-a/1, worker 2 is host-b/2" in capsys.readouterr().out


def test_something_wrong_ends_it_with_1(checked: Check) -> None:
    checked()
    with pytest.raises(SystemExit) as ended:
        main(("check",))
    assert ended.value.code == 1


def test_a_redis_that_evicts_is_found(checked: Check, redis: "Redis") -> None:
    redis.config_set("maxmemory-policy", "allkeys-lru")
    try:
        assert checked()["Redis keeps what is written"] is False
    finally:
        redis.config_set("maxmemory-policy", "noeviction")


def test_a_redis_with_fewer_replicas_than_must_have_each_call_is_found(
    checked: Check, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else all seemed well where nothing is accepted."""
    assert checked(REDIS_REPLICAS="2")["Redis's replicas"] is False
    with pytest.raises(SystemExit):
        main(("check",))
    assert "Redis has 0 replicas, and REDIS_REPLICAS is 2: start as many" in capsys.readouterr().out


@pytest.mark.parametrize(("flushes", "well"), [("no", False), ("everysec", True)])
def test_a_redis_that_forgets_in_a_power_cut_is_told_of(
    checked: Check, redis: "Redis", capsys: pytest.CaptureFixture[str], flushes: str, well: bool
) -> None:
    redis.config_set("appendfsync", flushes)
    try:
        assert checked()["Redis keeps what is written"] is well
        with suppress(SystemExit):
            main(("check",))
    finally:
        redis.config_set("appendfsync", "always")
    assert f"(appendfsync {flushes})" in capsys.readouterr().out


def test_that_it_is_drained_is_told_and_not_wrong(
    checked: Check, redis: "Redis", capsys: pytest.CaptureFixture[str]
) -> None:
    assert "drained" not in checked()
    main(("drain",))
    capsys.readouterr()
    assert checked()["drained"] is True
