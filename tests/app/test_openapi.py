"""The OpenAPI document and the page that shows it."""

import re
from typing import Any
from urllib.parse import urljoin

import pytest
import yaml
from aiohttp import web
from openapi_spec_validator import validate

from app.application import create_app
from app.documentation.examples import operations_of
from app.documentation.openapi import KEPT_AT, WEBHOOKS, kept
from app.paths import CONSOLE_FILE_ROUTE, CONSOLE_PATH, OPEN_ROUTES
from app.settings import Settings
from tests.app.client import QUEUE_ENDPOINTS, Client
from tests.app.test_executing import faults, filled
from tests.docs.textbook import Textbook, masked
from tests.processes import BASE_PATH, ROOT

DOCS = "/api/docs"
DOCUMENTED = {
    ("get", f"{BASE_PATH}/health"),
    ("post", f"{BASE_PATH}/queue-single-call"),
    ("post", f"{BASE_PATH}/queue-bulk-calls"),
    ("post", f"{BASE_PATH}/schedule-call"),
    ("get", f"{BASE_PATH}/task-status/{{task_id}}"),
    ("delete", f"{BASE_PATH}/cancel-task/{{task_id}}"),
}


def _is_page(path: str) -> bool:
    return path.startswith(DOCS) or path in {CONSOLE_PATH, CONSOLE_FILE_ROUTE}


@pytest.fixture
def app() -> web.Application:
    return create_app(Settings.read({}))


@pytest.fixture
def described(app: web.Application) -> dict[str, Any]:
    return kept(app)


def test_it_is_a_valid_openapi_document(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    validate(described)


def test_every_operation_parameter_property_request_and_answer_has_a_description_and_an_example(
    described: dict[str, Any],
) -> None:
    """What is missing is told with where to add it; app/endpoints/documented.py shows how."""
    gaps = [str(gap) for gap in Textbook(described).gaps()]
    assert not gaps, "\n".join(["openapi.yaml does not tell all:", *gaps])


async def test_what_the_page_fills_in_works_as_it_stands(client: Client) -> None:
    """In any order, and twice: test_executing.py; pressed in a browser: tests/browser."""
    requests = list(filled((await client.ask("GET", f"{DOCS}/openapi.json")).body))
    assert await faults(client, requests) == []


def test_openapi_yaml_is_the_document_of_the_code(described: dict[str, Any]) -> None:
    """`make openapi` writes it anew."""
    assert yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8")) == described


def test_every_route_but_the_documentation_is_in_it(app: web.Application, described: dict[str, Any]) -> None:
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD" and not _is_page(route.resource.canonical)
    }
    told = {(method, path) for path, methods in described["paths"].items() for method in methods}
    assert told | {("post", path) for path in WEBHOOKS} == routes
    assert told.isdisjoint(("post", path) for path in WEBHOOKS)
    assert set(described["webhooks"]) >= {*WEBHOOKS.values(), "event", "campaign-event"}
    assert routes >= DOCUMENTED


def test_every_operation_has_a_name_of_its_own_and_tags_that_are_described(described: dict[str, Any]) -> None:
    operations = list(operations_of(described))
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    tags = [tag["name"] for tag in described["tags"]]
    assert {tag for operation in operations for tag in operation["tags"]} == set(tags)


def test_what_became_of_a_task_is_one_of_two_kinds(described: dict[str, Any]) -> None:
    """So that generated clients know the fields of both."""
    schemas = described["components"]["schemas"]
    kinds = [kind["$ref"].rpartition("/")[2] for kind in schemas["TaskState"]["properties"]["result"]["oneOf"]]
    assert kinds == ["CallResult", "BulkResult"]
    assert [schemas[kind]["required"] for kind in kinds] == [
        ["outcome"],
        ["counts", "estimated_completion", "waiting_for"],
    ]


@pytest.mark.parametrize("path", ["/api/docs/openapi.json", "/calls/api/docs/openapi.json"])
def test_its_server_is_where_it_lies_itself_whatever_prefix_a_proxy_gave_it(
    described: dict[str, Any], path: str
) -> None:
    (server,) = described["servers"]
    assert urljoin(f"https://a.example{path}", server["url"]) == f"https://a.example{path.partition('api')[0]}"


@pytest.mark.parametrize("endpoint", QUEUE_ENDPOINTS)
def test_a_queue_endpoint_describes_its_body_its_key_and_its_refusals(described: dict[str, Any], endpoint: str) -> None:
    operation = described["paths"][f"{BASE_PATH}/{endpoint}"]["post"]
    assert operation["requestBody"]["required"] is True
    assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}
    assert set(operation["responses"]) >= {"200", "400", "413", "415", "422", "500", "503"}


def test_both_ways_to_send_a_key_are_described_for_the_authorize_button(described: dict[str, Any]) -> None:
    schemes = described["components"]["securitySchemes"]
    told = {(scheme["type"], scheme.get("scheme"), scheme.get("name")) for scheme in schemes.values()}
    assert told == {("http", "bearer", None), ("apiKey", None, "X-API-Key")}
    assert described["security"] == [*({name: []} for name in schemes), {}]


def test_exactly_the_operations_that_need_a_key_describe_its_refusals(described: dict[str, Any]) -> None:
    for path, methods in described["paths"].items():
        for operation in methods.values():
            is_open = path in OPEN_ROUTES
            assert operation.get("security") == ([] if is_open else None), path
            assert ({"401", "429"} <= set(operation["responses"])) is not is_open, path


@pytest.mark.parametrize(
    ("schema", "field", "low", "high"),
    [
        ("QueueSingleCall", "delay_seconds", 0, 3600),
        ("QueueBulkCalls", "delay_between_calls", 1, 300),
        ("QueueBulkCalls", "max_concurrent_calls", 1, 50),
    ],
)
def test_ranges_are_described(described: dict[str, Any], schema: str, field: str, low: int, high: int) -> None:
    told = described["components"]["schemas"][schema]["properties"][field]
    assert (told["type"], told["minimum"], told["maximum"]) == (["integer", "null"], low, high)


async def test_the_server_gives_the_same_document_but_for_times_and_keys(
    client: Client, described: dict[str, Any]
) -> None:
    answer = await client.ask("GET", f"{DOCS}/openapi.json")
    assert (answer.status, masked(answer.body)) == (200, masked(described))
    assert str(KEPT_AT.date()) not in answer.text


async def test_an_example_of_an_idempotency_key_is_new_for_each_operation_at_each_serving(client: Client) -> None:
    keys = [
        parameter["example"]
        for _ in range(2)
        for operation in operations_of((await client.ask("GET", f"{DOCS}/openapi.json")).body)
        for parameter in operation.get("parameters", [])
        if parameter["name"] == "Idempotency-Key"
    ]
    assert len(set(keys)) == len(keys) >= 6


@pytest.mark.parametrize("address", [DOCS, f"{DOCS}/"])
async def test_the_page_and_all_it_refers_to_come_from_this_server(client: Client, address: str) -> None:
    page = await client.ask("GET", address)
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    references = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(references) >= 3
    for reference in references:
        assert not reference.startswith("/"), "below a proxy's prefix it would lead elsewhere"
        path = urljoin(address, reference)
        assert path.startswith(f"{DOCS}/") or path == CONSOLE_PATH
        async with client.http.get(path) as found:
            assert found.status == 200, reference
            assert await found.read()


async def test_neither_page_nor_start_script_nor_style_names_another_host(client: Client) -> None:
    for path in (DOCS, f"{DOCS}/start.js"):
        assert not re.search(r"(https?:)?//\w", (await client.ask("GET", path)).text)
    style = await client.ask("GET", f"{DOCS}/static/swagger-ui.css")
    assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import", style.text)


async def test_the_start_script_loads_the_document_that_lies_beside_it(client: Client) -> None:
    script = (await client.ask("GET", f"{DOCS}/start.js")).text
    assert 'new URL("openapi.json", besides)' in script
    assert DOCS not in script


@pytest.mark.parametrize("path", ["../../../setup.cfg", "%2e%2e/%2e%2e/setup.cfg", "..%2f..%2f__init__.py", "%00", ""])
async def test_the_static_files_lead_nowhere_else(client: Client, path: str) -> None:
    answer = await client.ask("GET", f"{DOCS}/static/{path}")
    assert answer.status in {403, 404}
    assert answer.body["detail"]
