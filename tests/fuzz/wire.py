"""Raw bytes against a running server: whatever comes, the answer is documented, in shape, and no fault of ours."""

import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings

from app.documentation.about import ANYWHERE
from tests.fuzz.addresses import by_address
from tests.fuzz.malformed import SENT, Sent
from tests.fuzz.shape import fault_of

_ANYWHERE: Final = {kind.status for kind in ANYWHERE}
_ANSWER_SECONDS: Final = 5.0
#: How long a server may say nothing before it is taken to wait for the rest of a request that has none.
_QUIET_SECONDS: Final = 0.2
_BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer as it came over the wire."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """A server on which any bytes may be sent."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers = 0
        self._different: set[int] = set()
        self.faults: list[str] = []
        self._address = ("127.0.0.1", urlsplit(url).port or 0)
        self._operations: dict[str, Any] = by_address(requests.get(f"{url}/api/docs/openapi.json", timeout=10).json())

    @property
    def different(self) -> int:
        """How many different requests were sent."""
        return len(self._different)

    def fuzz(self, cases: int, number: int) -> None:
        """Sends so many requests, the same ones for the same number, and keeps what is wrong with the answers."""
        batch: list[Sent] = []

        @seed(number)
        @settings(
            max_examples=cases,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(SENT)
        def send(sent: Sent) -> None:
            batch.append(sent)
            if len(batch) == _BATCH:
                self._send(batch, pool)
                batch.clear()

        with ThreadPoolExecutor(_BATCH) as pool:
            send()
            self._send(batch, pool)

    def _send(self, batch: list[Sent], pool: ThreadPoolExecutor) -> None:
        self._different.update(hash(sent.data) for sent in batch)
        for sent, told in zip(batch, pool.map(self._exchange, batch), strict=True):
            self.answers += bool(told)
            self.faults += [
                f"{fault}: {answer.status} {answer.body[:300]!r} to {sent.data[:500]!r}"
                for answer in answers_in(told)
                if (fault := self._fault(sent, answer))
            ]
        assert requests.get(f"{self.url}/livez", timeout=_ANSWER_SECONDS).status_code == 200

    def _exchange(self, sent: Sent) -> bytes:
        """All that the server says to this until it closes the connection, or waits for more of the request."""
        told = b""
        with socket.create_connection(self._address, timeout=_ANSWER_SECONDS) as link:
            try:
                link.sendall(sent.data)
                link.settimeout(_QUIET_SECONDS)
                while part := link.recv(65536):
                    told += part
            except (ConnectionResetError, BrokenPipeError, TimeoutError):  # it may answer before it was sent all
                pass
        return told

    def _fault(self, sent: Sent, answer: Answer) -> str:
        if answer.status < 400:
            return ""
        described = self._operations.get(sent.path, {}).get(sent.method, {}).get("responses", {})
        if answer.status >= 500 or (answer.status not in _ANYWHERE and str(answer.status) not in described):
            return "not documented"
        if sent.data.startswith(b"HEAD "):
            return ""
        return fault_of(answer.status, answer.headers.get("content-type", ""), answer.body)


def answers_in(told: bytes) -> Iterator[Answer]:
    """The answers in what a connection brought; raises AssertionError if it is not HTTP."""
    while told:
        head, blank, told = told.partition(b"\r\n\r\n")
        assert blank, head
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(first.split(" ")[1])
        size = int(headers.get("content-length", 0 if status < 200 or status == 204 else len(told)))
        body, told = told[:size], told[size:]
        if status >= 200:
            yield Answer(status, headers, body)
