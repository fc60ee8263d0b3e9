"""Fields of the HTTP bodies."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, missing

from schemas.fields import METADATA_LIMIT_BYTES, Metadata, PackedMetadata, PhoneNumber, WebUrl

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


def test_a_missing_number_is_called_missing() -> None:
    with pytest.raises(ValidationError, match="This field is required"):
        PhoneNumber(required=True).deserialize(missing)


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


def metadata_of(size: int) -> dict[str, Any]:
    return {"k": "x" * (size - len('{"k":""}'))}


def test_metadata_of_exactly_16_kib_are_taken() -> None:
    assert METADATA_LIMIT_BYTES == 16 * 1024
    taken = Metadata().deserialize(metadata_of(16 * 1024))
    assert len(taken.text) == 16 * 1024
    assert json.loads(taken.text) == metadata_of(16 * 1024)


def test_metadata_of_one_byte_more_are_refused() -> None:
    assert complaint(Metadata(), metadata_of(16 * 1024 + 1)) == ["Must be at most 16384 bytes of JSON."]


def test_metadata_that_are_16_kib_of_json_on_the_wire_are_taken_in_any_script() -> None:
    """Hindi has three bytes a letter in UTF-8; the client's JSON here is within 16 KiB, and it is what is promised."""
    metadata = {"message": "नमस्ते" * 800}
    assert len(json.dumps(metadata, ensure_ascii=False).encode()) <= 16 * 1024
    assert json.loads(Metadata().deserialize(metadata).text) == metadata


@pytest.mark.parametrize("value", ["text", 1, True, ["a"], [], ""])
def test_metadata_must_be_an_object(value: object) -> None:
    assert complaint(Metadata(), value) == ["Must be a JSON object."]


@pytest.mark.parametrize("key", ["message", "voice", "language"])
@pytest.mark.parametrize("value", [1, True, None, ["a"], {"a": "b"}])
def test_keys_that_are_spoken_must_be_strings(key: str, value: object) -> None:
    assert complaint(Metadata(), {key: value}) == {key: ["Must be a string."]}


@pytest.mark.parametrize("value", ["urgent", "HIGH", "", 1, True, None, [], {}])
def test_priority_is_one_of_three_words(value: object) -> None:
    assert complaint(Metadata(), {"priority": value}) == {"priority": ["Must be one of: high, normal, low."]}


@pytest.mark.parametrize("priority", ["low", "normal", "high"])
def test_each_priority_of_the_contract_is_taken(priority: str) -> None:
    assert Metadata().deserialize({"priority": priority}).priority == priority


def test_without_a_priority_it_is_normal_and_nothing_is_kept_of_an_empty_object() -> None:
    assert Metadata().deserialize({}) == PackedMetadata("", "normal")


def test_every_fault_in_the_metadata_is_named() -> None:
    assert complaint(Metadata(), {"message": 1, "voice": 2, "priority": 3}).keys() == {"message", "voice", "priority"}


@given(free=JSON_VALUES)
def test_free_metadata_survive_packing(free: object) -> None:
    packed = Metadata().deserialize({"custom_data": free}).text
    assert packed.isascii()
    assert json.loads(packed) == {"custom_data": free}


@pytest.mark.parametrize("url", ["https://user:secret@example.com/", "http://user@example.com", "http://@example.com"])
def test_a_url_with_credentials_is_refused(url: str) -> None:
    assert complaint(WebUrl(), url) == ["Must not hold a user name or a password."]
