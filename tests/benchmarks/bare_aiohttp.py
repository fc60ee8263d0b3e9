"""
The limit: aiohttp with no more than the parsing and the answering. python -m tests.benchmarks.bare_aiohttp PORT

With a Redis URL behind the port it also holds a redis-py client and answers /ping from it: the least that any web
tier with a Redis would load.
"""

import sys

import uvloop
from aiohttp import web

TASK_ID = "6c1a1b9e-6f0c-4a5a-9f8d-1f2f3c4d5e6f"
MOMENT = "2026-11-23T17:20:09Z"


async def queue_single_call(request: web.Request) -> web.Response:
    body = await request.json()
    return web.json_response(
        {
            "success": True,
            "task_id": TASK_ID,
            "created_at": MOMENT,
            "message": f"Call to {body['to_number']} queued successfully",
            "estimated_completion": MOMENT,
        }
    )


async def task_status(request: web.Request) -> web.Response:
    return web.json_response(
        {
            "task_id": request.match_info["task_id"],
            "status": "PENDING",
            "progress": 0,
            "message": "Waiting for its turn",
            "result": None,
            "error": None,
            "created_at": MOMENT,
            "updated_at": MOMENT,
        }
    )


def main() -> None:
    app = web.Application()
    app.router.add_post("/queue-single-call", queue_single_call)
    app.router.add_get("/task-status/{task_id}", task_status)
    if len(sys.argv) > 2:
        from redis.asyncio import Redis  # noqa: PLC0415 - not part of the bare handler

        redis = Redis.from_url(sys.argv[2])

        async def ping(request: web.Request) -> web.Response:
            await redis.ping()
            return web.json_response({"status": "ok"})

        app.router.add_get("/ping", ping)
    uvloop.install()
    web.run_app(app, host="127.0.0.1", port=int(sys.argv[1]), access_log=None, print=None)


if __name__ == "__main__":
    main()
