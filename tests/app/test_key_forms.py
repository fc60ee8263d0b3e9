"""How clients write an Idempotency-Key: bare or quoted (RFC 8941, 3.3.3), with parameters (3.1.2) or without."""

import pytest
from multidict import CIMultiDict
from redis import Redis

from tests.app.client import Answer, Client
from tests.app.refusal import invalid
from tests.app.test_idempotency import BODIES, SINGLE, post, same, tasks
from tests.processes import BASE_PATH


@pytest.mark.parametrize(
    "form",
    [
        '"a-key"',
        ' "a-key" ',
        '"a-key"; v=1',
        '"a-key";v=1',
        '"a-key" ; v=1; w="x;y"',
        '"a-key"; v',
        '"a-key"; V=1',
        '"a-key"; v="\\""',
        "a-key; v=1",
        "a-key;v=1;w=2",
        'a-key; v="a;b"',
        " a-key ",
    ],
)
async def test_quotes_around_a_key_and_parameters_after_it_are_not_part_of_it(client: Client, form: str) -> None:
    first = await post(client, SINGLE, BODIES[SINGLE], "a-key")
    assert same(first, await post(client, SINGLE, BODIES[SINGLE], form))


async def test_within_quotes_a_backslash_escapes(client: Client) -> None:
    first = await post(client, SINGLE, BODIES[SINGLE], r'"say \"hello\" \\"')
    assert same(first, await post(client, SINGLE, BODIES[SINGLE], r'"say \"hello\" \\"; v=1'))
    assert same(first, await post(client, SINGLE, BODIES[SINGLE], r'say "hello" ' + "\\"))


async def test_what_only_resembles_parameters_is_part_of_the_key(client: Client, redis: "Redis") -> None:
    forms = [
        "order",
        "order;1",
        "order;a",
        "order;a=",
        "order; ;",
        '"order;v=1"',
        "order=1;v=1",
        "order=2;v=1",
        "a b;c=d",
    ]
    for form in forms:
        assert "Idempotent-Replayed" not in (await post(client, SINGLE, BODIES[SINGLE], form)).headers, form
    assert tasks(redis) == len(forms)


@pytest.mark.parametrize("form", ['""; v=1', '"', '"' + "a" * 256 + '"; v=1', '""'])
async def test_without_its_quotes_and_parameters_a_key_is_1_to_255_characters(
    client: Client, redis: "Redis", form: str
) -> None:
    assert list(invalid(await post(client, SINGLE, BODIES[SINGLE], form), redis)) == ["Idempotency-Key"]


async def test_parameters_do_not_count_as_characters_of_the_key(client: Client) -> None:
    first = await post(client, SINGLE, BODIES[SINGLE], "a" * 255)
    assert same(first, await post(client, SINGLE, BODIES[SINGLE], f'"{"a" * 255}"; note="{"n" * 300}"'))


async def test_a_request_has_one_key(client: Client, redis: "Redis") -> None:
    async def ask(*forms: str) -> Answer:
        headers = CIMultiDict([("Idempotency-Key", form) for form in forms])
        return await client.ask("POST", f"{BASE_PATH}/{SINGLE}", json=BODIES[SINGLE], headers=headers)

    assert list(invalid(await ask("one", "two"), redis)) == ["Idempotency-Key"]
    first = await post(client, SINGLE, BODIES[SINGLE], "one")
    assert same(first, await ask("one", '"one"; v=1'))
