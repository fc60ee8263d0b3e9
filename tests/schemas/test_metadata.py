"""What may be given with a call for its own purposes."""

import json
from typing import Any

import pytest
from hypothesis import given

from schemas.bodies.metadata import METADATA_LIMIT_BYTES, Metadata, PackedMetadata
from tests.schemas.test_fields import JSON_VALUES, complaint


def metadata_of(size: int) -> dict[str, Any]:
    return {"k": "x" * (size - len('{"k":""}'))}


def test_metadata_of_exactly_16_kib_are_taken() -> None:
    assert METADATA_LIMIT_BYTES == 16 * 1024
    taken = Metadata().deserialize(metadata_of(16 * 1024))
    assert len(taken.text) == 16 * 1024
    assert json.loads(taken.text) == metadata_of(16 * 1024)


@pytest.mark.parametrize(
    "more", [{}, {"half of a pair": "\ud800"}, {"more than 64 bits": 2**64}], ids=lambda more: [*more]
)
def test_metadata_of_one_byte_more_are_refused(more: dict[str, Any]) -> None:
    assert complaint(Metadata(), metadata_of(16 * 1024 + 1) | more) == ["Must be at most 16384 bytes of JSON."]


def test_metadata_that_are_16_kib_of_json_on_the_wire_are_taken_in_any_script() -> None:
    """Hindi has three bytes a letter in UTF-8; the client's JSON here is within 16 KiB, and it is what is promised."""
    metadata = {"message": "नमस्ते" * 800}
    assert len(json.dumps(metadata, ensure_ascii=False).encode()) <= 16 * 1024
    assert json.loads(Metadata().deserialize(metadata).text) == metadata


@pytest.mark.parametrize("value", ["text", 1, True, ["a"], [], ""])
def test_metadata_must_be_an_object(value: object) -> None:
    assert complaint(Metadata(), value) == ["Must be a JSON object."]


@pytest.mark.parametrize("key", ["message", "voice", "language"])
@pytest.mark.parametrize("value", [1, True, ["a"], {"a": "b"}])
def test_keys_that_are_spoken_must_be_strings(key: str, value: object) -> None:
    assert complaint(Metadata(), {key: value}) == {key: ["Must be a string."]}


@pytest.mark.parametrize("value", ["false", "yes", 1, 0, [], {}])
def test_whether_a_key_is_awaited_is_true_or_false_and_no_text_that_looks_so(value: Any) -> None:
    assert complaint(Metadata(), {"gather_input": value}) == {"gather_input": ["Must be true or false."]}


@pytest.mark.parametrize("value", ["urgent", "HIGH", "", 1, True, [], {}])
def test_priority_is_one_of_three_words(value: object) -> None:
    assert complaint(Metadata(), {"priority": value}) == {"priority": ["Must be one of: high, normal, low."]}


@pytest.mark.parametrize("number", [float("inf"), float("-inf"), [{"a": float("inf")}], [None, "null", 1e999]])
def test_metadata_hold_no_number_that_json_cannot_write(number: object) -> None:
    assert complaint(Metadata(), {"n": number}) == ["Must hold no number that is larger than numbers can be."]


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
    assert json.loads(packed.encode().decode()) == {"custom_data": free}


@pytest.mark.parametrize("more", ["", "\ud800", "\0"], ids=ascii)
def test_what_is_kept_of_metadata_is_no_larger_than_what_may_be_sent(more: str) -> None:
    metadata = {"message": "ж" * 8000 + more}
    kept = Metadata().deserialize(metadata).text.encode()
    assert len(kept) <= METADATA_LIMIT_BYTES
    assert json.loads(kept) == metadata
