"""What the page /api/docs fills in works as it stands: every operation, in any order, and twice."""

import random
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pytest

from tests.app.client import PUBLIC, Client
from tests.app.conftest import Start
from tests.app.test_keys import API_KEYS

DOCUMENT = "/api/docs/openapi.json"
ADMIN = {"API_KEYS": API_KEYS, "ADMIN_KEYS": API_KEYS.partition(":")[0]}
SECRET = API_KEYS.partition(":")[2].partition(",")[0]


class Filled(NamedTuple):
    """What Swagger UI sends for an operation of which nothing is edited."""

    method: str
    path: str
    url: str
    options: dict[str, Any]


def filled(document: Mapping[str, Any]) -> Iterator[Filled]:
    """Of each operation: examples, and where there are none defaults; of a body the first example."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            url, query, headers = path, dict[str, str](), dict[str, str]()
            for parameter in operation.get("parameters", ()):
                value = parameter.get("example", parameter["schema"].get("default"))
                if parameter["in"] == "path":
                    url = url.replace(f"{{{parameter['name']}}}", value)
                elif value is not None:
                    (query if parameter["in"] == "query" else headers)[parameter["name"]] = str(value)
            options: dict[str, Any] = {"headers": headers, "params": query}
            if "requestBody" in operation:
                content = operation["requestBody"]["content"]["application/json"]
                examples = [example["value"] for example in content.get("examples", {}).values()]
                options["json"] = [*examples, content.get("example")][0]
            yield Filled(method.upper(), path, url, options)


async def faults(client: Client, requests: list[Filled]) -> list[str]:
    """What was refused, but for what is about an id: the example of one is nobody's."""
    found: list[str] = []
    for method, path, url, options in requests:
        headers = options["headers"] | {"X-API-Key": SECRET}
        async with client.http.request(method, url, **(options | {"headers": headers})) as answer:
            if not (answer.ok or (answer.status == 404 and "{" in path)):
                found.append(f"{method} {path}: {answer.status} {await answer.text()}")
    return found


@pytest.mark.parametrize(
    "settings", [{}, ADMIN, {"PUBLIC_BASE_URL": PUBLIC}], ids=["without keys", "with keys", "where Twilio reaches it"]
)
async def test_each_operation_works_as_it_is_filled_in_in_any_order(start: Start, settings: dict[str, str]) -> None:
    client = await start(**settings)
    for order in range(6):
        requests = list(filled((await client.ask("GET", DOCUMENT)).body))
        assert len(requests) > 10
        random.Random(order).shuffle(requests)
        assert await faults(client, requests) == [], f"order {order}"


async def test_pressed_again_it_works_again(client: Client) -> None:
    requests = list(filled((await client.ask("GET", DOCUMENT)).body))

    assert await faults(client, [*requests, *requests, *reversed(requests)]) == []
