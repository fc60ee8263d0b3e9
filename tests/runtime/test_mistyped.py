"""Settings that are misspelt, in quotes, or another address than is asked for: each is named, and nothing starts."""

from pathlib import Path

import pytest

from app.settings import Settings as WebSettings
from runtime.connections import connect
from runtime.environment import Environment
from runtime.settings import read_shared
from schemas.errors import SettingsError
from worker.settings import Settings as WorkerSettings


def said(**variables: str) -> str:
    """What both tiers say of these settings alone."""
    for read in (WorkerSettings.read, WebSettings.read):
        with pytest.raises(SettingsError) as caught:
            read(variables)
    return str(caught.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("MAX_CALLS_PER_DAYS", "MAX_CALLS_PER_DAY"),
        ("CALL_PER_SECOND", "CALLS_PER_SECOND"),
        ("calls_per_second", "CALLS_PER_SECOND"),
        ("MAX_LIVE_CALL", "MAX_LIVE_CALLS"),
        ("CALLING-WINDOWS", "CALLING_WINDOWS"),
        ("TWILIO_ACCOUNT_ID", "TWILIO_ACCOUNT_SID"),
        ("CELERY_BORKER_URL", "CELERY_BROKER_URL"),
    ],
)
def test_a_setting_that_is_misspelt_is_named_lest_it_has_no_effect(written: str, meant: str) -> None:
    assert f"{written} is no setting, and {meant} is perhaps meant" in said(**{written: "1"})


@pytest.mark.parametrize("written", ["BLOCKED_PREFIX", "BLOCKED_PREFIXS"])
def test_so_is_one_that_only_the_web_tier_reads(written: str) -> None:
    with pytest.raises(SettingsError, match=f"{written} is no setting, and BLOCKED_PREFIXES is perhaps meant"):
        WebSettings.read({written: "+44"})


@pytest.mark.parametrize(
    "variables",
    [
        {"MAX_CALLS_PER_DAYS": "5", "MAX_CALLS_PER_DAY": "5"},
        {"MAX_CALLS_PER_DAYS": " "},
        {"API_KEY": "x"},
        {"LOGLEVEL": "x"},
        {"MAX_CALLS": "5"},
        {"APP_PORT_8001_TCP": "tcp://10.0.0.1:8001"},
    ],
)
def test_a_variable_of_another_program_is_none_of_ours(variables: dict[str, str]) -> None:
    WebSettings.read(variables)
    WorkerSettings.read(variables)


@pytest.mark.parametrize("value", ['"AC0"', "'AC0'", "AC0 0", "AC0/../AC1", "\u0410\u04210"])
def test_an_account_that_is_written_otherwise_is_another_one_and_is_refused(value: str) -> None:
    assert "TWILIO_ACCOUNT_SID must be letters and digits, without quotes" in said(TWILIO_ACCOUNT_SID=value)


@pytest.mark.parametrize("value", ['"secret"', "'secret'", "se cret", "se\ncret", "s\u0435cret"])
def test_a_token_that_twilio_cannot_have_given_is_refused_and_not_shown(value: str) -> None:
    told = said(TWILIO_AUTH_TOKEN=value)
    assert "TWILIO_AUTH_TOKEN must be printable ASCII, without blanks and quotes" in told
    assert "cret" not in told


@pytest.mark.parametrize(
    "value", ["None", "null", "undefined", " nil ", "<no value>", "<your token>", "${TOKEN}", "$TOKEN", "$(TOKEN)"]
)
@pytest.mark.parametrize("name", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "CELERY_BROKER_URL", "CALLS_PER_SECOND"])
def test_what_a_template_left_unfilled_is_no_value(name: str, value: str) -> None:
    assert said(**{name: value}) == (
        f"Wrong settings: {name} is what a template holds before it is filled in: give it its value, or take it away."
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis://:${PASSWORD}@host"),
        ("REDIS_URL", "redis://:{{ password }}@host:6379/0"),
        ("REDIS_URL", "rediss://amy:<password>@host/0?ssl_cert_reqs=none"),
        ("CELERY_BROKER_URL", "redis://:$(REDIS_PASSWORD)@host/0"),
        ("CELERY_BROKER_URL", "redis://:None@host/0"),
        ("CELERY_BROKER_URL", "redis://:secret@${HOST:-redis}:6379/0"),
        ("CELERY_BROKER_URL", "redis://host:$PORT/0"),
        ("CELERY_BROKER_URL", "sentinel://:secret@a:26379;sentinel://:secret@<host>:26379"),
        ("CELERY_RESULT_BACKEND", "db+postgresql://amy:${PASSWORD}@host/calls"),
        ("PUBLIC_BASE_URL", "https://calls.example.com/{{prefix}}"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://undefined:4318"),
    ],
)
def test_nor_is_it_a_part_of_a_url(name: str, value: str) -> None:
    settings = WorkerSettings if name == "CELERY_RESULT_BACKEND" else WebSettings
    with pytest.raises(SettingsError, match=f"^Wrong settings: {name} is what a template holds before it is filled in"):
        settings.read({name: value})


def test_nor_of_one_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://:${PASSWORD}@host/0\n")
    told = said(CELERY_BROKER_URL_FILE=str(tmp_path / "url"))
    assert "what stands in the file of CELERY_BROKER_URL_FILE is what a template holds" in told


@pytest.mark.parametrize(
    "url",
    [
        "redis://:x$ABC@host/0",
        "redis://:a<b>c@host/0",
        "redis://:a{{b@host/0",
        "redis://:none-of-yours@null.example.com/0",
        "rediss://host/0?ssl_cert_reqs=none",
    ],
)
def test_a_password_may_look_a_little_like_it(url: str) -> None:
    assert WorkerSettings.read({"CELERY_BROKER_URL": url}).broker_url == url


@pytest.mark.parametrize("name", ["API_KEYS", "TWILIO_WEBHOOK_KEYS", "EVENT_SIGNING_KEYS"])
def test_nor_is_it_anybodys_secret(name: str) -> None:
    for text, place in (("web:None", 1), ("web:0123456789abcdef,shop:${SHOP_KEY}", 2)):
        with pytest.raises(
            SettingsError, match=f"{name} must be .* the secret of entry {place} is what a template holds"
        ):
            WebSettings.read({name: text})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TWILIO_PHONE_NUMBER", "None"),
        ("ALLOWED_FROM_NUMBERS", "null"),
        ("TWILIO_AUTH_TOKEN_SECONDARY", "undefined"),
        ("APP_HOST", "None"),
        ("ALLOWED_HOSTS", "{{ host }}"),
        ("REDIS_SENTINEL_PASSWORD", "null"),
        ("DEFAULT_MESSAGE", "undefined"),
    ],
)
def test_nor_a_number_a_host_or_a_message(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^Wrong settings: {name} is what a template holds before it is filled in"):
        WebSettings.read({name: value})


@pytest.mark.parametrize(
    "value",
    [
        "https://calls.example.com/api/v1/twilio",
        "https://calls.example.com/api/v1/twilio/incoming-call",
        "https://calls.example.com/behind/api/v1/twilio/call-status/",
        "https://calls.example.com/api/v1/celery/twilio",
        "https://calls.example.com/a b",
        "https://calls.example.com/\u00e4",
        "https://calls.example.com/%zz",
        "https://calls.example.com/a\\b",
    ],
)
def test_an_address_that_callees_would_hear_an_error_at_is_refused(value: str) -> None:
    assert "PUBLIC_BASE_URL must be what stands before /api/v1/" in said(PUBLIC_BASE_URL=value)


@pytest.mark.parametrize("value", ["https://calls.example.com/api/v1", "https://calls.example.com/b%20/twilio~v1"])
def test_a_proxy_may_have_its_own_prefix(value: str) -> None:
    environment = Environment({"PUBLIC_BASE_URL": value})
    assert read_shared(environment)["public_base_url"] == value
    environment.check()


def test_twilios_token_is_not_sent_in_the_clear() -> None:
    for url in ("http://API.twilio.com", "HTTP://api.twilio.com.", "http://api.dublin.ie1.twilio.com:80"):
        assert "TWILIO_API_BASE_URL must begin with https:// for Twilio" in said(TWILIO_API_BASE_URL=url)
    assert not WorkerSettings.read({"TWILIO_API_BASE_URL": "https://api.twilio.com."}).simulated
    WorkerSettings.read({"TWILIO_API_BASE_URL": "http://127.0.0.1:8010"})  # the simulator


@pytest.mark.parametrize(
    "url",
    ["redis://h/0?tiemout=3", "redis://h/0?ssl_cert_reqs=none", "rediss://h/0?socket_timeout=x", "unix:///s?max=1"],
)
def test_an_option_that_no_connection_to_redis_can_be_made_with_is_refused(url: str) -> None:
    """It was told as a Redis that does not answer yet, or by a traceback."""
    assert "CELERY_BROKER_URL must be a URL with options that redis-py takes" in said(CELERY_BROKER_URL=url)


@pytest.mark.parametrize("password", ["pa/word", "pa#word", "12#4", "pa?word"])
def test_of_a_password_that_ends_the_address_it_is_told_how_to_write_it(password: str) -> None:
    """The rest was the database's name, or nothing: `redis://:12#4@host` was a Redis on this host."""
    told = said(CELERY_BROKER_URL=f"redis://:{password}@host:6379/0")
    assert "in a password / is written %2F, ? %3F, # %23 and % %25" in told
    assert "word" not in told.replace("password", "")


@pytest.mark.parametrize("url", ["redis+socket:///run/redis.sock?virtual_host=3", "unix:///run/redis.sock?db=3"])
def test_the_database_behind_a_socket_is_taken_in_both_spellings(url: str) -> None:
    settings = WorkerSettings.read({"CELERY_BROKER_URL": url})
    pool = connect(settings.redis_url, settings.sentinel).connection_pool
    assert pool.connection_kwargs["db"] == 3


@pytest.mark.parametrize("name", ["ALLOWED_PREFIXES", "BLOCKED_PREFIXES"])
@pytest.mark.parametrize("value", ["+4407", "+1,+440", "+521", "+3606", "+119"])
def test_a_prefix_with_what_is_dialled_before_a_number_at_home_is_refused(name: str, value: str) -> None:
    """No number has that once it is read: what was blocked so was dialled."""
    assert f"{name} must be beginnings of E.164 numbers" in said(**{name: value})
    environment = Environment({name: "+447, +1,+52,+36,+3906"})
    assert environment.prefixes(name) == ("+447", "+1", "+52", "+36", "+3906")
    environment.check()
