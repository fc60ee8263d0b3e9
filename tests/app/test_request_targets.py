"""What a request is for: a path, or a URL of HTTP's. Who is in front of us may read any other otherwise."""

import json

import pytest

from tests.app.wire import Listen
from tests.processes import BASE_PATH
from tests.scripts.conftest import Store

QUEUE = f"{BASE_PATH}/queue-single-call"
BODY = json.dumps({"to_number": "+12025550123"})


async def answered(listen: Listen, target: str) -> tuple[int, bytes]:
    """Status and body of a call that is queued at this target."""
    link = await (await listen())()
    head = f"POST {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
    link.writer.write(f"{head}Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n{BODY}".encode())
    head_bytes, _, body = (await link.reader.read()).partition(b"\r\n\r\n")
    return int(head_bytes.split()[1]), body


@pytest.mark.parametrize("scheme", ["munity", "ftp", "file", "httpx", "wss"])
async def test_a_target_with_a_scheme_that_is_not_https_queues_nothing(
    listen: Listen, store: Store, scheme: str
) -> None:
    status, body = await answered(listen, f"{scheme}://localhost{QUEUE}")

    assert status == 400
    assert json.loads(body)["code"] == "invalid_request"
    assert store.redis.keys("*task:*") == []


@pytest.mark.parametrize("target", [QUEUE, f"http://localhost{QUEUE}", f"HTTPS://localhost{QUEUE}"])
async def test_a_path_and_a_url_of_http_are_taken(listen: Listen, target: str) -> None:
    status, _ = await answered(listen, target)

    assert status == 200
