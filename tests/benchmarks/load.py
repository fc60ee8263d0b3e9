"""
A load generator: python -m tests.benchmarks.load --port 8001 --method POST --path /x --body '{"to_number": "NUMBER"}'

Prints one line of JSON. Without --rate each connection asks again as soon as it was answered. With it, requests come
at even intervals whatever the answers do, and a latency counts from the instant at which its request was to leave.
NUMBER in the body becomes another number in each request, with --assigned one that Twilio takes.
"""

import argparse
import asyncio
import json
import sys
import time
from collections import deque
from itertools import count
from typing import Any, cast

import uvloop

WARM_UP_SECONDS = 0.5


class Load:
    """Requests over kept connections, and how long their answers took."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.numbers = count(time.time_ns() % 10**9)
        self.idle: deque[Connection] = deque()
        self.asking: set[Connection] = set()
        self.queue: deque[float] = deque()  #: instants of requests for which no connection was free
        self.began = time.perf_counter() + WARM_UP_SECONDS
        self.ends = self.began + options.seconds
        self.seconds: list[float] = []
        self.errors = 0

    def request(self) -> bytes:
        text: str = self.options.body
        number = next(self.numbers)
        to = f"+1202{200_000 + number % 700_000:06}9" if self.options.assigned else f"+1{number % 10**10:010}"
        body = text.replace("NUMBER", to).encode()
        head = f"{self.options.method} {self.options.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def answered(self, connection: "Connection", left: float, *, success: bool) -> None:
        now = time.perf_counter()
        if left >= self.began and now <= self.ends:
            self.seconds.append(now - left)
            self.errors += not success
        if not self.options.rate:
            connection.send(now)
        elif self.queue:
            connection.send(self.queue.popleft())
        else:
            self.idle.append(connection)

    async def run(self) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        for _ in range(self.options.connections):
            _, connection = await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.options.port)
            self.idle.append(connection)
        if self.options.rate:
            await self._come_at_even_intervals()
        else:
            for connection in self.idle:
                connection.send(time.perf_counter())
            await asyncio.sleep(self.ends - time.perf_counter())
        return self._figures()

    async def _come_at_even_intervals(self) -> None:
        due = time.perf_counter()
        while due < self.ends:
            while due <= time.perf_counter():
                if self.idle:
                    self.idle.popleft().send(due)
                else:
                    self.queue.append(due)
                due += 1 / self.options.rate
            await asyncio.sleep(max(0.001, due - time.perf_counter()))

    def _figures(self) -> dict[str, Any]:
        # What is still unanswered took until now at least: leaving it out would praise a server that hangs.
        waiting = [connection.left for connection in self.asking]
        late = [self.ends - left for left in (*waiting, *self.queue) if self.began <= left < self.ends]
        took = sorted([*self.seconds, *(late if self.options.rate else [])])
        return {
            "per_second": len(self.seconds) / self.options.seconds,
            "errors": self.errors,
            "p50_ms": took[len(took) // 2] * 1e3,
            "p99_ms": took[len(took) * 99 // 100] * 1e3,
        }


class Connection(asyncio.Protocol):
    """One connection with at most one request under way."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.received = b""
        self.left = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is no subclass of it

    def connection_lost(self, exc: Exception | None) -> None:
        if time.perf_counter() < self.load.ends:
            sys.exit("the server closed a connection")

    def send(self, left: float) -> None:
        self.left = left
        self.load.asking.add(self)
        self.transport.write(self.load.request())

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        place = lower.index(b"content-length:") + len(b"content-length:")
        if len(body) < int(lower[place:].partition(b"\r\n")[0]):
            return
        self.received = b""
        self.load.asking.discard(self)
        self.load.answered(self, self.left, success=head.startswith(b"HTTP/1.1 200"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--method", default="GET")
    parser.add_argument("--path", required=True)
    parser.add_argument("--body", default="")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rate", type=float, default=0, help="requests a second; 0: as many as are answered")
    parser.add_argument("--assigned", action="store_true")
    options = parser.parse_args()

    async def run() -> dict[str, Any]:
        return await Load(options).run()

    print(json.dumps(uvloop.run(run())))


if __name__ == "__main__":
    main()
