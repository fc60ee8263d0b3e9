"""Ids of requests, which are those of the tasks that they make, are random UUIDs (RFC 9562)."""

from uuid import RFC_4122, UUID

from tests.app.client import Client


async def test_each_request_has_a_random_uuid_of_its_own_in_the_usual_form(client: Client) -> None:
    made = [(await client.ask("GET", "/livez")).headers["X-Request-ID"] for _ in range(100)]
    assert len(set(made)) == len(made)
    for text in made:
        parsed = UUID(text)
        assert (str(parsed), parsed.version, parsed.variant) == (text, 4, RFC_4122)


async def test_a_task_has_the_id_of_the_request_that_made_it(client: Client) -> None:
    answer = await client.post("queue-single-call", {"to_number": "+12025550123"})
    assert answer.headers["X-Request-ID"] == answer.body["task_id"]
