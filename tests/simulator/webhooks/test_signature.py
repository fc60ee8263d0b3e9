"""Signatures are Twilio's, by its published vectors and by its own validator."""

from __future__ import annotations

from typing import Any

import pytest
from twilio.request_validator import RequestValidator, get_signature_algorithm

from simulator.settings import SharedKey
from simulator.webhooks.signature import Signer, signature, signed_url
from tests.simulator.conftest import Receiver, order

TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"
FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
    ("Caller", "+14158675309"),
]


def test_the_published_example_over_https() -> None:
    assert signature(TOKEN, URL, FIELDS) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_port_is_dropped_over_https() -> None:
    with_port = URL.replace(".com", ".com:1234")
    assert signature(TOKEN, with_port, FIELDS) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_port_is_kept_over_http() -> None:
    url = URL.replace(".com", ".com:1234").replace("https", "http")
    assert signature(TOKEN, url, FIELDS) == "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="


def test_repeated_values_count_once_in_order() -> None:
    fields = [("Sid", "CA123"), ("SidAccount", "AC123")]
    fields += [("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]
    assert signature(TOKEN, URL, fields) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        ("http://u:p@h:8080/x?q=1#rc=3", "http://h:8080/x?q=1"),
        ("https://u:p@h:8443/x", "https://h/x"),
        ("https://[::1]:8443/x", "https://[::1]/x"),
        ("http://[::1]:80/x", "http://[::1]:80/x"),
        ("http://h", "http://h/"),
        ("http://h/a%20b?c=%2B", "http://h/a%20b?c=%2B"),
    ],
)
def test_the_signed_url_follows_twilios_rules(url: str, signed: str) -> None:
    assert signed_url(url) == signed


@pytest.mark.parametrize("url", ["http://h:81/a?b=c", "https://h/a", "http://h/"])
def test_twilios_own_validator_accepts_ours_and_no_altered_one(url: str) -> None:
    validator = RequestValidator(TOKEN)
    made = signature(TOKEN, url, FIELDS)
    assert validator.validate(url, dict(FIELDS), made)
    assert not validator.validate(url, dict(FIELDS) | {"Digits": "9"}, made)


SETTINGS = "X-Twilio-Webhooks-Signature-Settings"
KEY = SharedKey("webhooks_sharedkey_1", "shared secret")


@pytest.mark.parametrize("url", ["http://h:80/a?b=c", "http://h/a", "https://h:8443/a"])
@pytest.mark.parametrize(("key", "secret"), [(None, TOKEN), (KEY, KEY.secret)])
def test_twilios_own_validator_accepts_either_algorithm_with_its_secret_only(
    url: str, key: SharedKey | None, secret: str
) -> None:
    headers = Signer(TOKEN, key).headers(url, FIELDS)
    algorithm = get_signature_algorithm(headers.get(SETTINGS, ""))
    made = headers["X-Twilio-Signature"]
    assert algorithm == ("HMAC_SHA256" if key else "HMAC_SHA1")
    assert RequestValidator(secret).validate(url, dict(FIELDS), made, algorithm)
    assert not RequestValidator("another").validate(url, dict(FIELDS), made, algorithm)


async def test_with_a_shared_key_every_webhook_is_signed_with_it_and_says_so(start: Any, receiver: Receiver) -> None:
    simulator = await start(shared_key=KEY)
    document = receiver.twiml("/twiml", "<Response/>")
    await simulator.ended(await order(simulator, receiver, "+15552230001", Url=document))

    assert {one.url.rpartition("/")[2] for one in receiver.received} == {"twiml", "cb"}
    for one in receiver.received:
        assert one.headers[SETTINGS] == f"key={KEY.id},algorithm=HMAC_SHA256"
        made = one.headers["X-Twilio-Signature"]
        assert RequestValidator(KEY.secret).validate(one.url, one.form, made, "HMAC_SHA256")
