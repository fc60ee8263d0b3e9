"""
A client's receiver that only counts: python -m tests.benchmarks.event_sink PORT

`GET /` answers how many events came, and how many of them were the last of their calls.
"""

import sys

import uvloop
from aiohttp import web


class Sink:
    """What came so far."""

    def __init__(self) -> None:
        self.events = 0
        self.ends = 0

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.events += 1
        self.ends += b"CallStatus=completed" in body
        return web.Response(status=204)

    async def told(self, _: web.Request) -> web.Response:
        return web.json_response({"events": self.events, "ends": self.ends})


def main() -> None:
    sink = Sink()
    application = web.Application()
    application.add_routes([web.post("/events", sink.take), web.get("/", sink.told)])
    uvloop.install()
    web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)


if __name__ == "__main__":
    main()
