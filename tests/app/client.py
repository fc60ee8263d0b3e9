"""A client of the web tier that keeps what matters of each answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestClient
from marshmallow import RAISE, Schema
from yarl import URL

from tests.processes import BASE_PATH

#: Twilio's webhooks, and where the web tier is to be reached by Twilio in tests.
PUBLIC = "https://calls.example"
STATUS = "/api/v1/twilio/call-status"
ANSWER = "/api/v1/twilio/incoming-call"

QUEUE_ENDPOINTS = ("queue-single-call", "queue-bulk-calls", "schedule-call")


@dataclass(frozen=True)
class Answer:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    text: str
    body: Any  #: None if the answer is no JSON

    def loaded(self, schema: type[Schema]) -> dict[str, Any]:
        """The fields of a successful answer, which must be exactly the documented ones."""
        assert self.status == 200, self.text
        loaded: dict[str, Any] = schema(unknown=RAISE).load(self.body)
        return loaded


class Client:
    """Speaks to the web tier over HTTP."""

    def __init__(self, http: TestClient[web.Request, web.Application]) -> None:
        self.http = http

    async def ask(self, method: str, url: str, **options: Any) -> Answer:
        async with self.http.request(method, URL(url, encoded=True), **options) as answer:
            text = await answer.text()
            body = await answer.json() if answer.content_type == "application/json" else None
            return Answer(answer.status, answer.headers, text, body)

    async def post(self, endpoint: str, body: Any, **headers: str) -> Answer:
        return await self.ask("POST", f"{BASE_PATH}/{endpoint}", json=body, headers=headers)

    async def send(self, endpoint: str, data: bytes, content_type: str = "application/json") -> Answer:
        """A body as it is."""
        headers = {"Content-Type": content_type}
        return await self.ask("POST", f"{BASE_PATH}/{endpoint}", data=data, headers=headers)

    async def queue(self, endpoint: str, body: Any, **headers: str) -> str:
        """Queues a task that must be accepted; its id."""
        answer = await self.post(endpoint, body, **headers)
        assert answer.status == 200, answer.text
        return str(answer.body["task_id"])

    async def status(self, task_id: str) -> Answer:
        return await self.ask("GET", f"{BASE_PATH}/task-status/{task_id}")

    async def cancel(self, task_id: str) -> Answer:
        return await self.ask("DELETE", f"{BASE_PATH}/cancel-task/{task_id}")

    async def delete(self, task_id: str) -> Answer:
        return await self.ask("DELETE", f"{BASE_PATH}/tasks/{task_id}")

    async def health(self) -> Answer:
        return await self.ask("GET", f"{BASE_PATH}/health")
