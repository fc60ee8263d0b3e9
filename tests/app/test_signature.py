"""X-Twilio-Signature, held against Twilio's published examples and its own validator."""

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from app.security.signature import WebhookSecrets, is_signed, sign

FIELDS = [
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
]
TOKEN = "12345"
URL = "https://mycompany.com/myapp.php?foo=1&bar=2"


def test_the_published_example_passes() -> None:
    assert sign(URL, FIELDS, TOKEN) == "RSOYDt4T1cUTdK1PDd93/VVr8B8="
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, FIELDS, [TOKEN])


def test_the_port_of_an_http_url_is_signed() -> None:
    assert sign("http://mycompany.com:1234/myapp.php?foo=1&bar=2", FIELDS, TOKEN) == "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="


@pytest.mark.parametrize("signature", ["RSOYDt4T1cUTdK1PDd93/VVr8B8=", "kvajT1Ptam85bY51eRf/AJRuM3w="])
@pytest.mark.parametrize("host", ["mycompany.com", "mycompany.com:443"])
def test_an_https_url_is_accepted_signed_with_its_port_and_without(host: str, signature: str) -> None:
    assert is_signed(signature, f"https://{host}/myapp.php?foo=1&bar=2", FIELDS, [TOKEN])


def test_a_fragment_which_no_request_carries_is_not_signed() -> None:
    assert sign(f"{URL}#rc=2&rp=5xx", FIELDS, TOKEN) == sign(URL, FIELDS, TOKEN)


@pytest.mark.parametrize("url", ["http://mycompany.com/a", "http://mycompany.com:80/a", "http://mycompany.com:8080/a"])
def test_an_http_url_is_accepted_signed_with_its_port_and_without(url: str) -> None:
    own = {"http://mycompany.com/a", "http://mycompany.com:8080/a" if ":8080" in url else "http://mycompany.com:80/a"}
    others = {"http://mycompany.com:80/a", "http://mycompany.com:8080/a", "http://mycompany.com:443/a"} - own

    assert all(is_signed(sign(form, FIELDS, TOKEN), url, FIELDS, [TOKEN]) for form in own)
    assert all(RequestValidator(TOKEN).validate(url, dict(FIELDS), sign(form, FIELDS, TOKEN)) for form in own)
    assert not any(is_signed(sign(other, FIELDS, TOKEN), url, FIELDS, [TOKEN]) for other in others)


@pytest.mark.parametrize("form", ["https://mycompany.com:8443/a", "https://mycompany.com/a"])
def test_an_https_url_with_a_port_and_a_password_is_accepted_signed_with_its_port_and_without(form: str) -> None:
    assert is_signed(sign(form, FIELDS, TOKEN), "https://user:pass@mycompany.com:8443/a", FIELDS, [TOKEN])


def test_comparing_a_signature_looks_at_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that how long it takes does not tell how much of a forged one is right."""
    compared: list[int] = []
    real = hmac.compare_digest

    def spy(right: bytes, given: bytes) -> bool:
        compared.append(len(right))
        return real(right, given)

    monkeypatch.setattr(hmac, "compare_digest", spy)
    is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", "http://mycompany.com/a", FIELDS, [TOKEN, "next"])
    assert compared == [28] * 4  # with each token, with port and without


def test_a_repeated_value_counts_once() -> None:
    fields = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234"), ("Digits", "1234")]

    assert sign(URL, fields, TOKEN) == "IK+Dwps556ElfBT0I3Rgjkr1wJU="


@pytest.mark.parametrize(
    ("signature", "url", "fields", "tokens"),
    [
        ("", URL, FIELDS, [TOKEN]),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL + "&x=1", FIELDS, [TOKEN]),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, [*FIELDS, ("a", "")], [TOKEN]),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, FIELDS[1:], [TOKEN]),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, FIELDS, ["54321"]),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, FIELDS, []),
        ("rSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, FIELDS, [TOKEN]),
        ("ÄÖÜ\udcff", URL, FIELDS, [TOKEN]),
        ("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, [("a", "\ud800")], [TOKEN]),
    ],
)
def test_everything_else_is_refused(signature: str, url: str, fields: list[tuple[str, str]], tokens: list[str]) -> None:
    assert not is_signed(signature, url, fields, tokens)


def test_a_second_token_is_accepted_too() -> None:
    assert is_signed("RSOYDt4T1cUTdK1PDd93/VVr8B8=", URL, FIELDS, ["new", TOKEN])


@given(st.dictionaries(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")), max_size=8))
def test_twilios_own_validator_accepts_what_we_sign(fields: dict[str, str]) -> None:
    signature = sign(URL, list(fields.items()), TOKEN)

    assert RequestValidator(TOKEN).validate(URL, fields, signature)


SHARED = "webhooks_sharedkey_1"


@pytest.fixture
def secrets() -> WebhookSecrets:
    return WebhookSecrets((TOKEN,), {SHARED: "shared secret", "other": "other secret"})


@pytest.mark.parametrize(
    ("names", "secret", "algorithm"),
    [
        ("", TOKEN, "HMAC_SHA1"),
        ("algorithm=HMAC_SHA1", TOKEN, "HMAC_SHA1"),
        (f"key={SHARED},algorithm=HMAC_SHA256", "shared secret", "HMAC_SHA256"),
        (f"algorithm = hmac_sha256 , key = {SHARED}", "shared secret", "HMAC_SHA256"),
        ("algorithm=HMAC_SHA256", "other secret", "HMAC_SHA256"),
    ],
)
def test_what_twilios_sdk_signs_with_either_algorithm_is_accepted(
    secrets: WebhookSecrets, names: str, secret: str, algorithm: str
) -> None:
    signature = RequestValidator(secret).compute_signature(URL, dict(FIELDS), algorithm)

    assert secrets.signed(signature, names, URL, FIELDS)


@pytest.mark.parametrize(
    ("names", "secret", "algorithm"),
    [
        (f"key={SHARED},algorithm=HMAC_SHA256", TOKEN, "HMAC_SHA256"),
        (f"key={SHARED},algorithm=HMAC_SHA256", TOKEN, "HMAC_SHA1"),
        (f"key={SHARED},algorithm=HMAC_SHA256", "other secret", "HMAC_SHA256"),
        ("key=unknown,algorithm=HMAC_SHA256", "shared secret", "HMAC_SHA256"),
        (f"key={SHARED}", "shared secret", "HMAC_SHA1"),
        ("", "shared secret", "HMAC_SHA256"),
        ("algorithm=HMAC_SHA512", TOKEN, "HMAC_SHA1"),
    ],
)
def test_only_the_key_and_the_algorithm_that_a_post_names_count(
    secrets: WebhookSecrets, names: str, secret: str, algorithm: str
) -> None:
    signature = RequestValidator(secret).compute_signature(URL, dict(FIELDS), algorithm)

    assert not secrets.signed(signature, names, URL, FIELDS)


def test_no_secret_is_shown(secrets: WebhookSecrets) -> None:
    assert "secret" not in repr(secrets)
    assert TOKEN not in repr(secrets)
