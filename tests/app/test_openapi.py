"""The OpenAPI document and the page that shows it."""

import re
from typing import Any

import pytest
import yaml
from aiohttp import web
from openapi_spec_validator import validate

from app.access import OPEN_ROUTES
from app.application import create_app
from app.openapi import document
from app.settings import Settings
from tests.app.client import QUEUE_ENDPOINTS, Client
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


@pytest.fixture
def app() -> web.Application:
    return create_app(Settings.read({}))


@pytest.fixture
def described(app: web.Application) -> dict[str, Any]:
    return document(app)


def test_it_is_a_valid_openapi_document(described: dict[str, Any]) -> None:
    assert described["openapi"].startswith("3.1")
    validate(described)


def test_openapi_yaml_is_the_document_of_the_code(described: dict[str, Any]) -> None:
    """`make openapi` writes it anew."""
    assert yaml.safe_load((ROOT / "openapi.yaml").read_text("utf-8")) == described


def test_every_route_but_the_documentation_is_in_it(app: web.Application, described: dict[str, Any]) -> None:
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD" and not route.resource.canonical.startswith(DOCS)
    }
    assert {(method, path) for path, methods in described["paths"].items() for method in methods} == routes
    assert routes >= DOCUMENTED


def test_every_operation_has_a_summary_and_a_name_of_its_own(described: dict[str, Any]) -> None:
    operations = [operation for methods in described["paths"].values() for operation in methods.values()]
    assert all(operation["summary"] for operation in operations)
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)


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
    assert (told["type"], told["minimum"], told["maximum"]) == ("integer", low, high)


async def test_the_server_gives_the_same_document(client: Client, described: dict[str, Any]) -> None:
    answer = await client.ask("GET", f"{DOCS}/openapi.json")
    assert (answer.status, answer.body) == (200, described)


async def test_the_page_and_all_it_refers_to_come_from_this_server(client: Client) -> None:
    page = await client.ask("GET", DOCS)
    assert page.status == 200
    assert page.headers["Content-Type"].startswith("text/html")
    references = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(references) >= 3
    for reference in references:
        assert reference.startswith(f"{DOCS}/")
        async with client.http.get(reference) as found:
            assert found.status == 200, reference
            assert await found.read()


async def test_neither_page_nor_start_script_nor_style_names_another_host(client: Client) -> None:
    for path in (DOCS, f"{DOCS}/start.js"):
        assert not re.search(r"(https?:)?//\w", (await client.ask("GET", path)).text)
    style = await client.ask("GET", f"{DOCS}/static/swagger-ui.css")
    assert not re.search(r"url\(\s*[\"']?(https?:)?//|@import", style.text)


async def test_the_start_script_loads_this_servers_document(client: Client) -> None:
    assert f'"{DOCS}/openapi.json"' in (await client.ask("GET", f"{DOCS}/start.js")).text


@pytest.mark.parametrize("path", ["../../../setup.cfg", "%2e%2e/%2e%2e/setup.cfg", "..%2f..%2f__init__.py", "%00", ""])
async def test_the_static_files_lead_nowhere_else(client: Client, path: str) -> None:
    answer = await client.ask("GET", f"{DOCS}/static/{path}")
    assert answer.status in {403, 404}
    assert answer.body["detail"]
