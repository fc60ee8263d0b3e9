"""Which pages may use the API from a browser, and what browsers are told of every answer."""

import pytest

from app.application import create_app
from app.settings import Settings
from schemas.errors import SettingsError
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.test_keys import ALICE, API_KEYS, bearer
from tests.processes import BASE_PATH

PAGE, OTHER_PAGE = "https://app.example.com", "http://localhost:3000"
URL = f"{BASE_PATH}/queue-single-call"
BODY = {"to_number": "+1234567890"}


def preflight(origin: str) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }


@pytest.fixture
async def shared(start: Start) -> Client:
    """A web tier that two pages may use, with a key."""
    return await start(API_KEYS=API_KEYS, CORS_ORIGINS=f"{PAGE}, {OTHER_PAGE}")


@pytest.mark.parametrize("origin", [PAGE, OTHER_PAGE])
async def test_a_preflight_of_a_named_page_needs_no_key(shared: Client, origin: str) -> None:
    answer = await shared.ask("OPTIONS", URL, headers=preflight(origin))
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == origin
    methods = {route.method for route in create_app(Settings.read({})).router.routes()}
    assert set(answer.headers["Access-Control-Allow-Methods"].split(", ")) == methods - {"HEAD", "OPTIONS", "*"}
    allowed = {name.lower() for name in answer.headers["Access-Control-Allow-Headers"].split(", ")}
    assert {"authorization", "x-api-key", "content-type", "idempotency-key"} <= allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", f"{PAGE}.evil.example", f"{PAGE}:8443", PAGE.upper(), "*", ""]
)
async def test_other_pages_are_not_told_that_they_may(shared: Client, origin: str) -> None:
    for method, headers in (("OPTIONS", preflight(origin)), ("POST", {"Origin": origin} | bearer(ALICE))):
        answer = await shared.ask(method, URL, json=BODY, headers=headers)
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []
        assert answer.headers["Vary"] == "Origin"


async def test_a_named_page_may_read_successes_and_refusals(shared: Client) -> None:
    for headers, status in ((bearer(ALICE), 200), ({}, 401)):
        answer = await shared.post("queue-single-call", BODY, Origin=PAGE, **headers)
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        assert answer.headers["Vary"] == "Origin"
    missing = await shared.ask("GET", "/nothing", headers={"Origin": PAGE} | bearer(ALICE))
    assert (missing.status, missing.headers["Access-Control-Allow-Origin"]) == (404, PAGE)


async def test_a_request_of_a_named_page_still_needs_its_key(shared: Client) -> None:
    headers = {"Origin": PAGE, "Access-Control-Request-Method": "POST"}
    assert (await shared.ask("POST", URL, json=BODY, headers=headers)).status == 401


async def test_unless_told_otherwise_no_page_may(client: Client) -> None:
    answer = await client.ask("OPTIONS", URL, headers=preflight(PAGE))
    assert answer.status == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Vary" not in (await client.post("queue-single-call", BODY, Origin=PAGE)).headers


@pytest.mark.parametrize(
    "origin",
    ["*", "https://*.example.com", "app.example.com", f"{PAGE}/", "https://App.example.com", "https://a:443", "ftp://a",
     "null", "https://user@a", "https://a:x", "https://"],
)  # fmt: skip
def test_what_no_browser_sends_as_an_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(SettingsError, match="CORS_ORIGINS"):
        Settings.read({"CORS_ORIGINS": f"{PAGE},{origin}"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", f"{BASE_PATH}/health", 200), ("POST", URL, 401), ("GET", "/nothing", 401), ("POST", "/livez", 401)],
)
async def test_every_answer_keeps_browsers_from_doing_harm(shared: Client, method: str, path: str, status: int) -> None:
    answer = await shared.ask(method, path)
    assert answer.status == status
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "aiohttp" not in answer.headers["Server"]


@pytest.mark.parametrize("path", ["/api/docs", "/api/docs/start.js", "/api/docs/static/swagger-ui.css"])
async def test_the_documentation_may_load_its_own_files_and_nothing_else(client: Client, path: str) -> None:
    answer = await client.ask("GET", path)
    policy = answer.headers["Content-Security-Policy"]
    assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy.split("; "))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-cache"
