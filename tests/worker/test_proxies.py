"""Kinds of proxies that lead to Twilio, or cannot."""

import os
import re
import subprocess
from dataclasses import replace

import pytest

from schemas.errors import SettingsError
from tests.ports import reserve_port
from tests.processes import BIN, ROOT
from worker.settings import Settings
from worker.twilio.route import surroundings
from worker.twilio.telephone import Telephone

_NEITHER = (
    "Wrong settings: the environment's proxy for api.twilio.com is neither http://host:port nor https://host:port"
)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "ALL_PROXY"])
@pytest.mark.parametrize("scheme", ["socks4", "socks5", "socks5h"])
def test_a_proxy_of_a_kind_that_is_not_supported_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    monkeypatch.setenv(variable, f"{scheme}://somebody:secret@127.0.0.1:1080")

    with pytest.raises(SettingsError, match=_NEITHER) as told:
        surroundings("https://api.twilio.com")
    assert "secret" not in str(told.value)
    with pytest.raises(SettingsError):
        Telephone(replace(settings, api_base_url="https://api.twilio.com")).stand()


@pytest.mark.parametrize("at", ["fish#y@proxy:1", "fish/y@proxy:1", "fish@proxy:port", "fish@:1", "fish@pro xy:1"])
def test_a_proxy_that_names_no_host_and_port_is_refused_and_its_password_not_told(
    monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    """The start ended in a traceback, with a part of the password."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://somebody:{at}")

    with pytest.raises(SettingsError, match=_NEITHER) as told:
        surroundings("https://api.twilio.com")
    assert "fish" not in str(told.value)


@pytest.mark.parametrize(
    "proxy", ["${PROXY}", "http://$PROXY:1", "http://None:1", "http://a:${KEY}@b:1", '"http://b:1"', "http://'b':1"]
)
def test_a_proxy_in_quotes_or_that_a_template_left_unfilled_is_refused(
    monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    """A worker began with it, and reached Twilio never."""
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    with pytest.raises(SettingsError, match=_NEITHER):
        surroundings("https://api.twilio.com")


@pytest.mark.parametrize(
    "proxy", ["http://my_proxy:1", "http://[::1]:1", "http://a$b:c%22d@proxy.example:1", "10.0.0.1:1"]
)
def test_what_leads_to_a_proxy_is_taken(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)

    assert proxy in str(surroundings("https://api.twilio.com")[0])


def test_a_host_that_needs_no_proxy_is_reached_whatever_kind_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks5://127.0.0.1:1080")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    assert surroundings("http://127.0.0.1:9000")[0] is None


def test_a_worker_that_no_proxy_can_take_to_twilio_ends_at_its_start_with_a_sentence() -> None:
    nobody = f"redis://127.0.0.1:{reserve_port()}/0"
    worker = subprocess.run(
        [BIN / "celery", "-A", "worker", "worker"],
        cwd=ROOT,
        env={**os.environ, "HTTPS_PROXY": "socks5://127.0.0.1:1080", "CELERY_BROKER_URL": nobody},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert worker.returncode == 1
    assert re.search(_NEITHER, worker.stderr)
    assert "Traceback" not in worker.stderr
