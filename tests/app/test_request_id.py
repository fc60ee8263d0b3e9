"""Ids of requests are random UUIDs."""

from uuid import RFC_4122, UUID

from app.request_id import new_request_id


def test_ids_are_random_uuids_in_their_usual_form_and_differ() -> None:
    made = {new_request_id() for _ in range(10_000)}
    assert len(made) == 10_000
    for text in made:
        parsed = UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, RFC_4122)
    assert {text[19] for text in made} == set("89ab")
