"""Every error has a code that says to programs what its sentence says to people."""

from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from app import errors
from app.application import create_app
from app.documentation.openapi import document
from app.errors import ApiError
from app.settings import Settings
from schemas.bodies.problems import ErrorCode
from tests.app.client import Client
from tests.app.conftest import Start
from tests.app.refusal import CODES, refused
from tests.app.wire import LIVEZ, Listen, is_refusal

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ApiError)]
KINDS.remove(ApiError)


def documented() -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Each answer of an operation that is an error: the operation's name, its status, its JSON."""
    described = document(create_app(Settings.read({})))
    for methods in described["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status >= "400" and "health" not in operation["operationId"]:
                    yield operation["operationId"], int(status), answer["content"]["application/json"]


def test_each_error_has_the_code_of_its_status_and_each_code_an_error() -> None:
    assert {(kind.status, str(kind.code)) for kind in KINDS} == {
        (status, code) for status, codes in CODES.items() for code in codes
    }
    assert {kind.code for kind in KINDS} == set(ErrorCode)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
async def test_each_error_reaches_the_client_with_its_code(start: Start, kind: type[ApiError]) -> None:
    async def fail(request: web.Request) -> web.Response:
        raise kind

    client = await start(web.get("/fail", fail))
    answer = await client.ask("GET", "/fail")
    assert refused(answer, kind.status)["code"] == kind.code
    assert set(kind().headers) <= set(answer.headers)


@pytest.mark.parametrize(
    "kind",
    [
        web.HTTPBadRequest,
        web.HTTPForbidden,
        web.HTTPNotAcceptable,
        web.HTTPRequestTimeout,
        web.HTTPPreconditionFailed,
        web.HTTPUnprocessableEntity,
        web.HTTPTooManyRequests,
        web.HTTPInternalServerError,
        web.HTTPNotImplemented,
        web.HTTPServiceUnavailable,
    ],
)
async def test_what_the_framework_refuses_has_a_code_too(start: Start, kind: type[web.HTTPException]) -> None:
    async def fail(request: web.Request) -> web.Response:
        raise kind(text="<html>swordfish</html>")

    answer = await (await start(web.get("/fail", fail))).ask("GET", "/fail")
    assert "swordfish" not in refused(answer, answer.status)["detail"]
    assert answer.status // 100 == kind.status_code // 100


@pytest.mark.parametrize(("name", "status", "told"), list(documented()), ids=lambda value: str(value)[:30])
def test_each_documented_error_tells_the_codes_of_its_status(name: str, status: int, told: dict[str, Any]) -> None:
    assert told["schema"]["$ref"].endswith("InvalidRequestProblem" if status == 400 else "Problem")
    assert told["examples"]
    for example in told["examples"].values():
        assert example["value"]["code"] in CODES[status]


def test_the_documents_error_is_a_sentence_and_a_code() -> None:
    problem = document(create_app(Settings.read({})))["components"]["schemas"]["Problem"]
    assert set(problem["required"]) == {"detail", "code"}
    assert set(problem["properties"]["code"]["enum"]) == set(ErrorCode)


@pytest.mark.parametrize("headers", [{"Range": "bytes=99999999-"}, {"If-Match": '"x"'}, {"If-Unmodified-Since": "x"}])
async def test_a_page_has_no_error_of_its_own(client: Client, headers: dict[str, str]) -> None:
    answer = await client.ask("GET", "/api/docs/static/swagger-ui.css", headers=headers)
    assert answer.status == 200


async def test_a_file_of_the_page_that_the_browser_has_is_not_sent_again(client: Client) -> None:
    first = await client.ask("GET", "/api/docs/static/swagger-ui.css")
    for tag, status in ((first.headers["ETag"], 304), ("*", 304), ('"other"', 200)):
        again = await client.ask("GET", "/api/docs/static/swagger-ui.css", headers={"If-None-Match": tag})
        assert (again.status, len(again.text) > 0) == (status, status == 200)


async def test_what_is_no_http_has_errors_like_every_400(listen: Listen) -> None:
    link = await (await listen())()
    await link.send(LIVEZ.replace(b"HTTP/1.1", b"HTTP/7.1"))
    reply = await link.reply()
    assert is_refusal(reply, 400)
    assert reply.body["errors"] == {"request": [reply.body["detail"]]}
