"""Ids of requests, which are ids of tasks."""

import uuid
from itertools import islice

from app.telemetry.request_ids import request_ids


def test_every_request_gets_another_uuid_of_version_4_drawn_at_random() -> None:
    drawn = list(islice(request_ids(), 5000))
    assert all(str(uuid.UUID(one)) == one and uuid.UUID(one).version == 4 for one in drawn)
    assert {uuid.UUID(one).variant for one in drawn} == {uuid.RFC_4122}
    assert {one[19] for one in drawn} == set("89ab")
    assert len(set(drawn)) == len(drawn)
    assert set(islice(request_ids(), 5000)).isdisjoint(drawn)
