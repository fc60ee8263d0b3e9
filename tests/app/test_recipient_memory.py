"""What a recipient takes in Redis, beside the text that was given of it: number, id and values."""

from typing import Any

import pytest
from redis import Redis

from tests.app.client import Client
from tests.app.test_campaign_windows import ALWAYS

MOST = 1.5
COUNT = 1000
LONG = {"name": "Ada Lovelace", "day": "木曜日", "time": "half past nine", "doctor": "Dr. Müller", "room": "214"}
SHORT = {"name": "Jo", "day": "2", "time": "9", "doctor": "Wu", "room": "7"}


def recipients(variables: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {"to_number": f"+1212555{place:04d}", "external_id": f"crm-{place}", "variables": variables}
        for place in range(COUNT)
    ]


def text_bytes(recipient: dict[str, Any]) -> int:
    """The text as it was given, in UTF-8."""
    return len("".join([recipient["to_number"], recipient["external_id"], *recipient["variables"].values()]).encode())


@pytest.mark.parametrize("hours", [{}, {"calling_windows": {**ALWAYS, "timezone": "recipient"}}], ids=["", "windows"])
@pytest.mark.parametrize("words", [LONG, SHORT], ids=["long", "short"])
async def test_a_recipient_with_five_variables_takes_at_most_half_as_much_again_as_its_text(
    client: Client, redis: "Redis", words: dict[str, str], hours: dict[str, Any]
) -> None:
    """All that its campaign takes, the record and the place in the queue too."""
    told = recipients(words)
    await client.queue("queue-bulk-calls", {"recipients": told, "delay_between_calls": 1, **hours})
    taken = sum(redis.memory_usage(key, samples=0) or 0 for key in redis.keys("*"))
    assert taken <= MOST * sum(map(text_bytes, told)), taken / sum(map(text_bytes, told))
