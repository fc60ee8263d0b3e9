"""Settings of paces and limits."""

import pytest

from app.settings import Settings
from runtime.environment import Environment
from runtime.settings import read_shared
from runtime.standing.told import part_of
from schemas.errors import SettingsError
from schemas.limits import Pace, campaign_interval_us
from tests.runtime.test_environment import faults
from worker.settings import Settings as WorkerSettings


@pytest.mark.parametrize(
    ("variables", "account", "singles"),
    [
        ({}, Pace(1_012_000, 0, 1, 1_004_000), Pace(2_020_000, 0, 1, 2_006_667)),
        ({"CALLS_PER_SECOND": "20"}, Pace(50_600, 45_000, 20, 1_004_000), Pace(2_020_000, 0, 1, 2_006_667)),
        ({"CALLS_PER_SECOND": "2.5"}, Pace(404_800, 395_000, 2, 803_200), Pace(2_020_000, 0, 1, 2_006_667)),
        ({"CALLS_PER_SECOND": "0.5"}, Pace(2_020_000, 0, 1, 2_006_667), Pace(2_020_000, 0, 1, 2_006_667)),
        ({"SINGLE_CALLS_PER_MINUTE": "6000"}, Pace(1_012_000, 0, 1, 1_004_000), Pace(10_120, 8_000, 100, 1_004_000)),
    ],
)
def test_paces_are_a_little_slower_than_allowed(variables: dict[str, str], account: Pace, singles: Pace) -> None:
    limits = read_shared(Environment(variables))["limits"]
    assert (limits.account, limits.singles) == (account, singles)


@pytest.mark.parametrize("seconds", [1, 5, 30, 300])
def test_a_campaign_never_starts_two_calls_closer_than_its_delay(seconds: int) -> None:
    assert seconds * 1_000_000 < campaign_interval_us(seconds) <= seconds * 1_000_000 + 20_000


@pytest.mark.parametrize("name", ["CALLS_PER_SECOND", "SINGLE_CALLS_PER_MINUTE"])
@pytest.mark.parametrize("value", ["1e-12", "1e-320"])
def test_a_pace_so_slow_that_no_call_would_ever_leave_is_a_wrong_setting(name: str, value: str) -> None:
    environment = Environment({name: value})
    read_shared(environment)
    assert name in faults(environment)


@pytest.mark.parametrize("name", ["CALLS_PER_SECOND", "SINGLE_CALLS_PER_MINUTE", "MAX_LIVE_CALLS"])
def test_limits_must_be_above_zero(name: str) -> None:
    environment = Environment({name: "0"})
    read_shared(environment)
    assert name in faults(environment)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("CALLS_PER_SECOND", 0.001, 10_000),
        ("SINGLE_CALLS_PER_MINUTE", 0.01, 600_000),
        ("MAX_LIVE_CALLS", 1, 1_000_000),
        ("TWILIO_TIMEOUT_SECONDS", 1, 600),
        ("RECONCILE_AFTER_SECONDS", 1, 3600),
        ("CALL_RETENTION_DAYS", 1, 3650),
        ("MAX_CALL_SECONDS", 60, 14_400),
        ("REDIS_REPLICAS", 0, 10),
        ("REQUESTS_PER_SECOND_PER_KEY", 0.01, 100_000),
        ("MAX_CONNECTIONS", 1, 100_000),
        ("MAX_CALLS_PER_DAY", 1, 10**9),
        ("APP_PORT", 0, 65535),
        ("METRICS_PORT", 1, 65535),
    ],
)
def test_every_number_has_a_least_and_a_most(name: str, least: float, most: float) -> None:
    read = WorkerSettings.read if name == "METRICS_PORT" else Settings.read
    for allowed in (least, most):
        read({name: str(allowed)})
    for outside in (least * 0.9 if least else -1, most + 1):
        with pytest.raises(SettingsError, match=rf"{name} must be a (whole )?number from {least} to {most}\b"):
            read({name: str(outside)})


@pytest.mark.parametrize(
    ("name", "one", "another", "differ"),
    [
        ("MAX_CALLS_PER_DAY", "1234567", "1234568", True),
        ("CALLS_PER_SECOND", "12.34567", "12.34568", True),
        ("CALLS_PER_SECOND", "2", "2.0", False),
    ],
)
def test_parts_tell_limits_apart_to_their_last_digit(name: str, one: str, another: str, differ: bool) -> None:
    told = [part_of("worker", WorkerSettings.read({name: value}), 0).settings[name] for value in (one, another)]
    assert (told[0] != told[1]) is differ
