"""Fields of the HTTP bodies."""

import re
from typing import Any

import pytest
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.bodies.fields import PhoneNumber, WebUrl

URL_SENTENCE = "Must be an absolute http or https URL."
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**15), 10**15) | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def complaint(field: Any, value: object) -> Any:
    with pytest.raises(ValidationError) as caught:
        field.deserialize(value)
    return caught.value.messages


@pytest.mark.parametrize("number", ["+12", "+1234567890", "+15005550006", "+442071838750", "+" + "9" * 15])
def test_e164_is_a_plus_and_two_to_fifteen_digits(number: str) -> None:
    assert PhoneNumber().deserialize(number) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+4402079460000", "+442079460000"),
        ("+112025550100", "+12025550100"),
        ("+5215512345678", "+525512345678"),
        ("+390698765432", "+390698765432"),
        ("+11", "+11"),
    ],
)
def test_a_trunk_prefix_behind_the_countrys_code_is_no_part_of_the_number(text: str, number: str) -> None:
    assert PhoneNumber().deserialize(text) == number


@pytest.mark.parametrize(
    "number",
    [
        "",
        "+",
        "+1",
        "1234567890",
        "001234567890",
        "+0234567890",
        "+" + "9" * 16,
        "++1234567890",
        "+1 234 567 890",
        "+1-234-567-890",
        "+1(234)567890",
        " +1234567890",
        "+1234567890 ",
        "+1234567890\n",
        "\n+1234567890",
        "+1234567890\0",
        "+1234567890,+1234567891",
        "+1234567890x12",
        "+١٢٣٤٥٦٧٨٩٠",
        "+\uff11\uff12\uff13\uff14\uff15",
        "+123456789\u0966",
        "\uff0b1234567890",
        "sip:someone@example.com",
        "client:anna",
        "+1" * 5000,
        1234567890,
        12.5,
        True,
        None,
        ["+1234567890"],
        {"number": "+1234567890"},
        b"+1234567890",
    ],
    ids=lambda number: ascii(number)[:30],
)
def test_any_other_number_is_refused_with_the_documented_sentence(number: object) -> None:
    assert complaint(PhoneNumber(), number) == ["Phone number must be in E.164 format (e.g., +1234567890)"]


@pytest.mark.parametrize(
    "url",
    [
        "https://your-domain.com/api/v1/twilio/incoming-call",
        "http://localhost:8001",
        "http://127.0.0.1/x?a=b&c=%20#d",
        "https://[::1]:8443/hook",
        "HTTPS://EXAMPLE.COM/",
        "http://a/" + "x" * (2048 - 9),
    ],
    ids=lambda url: url[:40],
)
def test_absolute_http_and_https_urls_are_taken_as_they_are(url: str) -> None:
    assert WebUrl().deserialize(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "/path",
        "//example.com/path",
        "http:",
        "http://",
        "http:///path",
        "http://:80/",
        "http://[::1",
        "http://example.com:0/",
        "http://example.com:65536/",
        "http://example.com:http/",
        "http://exa mple.com/",
        "http://example.com/\r\nX-Evil: 1",
        "http://example.com/\t",
        "https://exämple.com/",
        "http://example.com/\ud800",
        "ftp://example.com/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "data:text/xml,<Response/>",
    ],
    ids=lambda url: ascii(url)[:40],
)
def test_other_urls_are_refused(url: str) -> None:
    assert complaint(WebUrl(), url) == [URL_SENTENCE]


def test_a_url_of_2049_characters_is_too_long() -> None:
    assert complaint(WebUrl(), "http://a/" + "x" * 2040) == ["Must be at most 2048 characters long."]


@pytest.mark.parametrize("value", [1, True, ["http://a/"], {}])
def test_a_url_must_be_a_string(value: object) -> None:
    assert complaint(WebUrl(), value) == ["Must be a string."]


LOGINS = [
    "https://user:secret@example.com/",
    "http://user:secret@example.com",
    "https://user:secret@example.com:8443/twiml?a=b@c",
    "https://a.b~c-d_e%40:p%40ss!$&'()*+,;=:x@[::1]/",
]
NO_LOGINS = [
    "http://user@example.com",
    "http://@example.com",
    "http://user:@example.com",
    "http://:secret@example.com",
    "http://user:secret@other:secret@example.com",
    "http://user:sec@ret@example.com",
    "http://us\\er:secret@example.com",
    "http://user:sec[ret@example.com",
]


@pytest.mark.parametrize("url", LOGINS + NO_LOGINS)
def test_a_url_with_credentials_is_refused(url: str) -> None:
    sentences = {"Must not hold a user name or a password.", URL_SENTENCE}
    assert set(complaint(WebUrl(), url)) <= (sentences if "[" in url else sentences - {URL_SENTENCE})


@pytest.mark.parametrize("url", LOGINS)
def test_a_url_that_only_twilio_gets_may_say_who_logs_in(url: str) -> None:
    field = WebUrl(may_log_in=True)
    assert field.deserialize(url) == url
    assert re.search(field.metadata["pattern"], url)


@pytest.mark.parametrize("url", NO_LOGINS)
def test_but_with_a_name_and_a_password_and_in_no_form_in_which_a_host_could_hide(url: str) -> None:
    field = WebUrl(may_log_in=True)
    complaint(field, url)
    assert not re.search(field.metadata["pattern"], url)
