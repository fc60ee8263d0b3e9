"""The map of addresses."""

from typing import Final

from aiohttp import web

from app import health, queueing, scrape, tasks, webhooks
from app.body import with_body
from schemas.webhooks import CALL_STATUS_PATH, INCOMING_CALL_PATH

BASE_PATH: Final = "/api/v1/celery/twilio"
HEALTH_PATH: Final = f"{BASE_PATH}/health"
#: As aiohttp names it.
STATUS_ROUTE: Final = f"{BASE_PATH}/task-status/{{task_id}}"


def add_routes(app: web.Application) -> None:
    """Adds every documented route."""
    app.router.add_get(HEALTH_PATH, health.health, allow_head=False)
    app.router.add_post(f"{BASE_PATH}/queue-single-call", with_body(queueing.queue_single_call))
    app.router.add_post(f"{BASE_PATH}/queue-bulk-calls", with_body(queueing.queue_bulk_calls))
    app.router.add_post(f"{BASE_PATH}/schedule-call", with_body(queueing.schedule_call))
    app.router.add_get(f"{BASE_PATH}/task-status/{{task_id:[^/]+}}", tasks.task_status, allow_head=False)
    app.router.add_delete(f"{BASE_PATH}/cancel-task/{{task_id:[^/]+}}", tasks.cancel_task)
    app.router.add_delete(f"{BASE_PATH}/task/{{task_id:[^/]+}}", tasks.delete_task)
    app.router.add_get("/livez", health.livez, allow_head=False)
    app.router.add_get("/readyz", health.readyz, allow_head=False)
    app.router.add_post(INCOMING_CALL_PATH, webhooks.incoming_call)
    app.router.add_post(CALL_STATUS_PATH, webhooks.call_status)
    app.router.add_get("/metrics", scrape.metrics, allow_head=False)
