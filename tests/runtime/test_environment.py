"""Reading settings, and the message about wrong ones."""

import pytest

from runtime.environment import Environment
from runtime.settings import read_shared
from schemas.errors import SettingsError


def faults(environment: Environment) -> str:
    with pytest.raises(SettingsError) as caught:
        environment.check()
    return str(caught.value)


@pytest.mark.parametrize("value", ["", "   ", "\t\n"])
def test_an_empty_variable_counts_as_not_set(value: str) -> None:
    environment = Environment({"NAME": value})
    assert environment.text("NAME", "default") == "default"
    assert environment.number("NAME", 2.5, least=0.01, most=1000) == 2.5
    assert environment.whole("NAME", 7, most=9) == 7
    assert environment.choice("NAME", "b", ("a", "b")) == "b"
    assert environment.url("NAME", "http://a", ("http",)) == "http://a"
    assert environment.phone_number("NAME") == ""
    environment.check()


def test_blanks_around_a_value_do_not_count() -> None:
    environment = Environment({"A": " x ", "B": " 3 ", "C": " http://h/ ", "D": " +15005550006\n"})
    assert environment.text("A") == "x"
    assert environment.whole("B", 1, most=9) == 3
    assert environment.url("C", "", ("http",)) == "http://h"
    assert environment.phone_number("D") == "+15005550006"
    environment.check()


@pytest.mark.parametrize("value", ["0", "-1", "nan", "inf", "-inf", "1e400", "x", "1,5", "0x10", "1e10"])
def test_a_number_must_be_finite_and_above_its_bound(value: str) -> None:
    environment = Environment({"NAME": value})
    environment.number("NAME", 1, least=0.01, most=1e9)
    assert "NAME must be a number from 0.01 to" in faults(environment)


@pytest.mark.parametrize("value", ["0.1", "1", "1e-1", " 2.5 "])
def test_a_number_may_be_a_fraction(value: str) -> None:
    environment = Environment({"NAME": value})
    assert environment.number("NAME", 99, least=0.1, most=99) == float(value)
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


@pytest.mark.parametrize(
    "value", ["https://api.twilio.com", "http://127.0.0.1:8010/", "http://simulator:8010", "http://[::1]:1"]
)
def test_twilios_api_is_named_by_its_host(value: str) -> None:
    environment = Environment({"TWILIO_API_BASE_URL": value})
    assert read_shared(environment)["api_base_url"] == value.rstrip("/")
    environment.check()


@pytest.mark.parametrize(
    "value",
    [
        "https://api.twilio.com/2010-04-01",
        "https://api.twilio.com/?region=ie1",
        "https://api.twilio.com#calls",
        "https://api.twilio.com#",
        "https://api.twilio.com?",
        "https://api.twilio.com:0",
        "https://user:swordfish@api.twilio.com",
        "https:///2010-04-01",
        "https:api.twilio.com",
        "https://[::1",
        "api.twilio.com",
    ],
)
def test_a_path_in_the_address_of_twilios_api_would_lead_elsewhere_and_is_refused(value: str) -> None:
    environment = Environment({"TWILIO_API_BASE_URL": value})
    read_shared(environment)
    assert "TWILIO_API_BASE_URL must be http:// or https:// and a host" in faults(environment)
    assert "swordfish" not in faults(environment)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "https://calls.example.com",
        "https://Calls.Example.com:8443/behind/A/Proxy/",
        "https://Amy:Pass@Calls.Example.com/",
        "http://web:8001",
        "http://[::1]:1",
    ],
)
def test_twilio_reaches_us_under_a_host_it_takes(value: str) -> None:
    environment = Environment({"PUBLIC_BASE_URL": value})
    assert read_shared(environment)["public_base_url"] == value.rstrip("/").replace("Calls.Example", "calls.example")
    environment.check()


@pytest.mark.parametrize(
    "value",
    [
        "https://my_host.example.com",
        "https://-a.example.com",
        "https://a..example.com",
        "https://b\u00fccher.example",
        "https://calls.example.com/?a=1",
        "https://calls.example.com#a",
        "https://calls.example.com#",
        "https://calls.example.com/calls?",
        "https://calls.example.com:0",
        "https://" + "calls." * 42 + "example.com",
        "https:///calls",
        "calls.example.com",
    ],
)
def test_a_host_that_twilio_would_not_take_is_refused(value: str) -> None:
    environment = Environment({"PUBLIC_BASE_URL": value})
    read_shared(environment)
    assert "PUBLIC_BASE_URL must be a URL that begins with http:// or https://, its host of" in faults(environment)


@pytest.mark.parametrize("value", ["15005550006", "+0123", "+1 500", "someone"])
def test_a_phone_number_must_be_e164(value: str) -> None:
    environment = Environment({"NAME": value})
    environment.phone_number("NAME")
    assert "NAME must be a phone number in E.164 format" in faults(environment)


def test_one_message_names_every_faulty_variable_and_no_other() -> None:
    environment = Environment({"A": "x", "B": "x", "C": "x", "D": "x", "E": "x", "GOOD": "1"})
    environment.number("A", 1, least=1, most=2)
    environment.whole("B", 1, most=2)
    environment.choice("C", "y", ("y", "z"))
    environment.url("D", "", ("http",))
    environment.phone_number("E")
    environment.whole("GOOD", 1, most=2)
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


@pytest.mark.parametrize("text", ["x" * 5000, "नमस्ते " * 600, "a\0b", "Hello {{name}}"], ids=ascii)
def test_a_default_message_that_could_not_all_be_spoken_is_a_wrong_setting(text: str) -> None:
    environment = Environment({"DEFAULT_MESSAGE": text})
    read_shared(environment)
    assert "DEFAULT_MESSAGE" in faults(environment)


def test_an_address_of_twilio_that_is_none_at_all_is_a_wrong_setting() -> None:
    environment = Environment({"TWILIO_API_BASE_URL": "http://["})
    read_shared(environment)
    assert "TWILIO_API_BASE_URL must be http:// or https://" in faults(environment)
