"""Reading settings, and the message about wrong ones."""

import pytest

from schemas.environment import Environment
from schemas.errors import SettingsError
from schemas.limits import Limits, Pace, campaign_interval_us


def faults(environment: Environment) -> str:
    with pytest.raises(SettingsError) as caught:
        environment.check()
    return str(caught.value)


@pytest.mark.parametrize("value", ["", "   ", "\t\n"])
def test_an_empty_variable_counts_as_not_set(value: str) -> None:
    environment = Environment({"NAME": value})
    assert environment.text("NAME", "default") == "default"
    assert environment.number("NAME", 2.5) == 2.5
    assert environment.whole("NAME", 7) == 7
    assert environment.choice("NAME", "b", ("a", "b")) == "b"
    assert environment.url("NAME", "http://a", ("http",)) == "http://a"
    assert environment.phone_number("NAME") == ""
    environment.check()


def test_blanks_around_a_value_do_not_count() -> None:
    environment = Environment({"A": " x ", "B": " 3 ", "C": " http://h/ ", "D": " +15005550006\n"})
    assert environment.text("A") == "x"
    assert environment.whole("B", 1) == 3
    assert environment.url("C", "", ("http",)) == "http://h"
    assert environment.phone_number("D") == "+15005550006"
    environment.check()


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "-inf", "1e400", "x", "1,5", "0x10", "1e10"])
def test_a_number_must_be_finite_and_above_its_bound(value: str) -> None:
    environment = Environment({"NAME": value})
    environment.number("NAME", 1)
    assert "NAME must be a number" in faults(environment)


@pytest.mark.parametrize("value", ["0.1", "1", "1e-1", " 2.5 "])
def test_a_number_may_be_a_fraction(value: str) -> None:
    environment = Environment({"NAME": value})
    assert environment.number("NAME", 99) == float(value)
    environment.check()


@pytest.mark.parametrize("value", ["0", "-5", "1.0", "ten", "1e3", "65536", "9" * 5000])
def test_a_whole_number_must_lie_within_its_bounds(value: str) -> None:
    environment = Environment({"NAME": value})
    environment.whole("NAME", 1, least=1, most=65535)
    assert faults(environment) == "Wrong settings: NAME must be a whole number from 1 to 65535."


@pytest.mark.parametrize("value", ["1", "65535"])
def test_the_bounds_of_a_whole_number_belong_to_it(value: str) -> None:
    environment = Environment({"NAME": value})
    assert environment.whole("NAME", 9, least=1, most=65535) == int(value)
    environment.check()


def test_a_choice_is_read_in_any_case() -> None:
    assert Environment({"NAME": "debug"}).choice("NAME", "INFO", ("DEBUG", "INFO")) == "DEBUG"


@pytest.mark.parametrize(
    "value", ["localhost:6379", "http://", "redis:", "mysql://host/0", "redis://host:port/0", "redis://host:99999", "x"]
)
def test_a_url_must_be_of_a_known_scheme_and_lead_somewhere(value: str) -> None:
    environment = Environment({"NAME": value})
    environment.url("NAME", "", ("redis", "http"))
    assert faults(environment) == "Wrong settings: NAME must be a URL that begins with redis:// or http://."


@pytest.mark.parametrize("value", ["15005550006", "+0123", "+1 500", "someone"])
def test_a_phone_number_must_be_e164(value: str) -> None:
    environment = Environment({"NAME": value})
    environment.phone_number("NAME")
    assert "NAME must be a phone number in E.164 format" in faults(environment)


def test_one_message_names_every_faulty_variable_and_no_other() -> None:
    environment = Environment({"A": "x", "B": "x", "C": "x", "D": "x", "E": "x", "GOOD": "1"})
    environment.number("A", 1)
    environment.whole("B", 1)
    environment.choice("C", "y", ("y", "z"))
    environment.url("D", "", ("http",))
    environment.phone_number("E")
    environment.whole("GOOD", 1)
    message = faults(environment)
    assert message.count("Wrong settings") == 1
    assert "\n" not in message
    for name in "ABCDE":
        assert f"{name} must be " in message
    assert "GOOD" not in message


def test_a_secret_is_not_repeated_in_the_message() -> None:
    environment = Environment({"URL": "mysql://user:swordfish@host"})
    environment.url("URL", "", ("redis",))
    assert "swordfish" not in faults(environment)


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
    limits = Limits.read(Environment(variables))
    assert (limits.account, limits.singles) == (account, singles)


@pytest.mark.parametrize("seconds", [1, 5, 30, 300])
def test_a_campaign_never_starts_two_calls_closer_than_its_delay(seconds: int) -> None:
    assert seconds * 1_000_000 < campaign_interval_us(seconds) <= seconds * 1_000_000 + 20_000


@pytest.mark.parametrize("name", ["CALLS_PER_SECOND", "SINGLE_CALLS_PER_MINUTE"])
@pytest.mark.parametrize("value", ["1e-12", "1e-320"])
def test_a_pace_so_slow_that_no_call_would_ever_leave_is_a_wrong_setting(name: str, value: str) -> None:
    environment = Environment({name: value})
    Limits.read(environment)
    assert name in faults(environment)


@pytest.mark.parametrize("name", ["CALLS_PER_SECOND", "SINGLE_CALLS_PER_MINUTE", "MAX_LIVE_CALLS"])
def test_limits_must_be_above_zero(name: str) -> None:
    environment = Environment({name: "0"})
    Limits.read(environment)
    assert name in faults(environment)
